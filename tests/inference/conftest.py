"""Back ends at work: the real worker process with the real model, and a stand-in that dies and hangs on demand."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.core.clock import Clock
from hub.inference import EngineSettings, LocalBackend
from tests.inference.stand_in import COMMAND

NATIVE = ("llama_cpp", "llguidance", "numpy")


@pytest.fixture(scope="module")
def native() -> None:
    """Skip where there is nothing that can run a model."""
    missing = [name for name in NATIVE if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed, so there is no local model to test")


@asynccontextmanager
async def running(backend: LocalBackend) -> AsyncIterator[LocalBackend]:
    """Run a back end for the time of the block."""
    task = asyncio.create_task(backend.run(), name="inference")
    try:
        yield backend
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(backend: LocalBackend, condition: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the status is as wanted."""
    async with asyncio.timeout(30):
        while not condition(dict(backend.status())):  # noqa: ASYNC110 - a status is asked for, it is no event
            await asyncio.sleep(0.005)


@pytest.fixture
async def backend(native: None) -> AsyncIterator[LocalBackend]:
    """The model that comes with Hearth."""
    async with running(LocalBackend()) as backend:
        yield backend


def model_file(folder: Path, name: str = "model") -> Path:
    """Return a file that the stand-in takes for a model."""
    path = folder / f"{name}.gguf"
    path.write_bytes(b"GGUF")
    return path


def stand_in(path: Path, *, clock: Clock | None = None, **settings: Any) -> LocalBackend:
    """Return a back end over the stand-in."""
    return LocalBackend(path, EngineSettings(**settings), clock=clock, command=COMMAND)
