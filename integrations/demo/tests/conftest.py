from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

PATIENCE = 20.0
ANYONE = "listener {port} 127.0.0.1\nallow_anonymous true\n"


class Messages:
    """What a foreign MQTT client hears, by topic, and a way to wait for it."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.last: dict[str, str] = {}
        self.heard: list[tuple[str, str]] = []
        self._changed = asyncio.Event()

    async def listen(self) -> None:
        async for message in self.client.messages:
            payload = str(message.payload, "utf-8", "replace")
            self.last[str(message.topic)] = payload
            self.heard.append((str(message.topic), payload))
            self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def broker(peer: Any, tmp_path: Path) -> AsyncIterator[int]:
    """A real mosquitto; its port."""
    program = peer("mosquitto", "apt-get install mosquitto")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    config = tmp_path / "mosquitto.conf"
    config.write_text(ANYONE.format(port=port))
    process = await asyncio.create_subprocess_exec(program, "-c", config, stderr=asyncio.subprocess.DEVNULL)
    try:
        await _reachable(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def messages(broker: int) -> AsyncIterator[Messages]:
    """A client that hears everything."""
    async with aiomqtt.Client("127.0.0.1", broker) as client:
        messages = Messages(client)
        await client.subscribe("#", qos=1)
        listening = asyncio.create_task(messages.listen(), name="messages")
        yield messages
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


Program = Callable[..., AbstractAsyncContextManager[asyncio.subprocess.Process]]


@asynccontextmanager
async def _program(module: str, *arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    assert process.stdin is not None
    try:
        yield process
    finally:
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            await process.communicate()


@pytest.fixture
def program() -> Program:
    """Run one of the demo's programs: ``async with program("hearth_demo.home", "--port", "1883") as process``."""
    return _program


async def _reachable(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
