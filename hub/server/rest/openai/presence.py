"""Whether a client is still there: an answer that nobody waits for ends, and the model is free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

INTERVAL = 0.1
"""Seconds between two looks; aiohttp tells nobody but whoever writes."""


OPEN = web.AppKey("open answers", set[Callable[[], None]])
"""What ends the answers under way; a hub that stops does not wait for them."""


class Gone(Exception):
    """The client is not there any more, or may not be."""


@asynccontextmanager
async def while_there(
    request: web.Request, on_end: Callable[[Callable[[], None]], Callable[[], None]]
) -> AsyncIterator[None]:
    """Cancel the block when the client's connection ends, or what ``on_end`` tells of: its token was revoked.

    Raises Gone then.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as patience:
            watch = _Watch(request, lambda: patience.reschedule(loop.time()))
            close, unlisten = watch.close, on_end(watch.close)
            request.app[OPEN].add(close)
            try:
                watch.look()
                yield
            finally:
                request.app[OPEN].discard(close)
                watch.stop()
                unlisten()
    except (TimeoutError, ConnectionError) as error:
        raise Gone from error


async def close_answers(app: web.Application) -> None:
    """End every answer under way."""
    for close in [*app[OPEN]]:
        close()


class _Watch:
    def __init__(self, request: web.Request, gone: Callable[[], None]) -> None:
        self._request = request
        self._gone = gone
        self._next: asyncio.TimerHandle | None = None

    def look(self) -> None:
        transport = self._request.transport
        if transport is None or transport.is_closing():
            self._gone()
            return
        self._next = asyncio.get_running_loop().call_later(INTERVAL, self.look)

    def close(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()
        self._gone()

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()
