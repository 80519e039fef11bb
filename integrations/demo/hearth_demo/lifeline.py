"""The tie to the parent: a device process ends when the pipe on its standard input is closed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Coroutine
from typing import Any

_ENDS = (signal.SIGINT, signal.SIGTERM)
_GOODBYE_SECONDS = 1.5


async def live(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` until it ends, the parent goes, or a signal asks for the end; then cancel it and give it time for goodbye."""
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _ENDS:
        loop.add_signal_handler(number, end.set)
    async with _watching(end):
        working = loop.create_task(work, name="work")
        ending = loop.create_task(end.wait(), name="parent")
        await asyncio.wait([working, ending], return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        ending.cancel()
        await asyncio.wait([working], timeout=_GOODBYE_SECONDS)
    # Python 3.11's wait_for may swallow a cancellation: then asyncio.run cancels every task that is left once more.
    if working.done() and not working.cancelled():
        working.result()


class _Pipe(asyncio.Protocol):
    def __init__(self, end: asyncio.Event) -> None:
        self._end = end

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.set()


@contextlib.asynccontextmanager
async def _watching(end: asyncio.Event) -> AsyncIterator[None]:
    """A terminal or a file says nothing of a parent: it is not watched."""
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        yield
        return
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: _Pipe(end), sys.stdin)
    try:
        yield
    finally:
        transport.close()
