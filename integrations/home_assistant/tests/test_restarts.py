"""What happens here while Home Assistant is away, and when it is back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hearth_home_assistant.testing import DEMO, HomeAssistant, home_assistant
from hub import UNAVAILABLE, ConnectionLost
from hub.testing import RunningHub
from integrations.home_assistant.tests.conftest import Bridged, act, ask, health_of, is_connected, state_of, talking_to

STEADY = ("light.ceiling_lights", "cover.kitchen_window", "climate.ecobee", "lock.front_door")


@pytest.fixture
def peer(python: Path, tmp_path: Path) -> Iterator[HomeAssistant]:
    """One that the test may stop and start."""
    with home_assistant(tmp_path / "home_assistant", DEMO, python=python) as peer:
        yield peer


def changes_of(running: RunningHub, entity_ids: tuple[str, ...]) -> list[Any]:
    """Return a list that fills with the changes of these entities."""
    changes: list[Any] = []
    for entity_id in entity_ids:
        running.hub.bus.listen_entity(entity_id, changes.append)
    return changes


async def test_a_restart_changes_only_what_differs(peer: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(peer) as running:
        await act(running, "light.turn_on", entity_id="light.bed_light")
        changes = changes_of(running, STEADY)
        await asyncio.to_thread(peer.stop)
        await running.until(lambda: not is_connected(running))
        assert state_of(running, "light.ceiling_lights") == "on"
        await asyncio.to_thread(peer.start)
        await running.until(lambda: state_of(running, "light.bed_light") == "off", 30)
        await running.until(lambda: is_connected(running), 30)
        assert {change.type for change in changes} <= {"state_reported"}
        await act(running, "light.turn_on", entity_id="light.bed_light")
        assert peer.ask("states/light.bed_light")["state"] == "on"


async def test_an_action_fails_at_once_while_it_is_away(peer: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(peer) as running:
        await asyncio.to_thread(peer.kill)
        await running.until(lambda: not is_connected(running))
        status, answer = await ask(running, "POST", "services/light/turn_on", {"entity_id": "light.bed_light"})
        assert status != 200
        assert "cannot be reached" in str(answer)


async def test_without_patience_all_is_unavailable_until_it_is_back(peer: HomeAssistant, bridged: Bridged) -> None:
    async with bridged(peer, patience=0) as running:
        await asyncio.to_thread(peer.kill)
        await running.until(lambda: all(state_of(running, entity_id) == UNAVAILABLE for entity_id in STEADY))
        await asyncio.to_thread(peer.start)
        await running.until(lambda: state_of(running, "light.ceiling_lights") == "on", 60)
        assert UNAVAILABLE not in {state_of(running, entity_id) for entity_id in STEADY}


async def test_what_is_unavailable_there_is_unavailable_here(peer: HomeAssistant, bridged: Bridged) -> None:
    async with talking_to(peer) as there, bridged(peer) as running:
        [entry] = [row for row in await there.ask("config_entries/get") if row["domain"] == "demo"]
        await there.ask("config_entries/disable", entry_id=entry["entry_id"], disabled_by="user")
        await running.until(lambda: running.hub.registries.entities.get("sensor.outside_humidity") is None)
        await there.ask("config_entries/disable", entry_id=entry["entry_id"], disabled_by=None)
        await running.until(lambda: state_of(running, "sensor.outside_humidity") == "54")
        peer.ask(f"config/config_entries/entry/{entry['entry_id']}/reload", {})


async def test_a_token_that_was_taken_away_is_told_at_once(peer: HomeAssistant, bridged: Bridged) -> None:
    async with talking_to(peer) as there, bridged(peer) as running:
        [mine] = [row["id"] for row in await there.ask("auth/refresh_tokens") if row["client_name"] == "Hearth"]
        with contextlib.suppress(ConnectionLost):  # it may end this connection before it answers
            await there.ask("auth/delete_refresh_token", refresh_token_id=mine)
        await running.until(lambda: "does not accept the token" in str(health_of(running)[1]))
        await running.until(lambda: state_of(running, "light.ceiling_lights") == UNAVAILABLE)
