"""A whole hub, and clients that speak to it as Home Assistant's do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from hub.testing import RunningHub, running_hub


class Client:
    """A WebSocket client that keeps the order of ids and sorts answers from events."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self._id = 0
        self._backlog: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        """Return the next message, whether it came alone or in an array."""
        if not self._backlog:
            data = orjson.loads((await self.socket.receive_str(timeout=15)).encode())
            self._backlog = data if isinstance(data, list) else [data]
        return self._backlog.pop(0)

    async def ask(self, type_: str, **fields: Any) -> dict[str, Any]:
        """Send a command and return its whole answer; events before it are kept in ``events``."""
        self._id += 1
        await self.socket.send_str(orjson.dumps({"id": self._id, "type": type_, **fields}).decode())
        while True:
            message = await self.receive()
            if message.get("id") == self._id and message["type"] in ("result", "pong"):
                return message
            self.events.append(message)

    async def result(self, type_: str, **fields: Any) -> Any:
        """Send a command that must succeed and return its result."""
        answer = await self.ask(type_, **fields)
        assert answer["success"], answer
        return answer["result"]

    async def event(self) -> dict[str, Any]:
        """Return the next event."""
        return self.events.pop(0) if self.events else await self.receive()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    """One hub for the tests of a module: each test uses entities of its own."""
    async with running_hub(tmp_path_factory.mktemp("home") / "config") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def http(home: RunningHub) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(home.url, timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session
    await asyncio.sleep(0)


@pytest_asyncio.fixture(loop_scope="module")
async def client(home: RunningHub, http: aiohttp.ClientSession) -> AsyncIterator[Client]:
    async with http.ws_connect("/api/websocket") as socket:
        yield await login(socket, home.token)


async def login(socket: aiohttp.ClientWebSocketResponse, token: str) -> Client:
    """Go through the handshake."""
    assert (await socket.receive_json())["type"] == "auth_required"
    await socket.send_json({"type": "auth", "access_token": token})
    assert (await socket.receive_json())["type"] == "auth_ok"
    return Client(socket)
