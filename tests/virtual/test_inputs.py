from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.errors import InvalidInput
from tests.virtual.conftest import House, Houses

OPTIONS = ["eco", "day", "night"]
DEFINED: dict[str, dict[str, Any]] = {
    "counter": {},
    "input_boolean": {},
    "input_button": {},
    "input_datetime": {"has_date": True, "has_time": True},
    "input_number": {"min": 0, "max": 10, "step": 2.5},
    "input_select": {"options": OPTIONS},
    "input_text": {},
}

STEPS: list[tuple[str, str, dict[str, Any], str]] = [
    # domain, action, its data, the state after it
    ("counter", "increment", {}, "1"),
    ("counter", "increment", {}, "2"),
    ("counter", "decrement", {}, "1"),
    ("counter", "set_value", {"value": 7}, "7"),
    ("counter", "reset", {}, "0"),
    ("input_boolean", "turn_on", {}, "on"),
    ("input_boolean", "toggle", {}, "off"),
    ("input_boolean", "toggle", {}, "on"),
    ("input_boolean", "turn_off", {}, "off"),
    ("input_button", "press", {}, "2024-01-01T11:00:00.000000+00:00"),
    ("input_datetime", "set_datetime", {"datetime": "2024-05-06 07:08:09"}, "2024-05-06 07:08:09"),
    ("input_datetime", "set_datetime", {"date": "2025-01-02"}, "2025-01-02 07:08:09"),
    ("input_datetime", "set_datetime", {"time": "23:00:00"}, "2025-01-02 23:00:00"),
    ("input_datetime", "set_datetime", {"timestamp": 1_704_106_800}, "2024-01-01 12:00:00"),
    ("input_number", "set_value", {"value": 4}, "4.0"),
    ("input_number", "increment", {}, "6.5"),
    ("input_number", "increment", {}, "9.0"),
    ("input_number", "increment", {}, "10.0"),
    ("input_number", "decrement", {}, "7.5"),
    ("input_select", "select_last", {}, "night"),
    ("input_select", "select_next", {"cycle": False}, "night"),
    ("input_select", "select_next", {}, "eco"),
    ("input_select", "select_previous", {}, "night"),
    ("input_select", "select_option", {"option": "day"}, "day"),
    ("input_select", "select_first", {}, "eco"),
    ("input_text", "set_value", {"value": "grün"}, "grün"),
]


async def test_actions_change_what_is_shown(house: House) -> None:
    ids = {domain: house.define(domain, **data) for domain, data in DEFINED.items()}
    for domain, action, data, expected in STEPS:
        await house.act(f"{domain}.{action}", ids[domain], **data)
        assert house.shown(ids[domain]) == expected, (domain, action)


async def test_values_outlast_a_restart(houses: Houses) -> None:
    house = await houses()
    ids = {domain: house.define(domain, **data) for domain, data in DEFINED.items()}
    for domain, action, data, _ in STEPS:
        await house.act(f"{domain}.{action}", ids[domain], **data)
    await house.act("counter.set_value", ids["counter"], value=3)
    before = {domain: house.shown(entity_id) for domain, entity_id in ids.items()}
    again = await houses(after=60)
    assert {domain: again.shown(entity_id) for domain, entity_id in ids.items()} == before


async def test_what_has_an_initial_value_begins_with_it_at_every_start(houses: Houses) -> None:
    house = await houses()
    flag = house.define("input_boolean", initial=True)
    number = house.define("input_number", min=0, max=10, initial=5)
    count = house.define("counter", initial=2, restore=False)
    await house.act("input_boolean.turn_off", flag)
    await house.act("input_number.set_value", number, value=1)
    await house.act("counter.increment", count)
    again = await houses()
    assert [again.shown(entity_id) for entity_id in (flag, number, count)] == ["on", "5.0", "2"]


