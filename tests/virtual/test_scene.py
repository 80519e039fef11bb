from __future__ import annotations

from typing import Any

import pytest

from hub.core.callers import Caller, CallerKind
from hub.core.context import Context
from hub.core.state import State
from hub.virtual.reproduction import WAYS, snapshot, steps_to
from tests.virtual.conftest import House, Houses

LAMP = "light.lamp"


def asked(house: House) -> list[tuple[str, dict[str, Any]]]:
    return [(call.action, dict(call.data)) for call in house.lamp.calls]


async def test_a_scene_brings_entities_to_its_states(houses: Houses) -> None:
    house = await houses()
    flag = house.define("input_boolean", name="Flag")
    states = {LAMP: {"state": "on", "brightness": 80}, flag: True}
    scene = house.define("scene", name="Evening", entities=states)
    assert house.shown(scene) == "unknown"
    assert house.state(scene).attributes["entity_id"] == [LAMP, flag]
    await house.act("scene.turn_on", scene, transition=2)
    assert (house.shown(flag), house.shown(LAMP)) == ("on", "on")
    assert asked(house) == [("light.turn_on", {"brightness": 80, "transition": 2})]
    assert house.shown(scene) == "2024-01-01T11:00:00.000000+00:00"
    await house.act("scene.turn_on", scene)
    assert len(asked(house)) == 1  # it is so already
    again = await houses(after=60)
    assert again.shown(scene) == "2024-01-01T11:00:00.000000+00:00"


async def test_a_snapshot_brings_back_how_it_was(house: House) -> None:
    await house.act("light.turn_on", LAMP, brightness=50)
    await house.act("scene.create", scene_id="before", snapshot_entities=[LAMP, "light.nowhere"])
    await house.act("light.turn_on", LAMP, brightness=255)
    await house.act("scene.create", scene_id="bright", snapshot_entities=[LAMP])
    await house.act("light.turn_off", LAMP)
    await house.act("scene.turn_on", "scene.before")
    assert house.state(LAMP).attributes["brightness"] == 50
    await house.act("scene.create", scene_id="before", entities={LAMP: "off"})
    await house.act("scene.turn_on", "scene.before")
    assert house.shown(LAMP) == "off"
    await house.act("scene.delete", "scene.before")
    assert house.states.get("scene.before") is None


async def test_states_are_applied_without_making_a_scene(house: House) -> None:
    await house.act("scene.apply", entities={LAMP: {"state": "on", "brightness": 9}})
    assert house.state(LAMP).attributes["brightness"] == 9
    assert not list(house.virtual.collections["scene"])


async def test_what_a_user_has_defined_is_not_replaced_or_deleted_by_an_action(house: House) -> None:
    scene = house.define("scene", name="Evening", entities={LAMP: "on"})
    assert "a user has defined" in await house.error("scene.create", scene_id="evening", entities={LAMP: "off"})
    assert "a user has defined" in await house.error("scene.delete", scene)
    assert "got none" in await house.error("scene.create", scene_id="empty")


async def test_a_scene_gives_its_caller_no_further_rights(house: House) -> None:
    scene = house.define("scene", entities={LAMP: "on", "light.fan": "on", "light.gone": "on"})
    caller = Caller(kind=CallerKind.AUTOMATION, id="automation.x")
    result = await house.call("scene.turn_on", scene, caller=caller)
    assert not result.ok
    assert "The fan is not for you" in str(result.error)
    assert "light.gone does not exist" in str(result.error)
    assert (house.shown(LAMP), house.shown("light.fan")) == ("on", "off")
    assert {row.caller for row in house.doors.rows} == {"automation:automation.x"}
    context = house.state(LAMP).context
    assert context.origin == "scene"
    assert context.parent_id is not None


STEPS = [
    # domain, the state now, what is wanted, the steps that lead there
    ("switch", "off", {"state": "on"}, [("turn_on", {})]),
    ("switch", "on", {"state": "on"}, []),
    ("switch", "on", {"state": "unavailable"}, []),
    ("cover", "closed", {"state": "open"}, [("open_cover", {})]),
    ("cover", "closed", {"state": "open", "current_position": 40}, [("set_cover_position", {"position": 40})]),
    ("lock", "unlocked", {"state": "locked"}, [("lock", {})]),
    ("input_number", "1.0", {"state": "4"}, [("set_value", {"value": "4"})]),
    ("input_select", "a", {"state": "b"}, [("select_option", {"option": "b"})]),
    ("climate", "off", {"state": "heat", "temperature": 21, "fan_mode": None},
        [("set_hvac_mode", {"hvac_mode": "heat"}), ("set_temperature", {"temperature": 21})]),
    ("climate", "heat", {"state": "off", "temperature": 21}, [("set_hvac_mode", {"hvac_mode": "off"})]),
    ("climate", "auto", {"state": "auto", "target_temp_low": 18, "target_temp_high": 22},
        [("set_temperature", {"target_temp_high": 22, "target_temp_low": 18})]),
    ("fan", "off", {"state": "on", "percentage": 50}, [("turn_on", {}), ("set_percentage", {"percentage": 50})]),
    ("media_player", "off", {"state": "playing", "volume_level": 0.3},
        [("media_play", {}), ("volume_set", {"volume_level": 0.3})]),
    ("vacuum", "docked", {"state": "cleaning"}, [("start", {})]),
    ("sensor", "1", {"state": "2"}, []),
    ("light", "off", {"state": "on", "color_mode": "hs", "hs_color": [1, 2], "rgb_color": [3, 4, 5], "brightness": 9},
        [("turn_on", {"brightness": 9, "hs_color": [1, 2]})]),
    ("light", "off", {"state": "on", "color_mode": "onoff"}, [("turn_on", {})]),
    ("light", "off", {"state": "on", "color_name": "red"}, [("turn_on", {"color_name": "red"})]),
    ("light", "on", {"state": "off", "brightness": 9}, [("turn_off", {})]),
]  # fmt: skip


@pytest.mark.parametrize(("domain", "now", "wanted", "steps"), STEPS)
def test_every_domain_has_its_way_to_a_state(
    domain: str, now: str, wanted: dict[str, Any], steps: list[tuple[str, dict[str, Any]]]
) -> None:
    state = State(f"{domain}.x", now, {}, 0, 0, Context("test"))
    assert steps_to(wanted, state, None) == steps


@pytest.mark.parametrize(
    ("has_date", "has_time", "field"), [(True, True, "datetime"), (True, False, "date"), (False, True, "time")]
)
def test_a_moment_is_set_by_the_parts_that_it_has(has_date: bool, has_time: bool, field: str) -> None:
    now = State("input_datetime.x", "", {"has_date": has_date, "has_time": has_time}, 0, 0, Context("test"))
    assert steps_to({"state": "then"}, now, None) == [("set_datetime", {field: "then"})]


def test_a_snapshot_holds_what_can_be_brought_about() -> None:
    attributes = {"brightness": 3, "color_mode": "hs", "hs_color": (1, 2), "friendly_name": "Lamp", "effect": None}
    state = State(LAMP, "on", attributes, 0, 0, Context("test"))
    assert snapshot(state) == {"state": "on", "brightness": 3, "color_mode": "hs", "hs_color": [1, 2]}


async def test_every_way_leads_over_actions_that_exist(house: House) -> None:
    for domain, way in WAYS.items():
        named = dict.fromkeys(way.states.values()) | dict(way.attributes.values())
        if way.value is not None:
            named[way.value[0]] = way.value[1]
        for action, field in named.items():
            description = house.table.get(f"{domain}.{action}")
            assert field is None or field in [item.name for item in description.fields], (domain, action, field)
