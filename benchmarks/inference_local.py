"""Hearth's side of the engine's benchmark: the local back end as the hub has it, this process being the hub."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from benchmarks.cpu_clock import cpu_seconds
from benchmarks.inference_sides import Ask
from hub.core.inference import CompletionRequest, Constraint, Piece, Usage
from hub.inference.backend import LocalBackend
from hub.inference.settings import EngineSettings

PATIENCE = 3600.0


class Local:
    """A running back end: one side of a comparison."""

    name = "Hearth"

    def __init__(self, backend: LocalBackend) -> None:
        self.backend = backend

    def cpu(self) -> float:
        """Return the seconds of processor time that the worker and this process have used so far."""
        return time.process_time() + cpu_seconds(self.worker)

    @property
    def worker(self) -> int:
        """The worker's process id."""
        return int(self.backend.status()["worker"])

    @property
    def choices(self) -> str:
        """How the worker runs the model, without the reasons."""
        report = self.backend.status()["report"]
        return ", ".join(f"{name} {found[0]}" for name, found in report.items())

    async def answer(self, ask: Ask, tokens: int, began: Callable[[], None]) -> int:
        """Answer a prompt; return how many tokens were written."""
        return (await self.usage(ask, tokens, began)).output_tokens

    async def usage(
        self, ask: Ask, tokens: int, began: Callable[[], None] = lambda: None, constraint: Constraint | None = None
    ) -> Usage:
        """Answer a prompt; return what it took."""
        found = Usage()
        async for delta in self.backend.generate(request(ask, tokens, constraint)):
            began()
            found = delta.usage or found
        return found

    async def free(self) -> None:
        """Wait until the worker has nothing to do."""
        while self.backend.status()["in_flight"]:  # noqa: ASYNC110 - what is waited for is no event, and is timed
            await asyncio.sleep(0.0005)


def request(ask: Ask, tokens: int, constraint: Constraint | None = None) -> CompletionRequest:
    """Return the request for a prompt, its first part told as shared."""
    return CompletionRequest(
        prompt=(Piece(text=ask.shared), Piece(text=ask.own)),
        shared=1,
        constraint=constraint,
        max_tokens=tokens,
        timeout=PATIENCE,
    )


@contextlib.asynccontextmanager
async def local(model: Path, settings: EngineSettings) -> AsyncIterator[Local]:
    """Run a back end with a worker that has loaded the model."""
    backend = LocalBackend(model, settings)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(backend.run(), name="backend")
        try:
            await backend.loaded()
            yield Local(backend)
        finally:
            running.cancel()