async def test_attributes_are_those_of_home_assistant(house: House) -> None:
    number = house.state(house.define("input_number", min=0, max=10, unit_of_measurement="°C", icon="mdi:fire"))
    assert number.attributes == {
        "initial": None,
        "editable": True,
        "min": 0.0,
        "max": 10.0,
        "step": 1.0,
        "mode": "slider",
        "unit_of_measurement": "°C",
        "icon": "mdi:fire",
        "friendly_name": "Test",
    }
    moment = house.state(house.define("input_datetime", has_date=True, has_time=True))
    assert moment.attributes == {
        "has_date": True,
        "has_time": True,
        "editable": True,
        "year": 2024,
        "month": 1,
        "day": 1,
        "hour": 0,
        "minute": 0,
        "second": 0,
        "timestamp": 1_704_063_600.0,
        "friendly_name": "Test",
    }
    time = house.state(house.define("input_datetime", name="Alarm", has_time=True, initial="06:30:00"))
    assert (time.state, time.attributes["timestamp"]) == ("06:30:00", 23_400)
    count = house.state(house.define("counter", maximum=3))
    assert count.attributes == {
        "editable": True,
        "initial": 0,
        "step": 1,
        "maximum": 3,
        "friendly_name": "Test",
    }


REFUSED = [
    ("input_number", {"min": 0, "max": 10}, "set_value", {"value": 11}, "from 0.0 to 10.0"),
    ("input_text", {"max": 3}, "set_value", {"value": "four"}, "0 to 3 characters"),
    ("input_select", {"options": OPTIONS}, "select_option", {"option": "dawn"}, "eco, day, night"),
    ("input_select", {"options": OPTIONS}, "set_options", {"options": ["a", "a"]}, "options that all differ"),
    ("counter", {"maximum": 5}, "set_value", {"value": 6}, "at most 5"),
    ("counter", {"step": 2}, "set_value", {"value": 3}, "multiple of 2"),
    ("input_datetime", {"has_date": True}, "set_datetime", {"time": "07:00:00"}, "this has none"),
]


@pytest.mark.parametrize(("domain", "data", "action", "asked", "reason"), REFUSED)
async def test_an_action_that_does_not_fit_fails_and_changes_nothing(
    house: House, domain: str, data: dict[str, Any], action: str, asked: dict[str, Any], reason: str
) -> None:
    entity_id = house.define(domain, **data)
    before = house.shown(entity_id)
    assert reason in await house.error(f"{domain}.{action}", entity_id, **asked)
    assert house.shown(entity_id) == before


WRONG = [
    ("input_boolean", {"name": " "}, "a name"),
    ("input_boolean", {"icon": "lamp"}, "an icon such as mdi:home"),
    ("input_boolean", {"colour": "red"}, "Expected one of the keys"),
    ("input_number", {"min": 5, "max": 5}, "max above min"),
    ("input_number", {"min": 0}, "Expected the key 'max'"),
    ("input_number", {"min": 0, "max": 5, "initial": 9}, "initial value from 0.0 to 5.0"),
    ("input_number", {"min": 0, "max": "high"}, "a number"),
    ("input_text", {"min": 9, "max": 3}, "max not below min"),
    ("input_text", {"max": 256}, "from 1 to 255"),
    ("input_select", {"options": []}, "options"),
    ("input_select", {"options": ["a", "a"]}, "options that all differ"),
    ("input_select", {"options": ["a"], "initial": "b"}, "initial option of a"),
    ("input_datetime", {}, "has_date or has_time"),
    ("input_datetime", {"has_date": True, "initial": "07:00"}, "a date in ISO form"),
    ("counter", {"step": -1}, "a number from 0"),
    ("timer", {"duration": "long"}, "a duration such as 00:05:00"),
    ("timer", {"duration": -5}, "a duration of 0 or more"),
    ("schedule", {"monday": [{"from": "09:00", "to": "08:00"}]}, "ends after it begins"),
    ("schedule", {"monday": [{"from": "08:00", "to": "10:00"}, {"from": "09:00", "to": "11:00"}]}, "do not overlap"),
    ("schedule", {"someday": []}, "Expected one of the keys"),
    ("zone", {"latitude": 91, "longitude": 0}, "from -90 to 90"),
    ("person", {"device_trackers": ["light.lamp"]}, "device_tracker.phone"),
    ("person", {"user_id": "u9"}, "nobody has it"),
    ("scene", {"entities": {"lamp": "on"}}, "an entity id such as light.kitchen"),
    ("scene", {"entities": {"light.lamp": {"brightness": 1}}}, "a state for light.lamp"),
]


