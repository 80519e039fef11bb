"""What becomes of the connections when a server falls silent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hearth_opcua import session
from hearth_opcua.config import Settings
from hearth_opcua.session import Session
from tests.node_program import NodeProgram

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATIENCE = 20.0


class Relay:
    """Stands between the adapter and the server; once ``silent``, what the server answers goes nowhere.

    ``open`` are the adapter's connections; ``asked`` tells that something came while silent.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = 0
        self.silent = False
        self.silent_from = 100
        self.open = 0
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self._count = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        self.open += 1
        self.silent |= self._count >= self.silent_from
        back, forth = await asyncio.open_connection("127.0.0.1", self.port)
        answers = asyncio.create_task(self._pass(back, writer))
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.silent:
                    self.asked.set()
                forth.write(data)
        self.open -= 1
        self.left.set()
        answers.cancel()
        forth.close()
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if not self.silent:
                writer.write(data)

    async def alone(self) -> None:
        """Wait until the adapter has hung up everywhere."""
        while self.open:
            self.left.clear()
            await self.left.wait()


@pytest_asyncio.fixture(loop_scope="module")
async def relay(server: NodeProgram, port: int) -> AsyncIterator[Relay]:
    made = Relay(port)
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0) as listening:
        made.address = listening.sockets[0].getsockname()[1]
        yield made


def session_over(relay: Relay) -> Session:
    return Session(Settings(url=f"opc.tcp://127.0.0.1:{relay.address}"), None, None)


@pytest.mark.parametrize("silent_from", [1, 2], ids=["while it looks for a way in", "while it logs in"])
async def test_who_stops_connecting_hangs_up(relay: Relay, silent_from: int) -> None:
    relay.silent_from = silent_from
    opening = asyncio.create_task(session_over(relay).__aenter__())
    async with asyncio.timeout(PATIENCE):
        await relay.asked.wait()
        opening.cancel()
        await asyncio.wait([opening])
        assert opening.cancelled()
        await relay.alone()


async def test_a_server_that_does_not_say_goodbye_is_left(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_GOODBYE", 0.1)
    async with asyncio.timeout(PATIENCE):
        async with session_over(relay):
            relay.silent = True
        await relay.alone()
