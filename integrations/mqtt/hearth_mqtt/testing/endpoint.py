"""The endpoint on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hearth_mqtt.bus import Received
from hearth_mqtt.endpoint import Endpoint, Limits
from hearth_mqtt.testing.mosquitto import PATIENCE
from hub.testing import RecordingHost


@dataclass
class Served:
    """An endpoint that listens on a port of its own."""

    endpoint: Endpoint
    host: RecordingHost
    port: int


class Inbox:
    """Collects messages of a message bus, and waits for them."""

    def __init__(self) -> None:
        self.messages: list[Received] = []
        self._arrived = asyncio.Event()

    def __call__(self, message: Received) -> None:
        self.messages.append(message)
        self._arrived.set()

    async def wait(self, count: int) -> list[Received]:
        """Return all messages once there are ``count``."""
        await self._until(lambda: len(self.messages) >= count)
        return self.messages

    async def until(self, payload: bytes) -> None:
        """Wait for a message with this payload."""
        await self._until(lambda: any(each.payload == payload for each in self.messages))

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()


@asynccontextmanager
async def serve(host: RecordingHost, limits: Limits | None = None, *, anonymous: bool = False) -> AsyncIterator[Served]:
    async with Endpoint(host, users={"device": "secret"}, anonymous=anonymous, limits=limits) as endpoint:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(host.served["mqtt"], "127.0.0.1", 0)
        try:
            yield Served(endpoint, host, server.sockets[0].getsockname()[1])
        finally:
            server.close()
