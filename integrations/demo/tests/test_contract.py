"""What every integration must do, with the speaker in a process of its own at the other end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from hub.testing import AdapterContract, Peer, Trial
from integrations.demo.tests.conftest import Program

LAMP = "hearth-demo-speaker-lamp"


class Speaker:
    """The speaker's program, which can be ended and begun again at the same port."""

    def __init__(self, program: Program) -> None:
        self.port = 0
        self._program = program
        self._running = AsyncExitStack()

    async def start(self) -> None:
        arguments = ("--seed", "1", "--port", str(self.port))
        process = await self._running.enter_async_context(self._program("hearth_demo.speaker", *arguments))
        assert process.stdout is not None
        self.port = int((await process.stdout.readline()).decode().rpartition(":")[2])

    async def stop(self) -> None:
        await self._running.aclose()


class TestContract(AdapterContract):
    integration = "demo"
    trials = (
        Trial(action="light.turn_on", unique_id=LAMP, state="on", data={"brightness": 100}),
        Trial(action="light.turn_off", unique_id=LAMP, state="off"),
    )

    @pytest.fixture
    async def peer(self, program: Program) -> AsyncIterator[Peer]:
        speaker = Speaker(program)
        await speaker.start()
        yield Peer(data={"host": "127.0.0.1", "port": speaker.port}, stop=speaker.stop, start=speaker.start)
        await speaker.stop()
