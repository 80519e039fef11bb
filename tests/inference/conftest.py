"""The real worker process with the real model."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub.inference import LocalBackend

NATIVE = ("llama_cpp", "llguidance", "numpy")


@pytest.fixture(autouse=True)
def _native_parts() -> None:
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
async def backend() -> AsyncIterator[LocalBackend]:
    """The model that comes with Hearth."""
    async with running(LocalBackend(queue=2)) as backend:
        yield backend
