from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hub.agent.calls import TOOLS as NAMES
from hub.agent.calls import Call
from hub.agent.colors import color_data
from hub.agent.tools import TIMER_TOOLS, TOOLS, Impossible, Step, steps
from hub.core.context import Context
from hub.core.state import State
from hub.entities import DOMAINS, action_table
from tests.agent.homes import HOME

TABLE = action_table()
HEATING = {"volume_level": 0.4, "temperature": 20.5, "min_temp": 7, "max_temp": 30, "hvac_modes": ["heat", "off"]}


def made(call: Call, entity_id: str, attributes: Mapping[str, Any] | None = None) -> Step:
    thing = HOME.thing(entity_id)
    assert thing is not None
    state = State(entity_id, "on", attributes or {}, 0.0, 0.0, Context("test"))
    (step,) = steps(TOOLS[call.tool], call, [thing], lambda _: state)
    return step


ACTIONS: list[tuple[Call, str, str, Mapping[str, Any]]] = [
    (Call(tool="on"), "light.sofa", "light.turn_on", {}),
    (Call(tool="off"), "switch.kettle", "switch.turn_off", {}),
    (Call(tool="toggle"), "media_player.tv", "media_player.toggle", {}),
    (Call(tool="brightness", value=40), "light.sofa", "light.turn_on", {"brightness_pct": 40}),
    (Call(tool="brighter"), "light.sofa", "light.turn_on", {"brightness_step_pct": 20}),
    (Call(tool="darker", value=5), "light.sofa", "light.turn_on", {"brightness_step_pct": -5}),
    (Call(tool="color", color="sky blue"), "light.sofa", "light.turn_on", {"color_name": "skyblue"}),
    (Call(tool="color", color="warm white"), "light.sofa", "light.turn_on", {"color_temp_kelvin": 2700}),
    (Call(tool="open"), "cover.curtain", "cover.open_cover", {}),
    (Call(tool="stop"), "cover.curtain", "cover.stop_cover", {}),
    (Call(tool="position", value=50), "cover.curtain", "cover.set_cover_position", {"position": 50}),
    (Call(tool="lock"), "lock.front", "lock.lock", {}),
    (Call(tool="temperature", value=21.5), "climate.hall", "climate.set_temperature", {"temperature": 21.5}),
    (Call(tool="warmer"), "climate.hall", "climate.set_temperature", {"temperature": 21.5}),
    (Call(tool="cooler", value=2), "climate.hall", "climate.set_temperature", {"temperature": 18.5}),
    (Call(tool="mode", mode="heat"), "climate.hall", "climate.set_hvac_mode", {"hvac_mode": "heat"}),
    (Call(tool="volume", value=35), "media_player.tv", "media_player.volume_set", {"volume_level": 0.35}),
    (Call(tool="louder"), "media_player.tv", "media_player.volume_up", {}),
    (Call(tool="quieter", value=15), "media_player.tv", "media_player.volume_set", {"volume_level": 0.25}),
    (Call(tool="unmute"), "media_player.tv", "media_player.volume_mute", {"is_volume_muted": False}),
    (Call(tool="next"), "media_player.tv", "media_player.media_next_track", {}),
]


@pytest.mark.parametrize(
    ("call", "entity_id", "action", "data"), ACTIONS, ids=[f"{row[0].tool} {row[1]}" for row in ACTIONS]
)
def test_a_tool_is_an_action_with_data_that_the_hub_takes(
    call: Call, entity_id: str, action: str, data: Mapping[str, Any]
) -> None:
    step = made(call, entity_id, HEATING)

    assert (step.action, step.data) == (action, data)
    TABLE.get(action).validate(data)


IMPOSSIBLE: list[tuple[Call, str, Mapping[str, Any], str]] = [
    (Call(tool="brightness", value=150), "light.sofa", {}, "value.range"),
    (Call(tool="position"), "cover.curtain", {}, "value.range"),
    (Call(tool="temperature", value=2), "climate.hall", HEATING, "value.range"),
    (Call(tool="warmer", value=20), "climate.hall", HEATING, "value.range"),
    (Call(tool="warmer"), "climate.hall", {}, "value.target"),
    (Call(tool="louder", value=5), "media_player.tv", {}, "value.level"),
    (Call(tool="mode", mode="cool"), "climate.hall", HEATING, "value.mode"),
    (Call(tool="color", color="plaid"), "light.sofa", {}, "value.color"),
]


@pytest.mark.parametrize(("call", "entity_id", "attributes", "key"), IMPOSSIBLE, ids=[row[3] for row in IMPOSSIBLE])
def test_a_value_out_of_bounds_is_impossible(
    call: Call, entity_id: str, attributes: Mapping[str, Any], key: str
) -> None:
    with pytest.raises(Impossible) as impossible:
        made(call, entity_id, attributes)
    assert impossible.value.key == key


def test_things_with_the_same_data_go_together() -> None:
    made = steps(TOOLS["off"], Call(tool="off"), HOME.things[:3] + HOME.things[-1:], lambda _: None)

    assert [(step.action, len(step.things)) for step in made] == [("light.turn_off", 3), ("switch.turn_off", 1)]


def test_the_model_knows_every_tool_but_those_of_our_own_sentences() -> None:
    ours = {"arm_away", "arm_home", "arm_night", "arm_vacation", "disarm", "humidity", "remove"}
    assert set(TOOLS) - ours <= set(NAMES)
    assert set(TIMER_TOOLS) <= set(NAMES)


def test_every_action_of_a_known_domain_exists() -> None:
    for tool in (*TOOLS.values(), *TIMER_TOOLS.values()):
        for domain, action in tool.actions.items():
            assert domain not in DOMAINS or action in TABLE, action


@pytest.mark.parametrize(
    ("words", "data"),
    [
        ("red", {"color_name": "red"}),
        ("light green", {"color_name": "lightgreen"}),
        ("红 色", {"color_name": "red"}),
        ("粉 红", {"color_name": "pink"}),
        ("暖 白 色", {"color_temp_kelvin": 2700}),
        ("4000 k", {"color_temp_kelvin": 4000}),
        ("4000", {"color_temp_kelvin": 4000}),
        ("plaid", None),
        ("", None),
    ],
)
def test_colours_are_read_as_people_say_them(words: str, data: Mapping[str, Any] | None) -> None:
    assert color_data(words) == data
