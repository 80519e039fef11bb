"""The demo home at a whole hub: what a new user sees after ``hearth run --demo``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hearth_demo.layout import layout
from hub.testing import RunningHub, running_hub
from integrations.demo.tests.conftest import Program


@pytest.fixture
async def home(tmp_path: Path, program: Program, request: pytest.FixtureRequest) -> AsyncIterator[RunningHub]:
    """A hub with the demo home beside it, in which time goes as fast as the test's parameter says."""
    async with running_hub(tmp_path) as hub:
        arguments = ("--port", str(hub.hub.port), "--seed", "1", "--clock-scale", str(getattr(request, "param", 1)))
        async with program("hearth_demo", *arguments, HEARTH_TOKEN=hub.token):
            yield hub


async def ask(hub: RunningHub, method: str, path: str, document: Any = None) -> Any:
    async with (
        aiohttp.ClientSession(headers=hub.headers) as session,
        session.request(method, f"{hub.url}/api/{path}", json=document) as response,
    ):
        assert response.status == 200, await response.text()
        return await response.json()


def state_of(home: RunningHub, entity_id: str) -> str | None:
    state = home.hub.states.get(entity_id)
    return state.state if state else None


async def test_the_home_appears_by_area_and_floor_and_a_light_can_be_switched(home: RunningHub) -> None:
    hub = home.hub
    await home.until(lambda: len(hub.states.all()) >= 40)
    assert [(floor.name, floor.level) for floor in hub.registries.floors] == [("Ground floor", 0), ("Upstairs", 1)]
    names = {area.name for floor in layout() for area in floor.areas}
    assert {area.name for area in hub.registries.areas} == names
    upstairs = ("light.bedside_lamp", "light.desk_lamp", "light.kids_room_light")
    await home.until(lambda: {state_of(home, entity_id) for entity_id in upstairs} == {"on"})
    await ask(home, "POST", "services/light/turn_off", {"floor_id": "upstairs"})
    await home.until(lambda: {state_of(home, entity_id) for entity_id in upstairs} == {"off"})
    assert state_of(home, "light.kitchen_light") == "on"


async def test_the_speaker_is_found_and_added_in_a_dialog(home: RunningHub) -> None:
    hub = home.hub
    own = f"hearth-demo-speaker-{hub.port}"

    def offers() -> list[dict[str, Any]]:
        return [flow for flow in hub.flows.progress() if flow["context"]["unique_id"] == own]

    await home.until(offers)
    [found] = offers()
    assert (found["handler"], found["context"]["title_placeholders"]["name"]) == ("demo", "Hearth demo speaker")
    step = await ask(home, "POST", f"config/config_entries/flow/{found['flow_id']}", {})
    assert step["type"] == "create_entry"
    await home.until(lambda: state_of(home, "media_player.hearth_demo_speaker") == "idle")
    await ask(home, "POST", "services/media_player/media_play", {"entity_id": "media_player.hearth_demo_speaker"})
    assert state_of(home, "media_player.hearth_demo_speaker") == "playing"
    assert offers() == []


async def test_the_shipped_automations_are_set_up(home: RunningHub) -> None:
    expected = {"demo_bedtime", "demo_doorbell", "demo_hallway_light", "demo_wall_panel"}
    states = home.hub.states
    await home.until(
        lambda: expected <= {state.attributes.get("id") for state in states.all() if state.domain == "automation"}
    )


async def test_a_sentence_on_the_wall_panel_is_carried_out_by_the_agent(home: RunningHub) -> None:
    await home.until(
        lambda: state_of(home, "light.bedside_lamp") == "on" and state_of(home, "text.wall_panel") == "Hello"
    )
    await home.until(lambda: state_of(home, "automation.do_what_the_wall_panel_says") == "on")
    sentence = {"entity_id": "text.wall_panel", "value": "turn off the bedside lamp"}
    await ask(home, "POST", "services/text/set_value", sentence)
    await home.until(lambda: state_of(home, "light.bedside_lamp") == "off")


@pytest.mark.parametrize("home", [20], indirect=True)
async def test_motion_in_the_hallway_turns_its_light_on(home: RunningHub) -> None:
    await home.until(lambda: state_of(home, "automation.hallway_light_on_motion") == "on")
    await home.until(lambda: state_of(home, "light.hallway_light") == "on", seconds=60)
