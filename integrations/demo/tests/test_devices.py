from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_demo.home.announce import announcements
from hearth_demo.home.device import Device
from hearth_demo.home.house import House
from hearth_demo.layout import layout


def device(house: House, key: str) -> Device:
    return next(one for one in house.devices if one.identity.key == key)


def told(house: House, key: str, topic: str, payload: str) -> None:
    device(house, key).handle(f"hearth-demo/{key}/{topic}", payload)


def said(house: House, key: str, topic: str) -> str:
    return device(house, key).reports()[f"hearth-demo/{key}/{topic}"]


@pytest.fixture
def house() -> House:
    return House(seed=7)


def test_the_home_has_about_forty_entities_in_eight_areas_on_two_floors(house: House) -> None:
    kinds = Counter(part.platform for one in house.devices for part in one.parts)
    assert 40 <= kinds.total() <= 50
    assert set(kinds) == {
        *("light", "switch", "sensor", "binary_sensor", "cover", "climate", "lock"),
        *("fan", "button", "number", "select", "text", "event"),
    }
    areas = [area for floor in layout() for area in floor.areas]
    assert len(areas) == len({area.name for area in areas}) == 8
    assert [floor.level for floor in layout()] == [0, 1]


@pytest.mark.parametrize("language", ["en", "zh-Hans", "de"])
def test_announcements_are_complete_and_unique(language: str) -> None:
    configs = [config for one in House(language=language).devices for config in _entities(one, language)]
    assert len({config["unique_id"] for config in configs}) == len(configs)
    assert len({config["default_entity_id"] for config in configs}) == len(configs)
    names = {area.name for floor in layout(language) for area in floor.areas}
    assert {config["device"]["suggested_area"] for config in configs} == names
    for config in configs:
        listened = {key: value for key, value in config.items() if key.endswith("_topic")}
        assert all(value.startswith("hearth-demo/") for value in listened.values()), config


def test_every_command_topic_that_is_announced_is_listened_on(house: House) -> None:
    for one in house.devices:
        configs = _entities(one, "en")
        commands = {
            value
            for config in configs
            for key, value in config.items()
            if "command_topic" in key or key == "set_position_topic"
        }
        assert commands == set(one.told_at)


def test_every_state_topic_that_is_announced_is_reported_on(house: House) -> None:
    for one in house.devices:
        states = {
            value
            for config in _entities(one, "en")
            for key, value in config.items()
            if key.endswith("_topic")
            and "command" not in key
            and key not in ("set_position_topic", "availability_topic")
        }
        events = {f"hearth-demo/{one.identity.key}/bell"}
        assert states - events == set(one.reports())


def test_floors_and_areas_can_be_named_in_both_languages() -> None:
    english, chinese = layout("en"), layout("zh-Hans")
    assert "楼上" in english[1].aliases
    assert "Upstairs" in chinese[1].aliases
    assert chinese[1].name == "楼上"
    for here, there in zip(english, chinese, strict=True):
        for area, other in zip(here.areas, there.areas, strict=True):
            assert area.name in other.aliases
            assert other.name in area.aliases


def test_a_cover_moves_and_can_be_stopped_on_its_way(house: House) -> None:
    told(house, "living_room_blinds", "blinds/set", "CLOSE")
    house.step(3)
    assert said(house, "living_room_blinds", "blinds") == "closing"
    assert said(house, "living_room_blinds", "blinds/position") == "75"
    told(house, "living_room_blinds", "blinds/set", "STOP")
    house.step(3)
    assert said(house, "living_room_blinds", "blinds") == "open"
    assert said(house, "living_room_blinds", "blinds/position") == "75"
    told(house, "living_room_blinds", "blinds/position/set", "0")
    house.step(12)
    assert said(house, "living_room_blinds", "blinds") == "closed"


def test_a_bolt_takes_its_time(house: House) -> None:
    told(house, "front_door_lock", "lock/set", "UNLOCK")
    assert said(house, "front_door_lock", "lock") == "UNLOCKING"
    house.step(2)
    assert said(house, "front_door_lock", "lock") == "UNLOCKED"


def test_a_fan_has_three_speeds(house: House) -> None:
    told(house, "bedroom_fan", "fan/speed/set", "3")
    assert (said(house, "bedroom_fan", "fan"), said(house, "bedroom_fan", "fan/speed")) == ("ON", "3")
    told(house, "bedroom_fan", "fan/speed/set", "0")
    assert (said(house, "bedroom_fan", "fan"), said(house, "bedroom_fan", "fan/speed")) == ("OFF", "0")


def test_a_thermostat_heats_its_room_towards_the_target(house: House) -> None:
    room = house.world.rooms["living_room"]
    room.window_open = False
    before = room.temperature
    told(house, "living_room_thermostat", "thermostat/target/set", "24")
    house.step(1)
    assert said(house, "living_room_thermostat", "thermostat/action") == "heating"
    for _ in range(60):
        room.window_open = False
        house.step(10)
    assert room.temperature > before + 2
    told(house, "living_room_thermostat", "thermostat/mode/set", "off")
    assert said(house, "living_room_thermostat", "thermostat/action") == "off"


