"""A back end for programs without an event loop: it runs in one of its own, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Coroutine, Generator
from typing import Any, TypeVar

from hub.errors import ModelUnavailable
from hub.inference.backend import LocalBackend

Value = TypeVar("Value")


class Background:
    """Runs ``backend`` in a thread until ``close``; its methods wait for what the loop does."""

    def __init__(self, backend: LocalBackend) -> None:
        self.backend = backend
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="inference", daemon=True)
        self._thread.start()
        self._started.wait()

    def call(self, work: Coroutine[Any, Any, Value]) -> Value:
        """Return what ``work`` returns; an interrupt cancels it.

        Raises ModelUnavailable after ``close``.
        """
        if self._loop is None or not self._thread.is_alive():
            work.close()
            raise ModelUnavailable("Expected a model that is loaded, it was closed")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def iterate(self, parts: AsyncGenerator[Value]) -> Generator[Value]:
        """Yield what ``parts`` yields; closing the iterator closes it."""

        async def following() -> Value | None:
            return await anext(parts, None)

        try:
            while (part := self.call(following())) is not None:
                yield part
        finally:
            self.call(parts.aclose())

    def close(self) -> None:
        """End the back end and the thread."""
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        running = asyncio.create_task(self.backend.run(), name="inference")
        self._loop.call_soon(self._started.set)
        await self._stop.wait()
        running.cancel()
        await asyncio.wait({running})
