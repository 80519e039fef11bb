"""What every integration must do, done with a real Home Assistant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from hearth_home_assistant.testing import HomeAssistant
from hub.testing.adapters import AdapterContract, Peer, Trial
from integrations.home_assistant.tests.conftest import talking_to

LAMP = "light.bed_light"


class TestContract(AdapterContract):
    integration = "home_assistant"
    seconds = 40.0

    @pytest.fixture
    async def peer(self, demo: HomeAssistant) -> AsyncIterator[Peer]:
        async with talking_to(demo) as there:
            lamp = await there.ask("config/entity_registry/get", entity_id=LAMP)
        self.trials = (
            Trial(action="light.turn_on", unique_id=lamp["id"], state="on", data={"brightness": 5}),
            Trial(action="light.turn_off", unique_id=lamp["id"], state="off"),
        )
        yield Peer(
            data={"url": demo.url, "token": demo.token, "include": ["light.*"], "patience": 0},
            stop=lambda: asyncio.to_thread(demo.stop),
            start=lambda: asyncio.to_thread(demo.start),
            form={"url": demo.url, "token": demo.token},
        )
        if not demo.is_running:
            await asyncio.to_thread(demo.start)