def test_a_plug_draws_power_only_while_it_is_on(house: House) -> None:
    assert json.loads(said(house, "coffee_machine", "state"))["power"] == 0.0
    told(house, "coffee_machine", "switch/set", "ON")
    house.step(10)
    assert json.loads(said(house, "coffee_machine", "state"))["power"] > 1000
    house.step(100)
    assert json.loads(said(house, "coffee_machine", "state"))["power"] < 5


def test_a_lamp_makes_its_room_brighter(house: House) -> None:
    before = house.world.light("hallway")
    told(house, "hallway_light", "light/set", '{"state": "ON", "brightness": 255}')
    assert house.world.light("hallway") >= before + 150


def test_the_doorbell_rings_once_for_each_press(house: House) -> None:
    told(house, "doorbell", "ring/set", "PRESS")
    rung = [("hearth-demo/doorbell/bell", '{"event_type": "press"}')]
    assert device(house, "doorbell").occurrences() == rung
    assert device(house, "doorbell").occurrences() == []


def test_a_desk_a_scene_and_the_wall_panel_keep_what_they_were_told() -> None:
    house = House(language="zh-Hans", seed=1)
    told(house, "desk", "height/set", "110")
    house.step(60)
    assert said(house, "desk", "height") == "110"
    told(house, "night_light", "scene/set", "海洋")
    told(house, "night_light", "scene/set", "nonsense")
    assert said(house, "night_light", "scene") == "海洋"
    told(house, "wall_panel", "panel/set", "把楼上的灯都关掉")
    assert said(house, "wall_panel", "panel") == "把楼上的灯都关掉"


_GARBAGE = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["nan", "inf", "-1", "1e999", "null", "[]", '{"brightness": Infinity}', '{"color": {"r": 1}}']),
    st.dictionaries(st.sampled_from(["state", "brightness", "color_temp", "color"]), st.none() | st.text()).map(
        json.dumps
    ),
)


@given(st.data())
def test_no_message_brings_a_device_out_of_order(data: st.DataObject) -> None:
    house = House(seed=1)
    told = [one for one in house.devices if one.told_at and one.identity.key != "wall_panel"]  # it keeps any text
    one = data.draw(st.sampled_from(told))
    topic = data.draw(st.sampled_from(one.told_at))
    one.handle(topic, data.draw(_GARBAGE))
    house.step(1.0)
    assert not any("nan" in payload.lower() for payload in one.reports().values())


def test_a_day_in_the_home_stays_plausible(house: House) -> None:
    motion = freezer_gone = 0
    temperatures: list[float] = []
    for _ in range(7200):
        house.step(1)
        motion += json.loads(said(house, "hallway_sensor", "state"))["motion"]
        freezer_gone += not device(house, "freezer").powered.is_set()
        temperatures += [house.world.rooms[key].temperature for key in ("kitchen", "bedroom", "study")]
    assert 12 < min(temperatures) < max(temperatures) < 25
    assert max(temperatures) - min(temperatures) > 1
    assert all(15 <= room.humidity <= 98 for room in house.world.rooms.values())
    assert 100 < motion < 5000, "somebody walks by now and then"
    assert 300 < freezer_gone < 1500, "one device drops and returns"


def test_the_same_seed_is_the_same_home() -> None:
    first, second = House(seed=3), House(seed=3)
    for _ in range(50):
        first.step(5)
        second.step(5)
    assert [one.reports() for one in first.devices] == [one.reports() for one in second.devices]


_LONG = {
    "avty_t": "availability_topic",
    "bri_cmd_t": "brightness_command_topic",
    "bri_scl": "brightness_scale",
    "bri_stat_t": "brightness_state_topic",
    "cmd_t": "command_topic",
    "def_ent_id": "default_entity_id",
    "dev": "device",
    "dev_cla": "device_class",
    "evt_typ": "event_types",
    "ic": "icon",
    "o": "origin",
    "on_cmd_type": "on_command_type",
    "osc_cmd_t": "oscillation_command_topic",
    "stat_cla": "state_class",
    "osc_stat_t": "oscillation_state_topic",
    "pct_cmd_t": "percentage_command_topic",
    "stat_t": "state_topic",
    "pct_stat_t": "percentage_state_topic",
    "pos_t": "position_topic",
    "set_pos_t": "set_position_topic",
    "spd_rng_max": "speed_range_max",
    "spd_rng_min": "speed_range_min",
    "sup_clrm": "supported_color_modes",
    "uniq_id": "unique_id",
    "unit_of_meas": "unit_of_measurement",
    "val_tpl": "value_template",
}
"""Home Assistant's abbreviations, written down once more: a wrong one on the other side would be met nowhere else."""


def _entities(one: Device, language: str) -> list[dict[str, Any]]:
    """The announcements as a hub understands them: abbreviations and ``~`` resolved, one for each entity."""
    return [config for text in announcements(one, language).values() for config in _resolved(json.loads(text))]


def _resolved(payload: dict[str, Any]) -> list[dict[str, Any]]:
    if "components" in payload:
        shared = {key: payload[key] for key in ("device", "origin", "availability_topic")}
        return [{**shared, **component} for component in payload["components"].values()]
    base = payload.pop("~")
    config = {_LONG.get(key, key): value for key, value in payload.items()}
    device = {{"sa": "suggested_area", "ids": "identifiers"}.get(key, key): v for key, v in config["device"].items()}
    topics = {key: base + value[1:] for key, value in config.items() if key.endswith("_topic")}
    return [{**config, **topics, "device": device}]