@pytest.mark.parametrize(("domain", "data", "reason"), WRONG)
async def test_a_definition_that_does_not_fit_is_refused(
    house: House, domain: str, data: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        house.define(domain, **data)
    assert not list(house.virtual.collections[domain])


async def test_a_changed_definition_holds_the_value_within_it(house: House) -> None:
    number = house.define("input_number", min=0, max=10)
    choice = house.define("input_select", options=OPTIONS)
    await house.act("input_number.set_value", number, value=9)
    await house.act("input_select.select_option", choice, option="night")
    collections = house.virtual.collections
    collections["input_number"].update("test", {"name": "Warmth", "min": 0, "max": 5})
    collections["input_select"].update("test", {"name": "Mode", "options": ["day", "eco"]})
    assert (house.shown(number), house.state(number).attributes["max"]) == ("5.0", 5.0)
    assert house.state(number).name == "Warmth"
    assert house.shown(choice) == "day"


async def test_options_set_by_an_action_last_until_the_restart(houses: Houses) -> None:
    house = await houses()
    choice = house.define("input_select", options=OPTIONS)
    await house.act("input_select.set_options", choice, options=["x", "y"])
    assert (house.shown(choice), house.state(choice).attributes["options"]) == ("x", ["x", "y"])
    again = await houses()
    assert again.state(choice).attributes["options"] == OPTIONS


async def test_a_removed_helper_is_gone_for_good(houses: Houses) -> None:
    house = await houses()
    flag = house.define("input_boolean")
    house.virtual.collections["input_boolean"].delete("test")
    assert house.states.get(flag) is None
    again = await houses()
    assert again.states.get(flag) is None
    assert again.registries.entities.get(flag) is None


async def test_names_that_are_alike_get_ids_of_their_own(house: House) -> None:
    for name in ("客厅", "Kéting"):
        house.virtual.collections["input_boolean"].create({"name": name})
    assert [item["id"] for item in house.virtual.collections["input_boolean"]] == ["keting", "keting_2"]


async def test_a_helper_goes_from_unavailable_to_its_value_at_a_start(houses: Houses) -> None:
    house = await houses()
    flag = house.define("input_boolean")
    await house.act("input_boolean.turn_on", flag)
    seen: list[str] = []
    house.bus.listen_entity(flag, lambda event: seen.append(event.new.state if event.new else "gone"))
    await house.supervisor.stop("input_boolean")
    assert seen == ["unavailable"]
    house.virtual.start(house.supervisor)
    await house.clock.settle()
    assert seen == ["unavailable", "on"]


async def test_a_stored_item_that_does_not_fit_is_left_out_but_not_lost(houses: Houses, tmp_path: Path) -> None:
    house = await houses()
    house.define("input_number", name="Good", min=0, max=1)
    house.define("input_number", name="Bad", min=0, max=1)
    await houses.stop()
    file = tmp_path / ".hearth" / "input_number.json"
    file.write_text(file.read_text().replace('"name": "Bad"', '"name": ""'))
    again = await houses()
    numbers = again.virtual.collections["input_number"]
    assert [item["id"] for item in numbers] == ["good"]
    numbers.create({"name": "New", "min": 0, "max": 1})
    await houses.stop()
    assert '"bad"' in file.read_text()
