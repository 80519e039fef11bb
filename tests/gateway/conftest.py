from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from hub.gateway import Arrival, Gateway


@dataclass(kw_only=True)
class Served:
    """A gateway with a real HTTP server behind it, and what it noted of its connections."""

    gateway: Gateway
    arrivals: asyncio.Queue[Arrival] = field(default_factory=asyncio.Queue)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway.port}/"

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.gateway.port)


Serving = Callable[..., AbstractAsyncContextManager[Served]]


async def _answer(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Upgrade") != "websocket":
        return web.Response(text=f"hello {await request.text()}".strip())
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        await socket.send_str(f"echo {message.data}")
    return socket


@asynccontextmanager
async def _serving(host: str = "localhost", **options: Any) -> AsyncIterator[Served]:
    arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
    gateway = Gateway(on_connection=arrivals.put_nowait, **options)
    app = web.Application()
    app.router.add_route("*", "/", _answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    assert runner.server is not None
    gateway.serve("http", runner.server)
    async with gateway.listening(host, 0):
        yield Served(gateway=gateway, arrivals=arrivals)
        await runner.cleanup()


@pytest.fixture
def serving() -> Serving:
    """Start a gateway with HTTP behind it: ``async with serving(patience=0.1) as served``."""
    return _serving
