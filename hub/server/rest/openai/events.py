"""Server-sent events: an answer while it is written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import web

from hub.errors import HubError
from hub.server.rest.openai.desk import Visit
from hub.server.rest.openai.failures import problem

STALLED = 60.0
"""Seconds after which a client that reads nothing is given up."""
_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


class Events:
    """A stream that begins with its first event: what fails before that is answered with a status of its own."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._sending = asyncio.Lock()
        self.response: web.StreamResponse | None = None

    async def send(self, data: Mapping[str, Any]) -> None:
        """Send an event, as soon as the client has read most of those before it.

        Raises ConnectionError or TimeoutError if it is not there, or does not read.
        """
        await self._write(b"data: " + orjson.dumps(data) + b"\n\n")

    async def end(self) -> None:
        """Say that this was all."""
        await self._write(b"data: [DONE]\n\n")

    async def _write(self, event: bytes) -> None:
        async with self._sending, asyncio.timeout(STALLED):
            if self.response is None:
                self.response = web.StreamResponse(headers=_HEADERS)
                await self.response.prepare(self._request)
            await self.response.write(event)


@asynccontextmanager
async def events(request: web.Request, visit: Visit) -> AsyncIterator[Events]:
    """Stream events in the block. What fails once the stream began is its last event; anything unforeseen cuts it off."""
    stream = Events(request)
    try:
        yield stream
    except HubError as error:
        if stream.response is None:
            raise
        visit.failure = error.key
        await stream.send(problem(error))
    except BaseException:
        if stream.response is not None and request.transport is not None:
            request.transport.abort()
        raise
