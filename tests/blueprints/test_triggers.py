from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from hub.adapters.interfaces import EntityCall
from hub.core.bus import ALL
from hub.core.context import Context
from hub.core.events import HUB_STARTED, HUB_STOP, Event
from tests.blueprints.conftest import START, ZONE, Hub

SENSOR = "sensor.x"
DONE = {"event": "done", "event_data": {"by": "{{ trigger.id }}"}}


async def listening(hub: Hub, *triggers: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Start an automation with these triggers; return the list that its runs' trigger variables are added to."""
    seen: list[dict[str, Any]] = []
    await hub.run_automation({"mode": "parallel", "triggers": list(triggers), "actions": [DONE], **more})
    hub.bus.listen("hearth_run_finished", lambda _: seen.append(dict(hub.last.trigger)))
    return seen


def state(**keys: Any) -> dict[str, Any]:
    return {"trigger": "state", "entity_id": SENSOR, **{key.rstrip("_"): value for key, value in keys.items()}}


CHANGES = [
    # what is waited for, the changes, how many of them count
    (state(), ["a", "b", "b", ("b", 1), None], 4),
    (state(to="b"), ["a", "b", ("b", 1), "b", "a", "b"], 2),
    (state(to=["a", "b"]), ["a", "b", "c", "a"], 3),
    (state(from_="a"), ["a", "b", "c", "a", "b"], 2),
    (state(from_="a", to="c"), ["a", "b", "c", "a", "c"], 1),
    (state(to=None), ["a", ("a", 1), "b"], 2),
    (state(not_to=["b", "unavailable"]), ["a", "b", "c", "unavailable", "a"], 3),
    (state(not_from="a"), ["a", "b", "c"], 2),
    (state(not_from="unavailable", to="b"), ["unavailable", "b", "a", "b"], 1),
    (state(to=True), ["off", "on"], 1),
    (state(to=5), ["4", "5"], 1),
    (state(attribute="n"), [("a", 1), ("b", 1), ("b", 2), "b"], 3),
    (state(attribute="n", to=2), [("a", 1), ("a", 2), ("b", 2), ("b", 3), ("c", 2)], 2),
    (state(attribute="n", from_=1), [("a", 1), ("a", 2), ("a", 1)], 1),
]


@pytest.mark.parametrize(("trigger", "changes", "count"), CHANGES)
async def test_a_state_trigger_counts_changes(
    hub: Hub, trigger: dict[str, Any], changes: list[Any], count: int
) -> None:
    seen = await listening(hub, trigger)
    for change in changes:
        if change is None:
            hub.states.remove(SENSOR, context=Context("test"))
        elif isinstance(change, tuple):
            hub.set(SENSOR, change[0], n=change[1])
        else:
            hub.set(SENSOR, change)
        await hub.settle()
    assert len(seen) == count


async def test_a_report_of_the_same_again_triggers_nothing(hub: Hub) -> None:
    seen = await listening(hub, state(), state(attribute="n"), {"trigger": "event", "event_type": "state_changed"})
    hub.set(SENSOR, "a", n=1)
    await hub.settle()
    del seen[:]
    for _ in range(5):
        hub.set(SENSOR, "a", n=1)
    await hub.settle()
    assert [run for run in seen if run["platform"] == "state"] == []


async def test_other_entities_cost_nothing(hub: Hub) -> None:
    await listening(hub, state())
    assert "state_changed" not in hub.bus.listener_counts()
    assert ALL not in hub.bus.listener_counts()


async def test_a_state_trigger_tells_what_changed(hub: Hub) -> None:
    seen = await listening(hub, {**state(to="on"), "id": "first", "alias": "On"})
    hub.set(SENSOR, "off")
    hub.set(SENSOR, "on")
    await hub.settle()
    (trigger,) = seen
    assert {key: trigger[key] for key in ("id", "idx", "alias", "platform", "entity_id", "for", "description")} == {
        "id": "first", "idx": "0", "alias": "On", "platform": "state", "entity_id": SENSOR, "for": None,
        "description": "state of sensor.x",
    }  # fmt: skip
    assert (trigger["from_state"]["state"], trigger["to_state"]["state"]) == ("off", "on")
    assert hub.last.steps[0].compared == {"entity_id": SENSOR, "from": "off", "to": "on"}


@pytest.mark.parametrize(
    "duration", [60, "00:01:00", {"minutes": 1}, "{{ 60 }}", {"minutes": "{{ states('sensor.wait') }}"}]
)
async def test_for_waits_until_it_has_stayed_so(hub: Hub, duration: Any) -> None:
    hub.set("sensor.wait", "1")
    seen = await listening(hub, state(to="on", for_=duration))
    hub.set(SENSOR, "on")
    await hub.clock.advance(40)
    hub.set(SENSOR, "on", n=1)  # an attribute does not begin it anew
    await hub.clock.advance(19)
    assert seen == []
    await hub.clock.advance(1)
    assert [trigger["for"] for trigger in seen] == [60]


async def test_for_begins_anew_when_it_was_otherwise_in_between(hub: Hub) -> None:
    seen = await listening(hub, state(to="on", for_=60))
    for wait, text in ((0, "on"), (40, "off"), (1, "on"), (59, "on")):
        await hub.clock.advance(wait)
        hub.set(SENSOR, text)
    await hub.settle()
    assert seen == []
    await hub.clock.advance(1)
    assert len(seen) == 1


async def test_for_after_leaving_a_state_goes_on_through_other_states(hub: Hub) -> None:
    seen = await listening(hub, state(from_="idle", for_=60))
    hub.set(SENSOR, "idle")
    hub.set(SENSOR, "heating")
    await hub.clock.advance(30)
    hub.set(SENSOR, "cooling")
    await hub.clock.advance(30)
    assert len(seen) == 1
    hub.set(SENSOR, "idle")
    hub.set(SENSOR, "heating")
    await hub.clock.advance(30)
    hub.set(SENSOR, "idle")
    await hub.clock.advance(60)
    assert len(seen) == 1


async def test_what_waits_is_forgotten_when_the_automation_is_turned_off(hub: Hub) -> None:
    seen = await listening(hub, state(to="on", for_=60), {"trigger": "time", "at": "12:00:30"})
    hub.set(SENSOR, "on")
    await hub.automations.execute(_call("automation.turn_off"))
    await hub.clock.advance(120)
    assert seen == []


def event(**keys: Any) -> dict[str, Any]:
    return {"trigger": "event", **keys}


EVENTS = [
    (event(event_type="pressed"), {"button": 1}, True),
    (event(event_type=["other", "pressed"]), {}, True),
    (event(event_type="other"), {}, False),
    (event(event_type="pressed", event_data={"button": 1}), {"button": 1, "more": 2}, True),
    (event(event_type="pressed", event_data={"button": 1}), {"button": 2}, False),
    (event(event_type="pressed", event_data={"button": 1}), {}, False),
    (event(event_type="pressed", event_data={"args": {"x": 1}}), {"args": {"x": 1, "y": 2}}, True),
    (event(event_type="pressed", event_data={"args": {"x": 1}}), {"args": [1]}, False),
    (event(event_type="pressed", event_data={"button": "{{ 1 + 1 }}"}), {"button": 2}, True),
    (event(event_type="pressed", context={"user_id": ["u1", "u2"]}), {}, False),
]


@pytest.mark.parametrize(("trigger", "data", "counts"), EVENTS)
async def test_an_event_trigger_compares_type_and_data(
    hub: Hub, trigger: dict[str, Any], data: dict[str, Any], counts: bool
) -> None:
    seen = await listening(hub, trigger)
    hub.fire("pressed", **data)
    await hub.settle()
    assert len(seen) == counts
    if counts:
        assert seen[0]["event"]["data"] == data
        assert seen[0]["description"] == "event 'pressed'"


async def test_an_event_trigger_compares_the_user(hub: Hub) -> None:
    seen = await listening(hub, event(event_type="pressed", context={"user_id": ["u1", "u2"]}))
    for user in ("u1", "u3"):
        hub.bus.publish(Event("pressed", {}, Context("test", user_id=user), START))
    await hub.settle()
    assert [trigger["event"]["context"]["user_id"] for trigger in seen] == ["u1"]


async def test_the_hub_starting_and_stopping_are_triggers(hub: Hub) -> None:
    seen = await listening(
        hub, {"trigger": "homeassistant", "event": "start"}, {"trigger": "homeassistant", "event": "shutdown"}
    )
    for event_type in (HUB_STARTED, HUB_STOP):
        hub.fire(event_type)
    await hub.settle()
    assert [(trigger["idx"], trigger["event"]) for trigger in seen] == [("0", "start"), ("1", "shutdown")]


async def until(hub: Hub, seen: list[dict[str, Any]], days: float) -> list[str]:
    """Let days pass; return the local times at which triggers happened."""
    at: list[str] = []
    hub.bus.listen(
        "done", lambda _: at.append(dt.datetime.fromtimestamp(hub.clock.time(), ZONE).strftime("%a %d %H:%M:%S"))
    )
    await hub.clock.advance(days * 86_400)
    return at


TIMES = [
    ({"at": "12:00:05"}, ["Mon 01 12:00:05", "Tue 02 12:00:05"]),
    ({"at": ["7:30", "11:00:00"]}, ["Tue 02 07:30:00", "Tue 02 11:00:00"]),
    ({"at": 45_000}, ["Mon 01 12:30:00", "Tue 02 12:30:00"]),  # what YAML 1.1 makes of 12:30:00
    ({"at": "13:00", "weekday": "tue"}, ["Tue 02 13:00:00"]),
    ({"at": "{{ '14:' ~ '15' }}"}, ["Mon 01 14:15:00", "Tue 02 14:15:00"]),
    ({"at": "input_datetime.wake"}, ["Tue 02 06:45:00"]),
    ({"at": {"entity_id": "input_datetime.wake", "offset": "-00:05:00"}}, ["Tue 02 06:40:00"]),
    ({"at": "sensor.alarm"}, ["Mon 01 15:00:00"]),
    ({"at": "sensor.nonsense"}, []),
    ({"at": ""}, []),
]


@pytest.mark.parametrize(("trigger", "expected"), TIMES)
async def test_a_time_trigger_happens_at_its_times(hub: Hub, trigger: dict[str, Any], expected: list[str]) -> None:
    hub.set("input_datetime.wake", "06:45:00")
    hub.set("sensor.alarm", "2024-01-01T14:00:00+00:00")
    hub.set("sensor.nonsense", "soon")
    seen = await listening(hub, {"trigger": "time", **trigger})
    assert await until(hub, seen, 1.9 - 0.5) == expected


async def test_a_time_trigger_follows_its_entity(hub: Hub) -> None:
    seen = await listening(hub, {"trigger": "time", "at": "input_datetime.wake"})
    hub.set("input_datetime.wake", "12:10:00")
    hub.set("input_datetime.wake", "12:20:00")
    assert await until(hub, seen, 0.1) == ["Mon 01 12:20:00"]
    assert seen[0]["entity_id"] == "input_datetime.wake"


async def test_a_time_trigger_keeps_local_time_when_clocks_change(hub: Hub) -> None:
    hub.clock._now = dt.datetime(2024, 3, 30, 12, 0, tzinfo=ZONE).timestamp()
    seen = await listening(hub, {"trigger": "time", "at": ["02:30", "08:00"]})
    # In the night to the 31st, 02:00 becomes 03:00: what cannot be at 02:30 comes as soon as clocks are put forward.
    assert await until(hub, seen, 1.9) == ["Sun 31 03:30:00", "Sun 31 08:00:00", "Mon 01 02:30:00", "Mon 01 08:00:00"]


PATTERNS = [
    ({"minutes": "/20"}, ["12:20:00", "12:40:00", "13:00:00", "13:20:00"]),
    ({"hours": "/1", "minutes": 5}, ["12:05:00", "13:05:00"]),
    ({"hours": 13}, ["13:00:00"]),
    ({"minutes": 1, "seconds": "/30"}, ["12:01:00", "12:01:30", "13:01:00", "13:01:30"]),
]


@pytest.mark.parametrize(("pattern", "expected"), PATTERNS)
async def test_a_time_pattern_happens_whenever_it_matches(
    hub: Hub, pattern: dict[str, Any], expected: list[str]
) -> None:
    seen = await listening(hub, {"trigger": "time_pattern", **pattern})
    assert [text.split()[-1] for text in await until(hub, seen, 1.4 / 24)] == expected


def numeric(**keys: Any) -> dict[str, Any]:
    return {"trigger": "numeric_state", "entity_id": SENSOR, **{key.rstrip("_"): value for key, value in keys.items()}}


NUMBERS = [
    (numeric(above=20), ["19", "21", "22", "20", "25", "unavailable", "30"], 3),
    (numeric(below=20), ["19", "18", "21", "x", "5"], 2),
    (numeric(above=10, below=20), ["5", "15", "16", "25", "15"], 2),
    (numeric(above="sensor.limit"), ["40", "60"], 1),
    (numeric(above=20, attribute="n"), [("a", 10), ("a", 30), ("b", 30)], 1),
    (numeric(above=20, value_template="{{ state.state | float * 2 }}"), ["9", "11"], 1),
]


@pytest.mark.parametrize(("trigger", "changes", "count"), NUMBERS)
async def test_a_numeric_trigger_counts_crossings(
    hub: Hub, trigger: dict[str, Any], changes: list[Any], count: int
) -> None:
    hub.set("sensor.limit", "50")
    seen = await listening(hub, trigger)
    for change in changes:
        text, attributes = change if isinstance(change, tuple) else (change, None)
        hub.set(SENSOR, text, **({"n": attributes} if attributes is not None else {}))
        await hub.settle()
    assert len(seen) == count


async def test_a_number_that_is_inside_already_has_to_leave_first(hub: Hub) -> None:
    hub.set(SENSOR, "25")
    seen = await listening(hub, numeric(above=20))
    for text in ("26", "19", "27"):
        hub.set(SENSOR, text)
    await hub.settle()
    assert [trigger["to_state"]["state"] for trigger in seen] == ["27"]


async def test_a_numeric_trigger_can_wait(hub: Hub) -> None:
    seen = await listening(hub, numeric(above=20, for_={"minutes": 1}))
    hub.set(SENSOR, "25")
    await hub.clock.advance(30)
    hub.set(SENSOR, "26")
    await hub.clock.advance(30)
    assert len(seen) == 1
    hub.set(SENSOR, "10")
    hub.set(SENSOR, "30")
    await hub.clock.advance(30)
    hub.set(SENSOR, "10")
    await hub.clock.advance(90)
    assert len(seen) == 1


async def test_a_template_trigger_happens_when_it_becomes_true(hub: Hub) -> None:
    seen = await listening(hub, {"trigger": "template", "value_template": "{{ states('sensor.x') | float(0) > 5 }}"})
    for text in ("3", "6", "7", "2", "9"):
        hub.set(SENSOR, text)
    hub.set("sensor.other", "9")
    await hub.settle()
    assert [trigger["to_state"]["state"] for trigger in seen] == ["6", "9"]
    assert seen[0]["description"] == "sensor.x via template"


async def test_a_template_that_failed_at_first_is_followed_all_the_same(hub: Hub) -> None:
    seen = await listening(hub, {"trigger": "template", "value_template": "{{ states('sensor.x') | float > 5 }}"})
    hub.set(SENSOR, "6")
    await hub.settle()
    assert len(seen) == 1


async def test_a_template_can_look_at_a_whole_domain_and_at_the_time(hub: Hub) -> None:
    count = {
        "trigger": "template",
        "value_template": "{{ states.switch | selectattr('state', 'eq', 'on') | list | count > 1 }}",
    }
    late = {"trigger": "template", "value_template": "{{ now().minute >= 2 }}", "for": 30}
    seen = await listening(hub, count, late)
    hub.set("switch.a", "on")
    hub.set("switch.b", "on")
    await hub.settle()
    assert [trigger["idx"] for trigger in seen] == ["0"]
    await hub.clock.advance(149)
    assert len(seen) == 1
    await hub.clock.advance(1)
    assert [(trigger["idx"], trigger["for"]) for trigger in seen[1:]] == [("1", 30)]


async def test_an_integrations_trigger_happens_when_it_says(hub: Hub) -> None:
    seen = await listening(
        hub,
        {
            "trigger": "toy",
            "topic": "{{ room }}/say",
            "value_template": "{{ value }}",
            "id": "t",
            "variables": {"x": "{{ trigger.n }}"},
        },
        trigger_variables={"room": "hall"},
    )
    ((spec, fire),) = hub.toy.listeners
    assert spec == {"topic": "hall/say", "value_template": "{{ value }}"}
    fire({"platform": "toy", "n": 5, "description": "toy hall/say"})
    await hub.settle()
    assert (seen[0]["id"], seen[0]["n"], seen[0]["description"]) == ("t", 5, "toy hall/say")
    await hub.automations.execute(_call("automation.turn_off"))
    assert hub.toy.listeners == []


async def test_a_trigger_that_the_integration_refuses_is_a_problem_and_the_others_listen(hub: Hub) -> None:
    seen = await listening(hub, {"trigger": "toy", "wrong": 1}, state(to="on"))
    (record,) = hub.automations.records()
    assert record.problems == ("trigger/0: Expected a topic",)
    hub.set(SENSOR, "on")
    await hub.settle()
    assert len(seen) == 1


async def test_device_triggers_that_nobody_has_never_happen_and_are_noted(hub: Hub) -> None:
    seen = await listening(hub, {"platform": "device", "domain": "zha", "device_id": "d", "type": "x"}, state(to="on"))
    (record,) = hub.automations.records()
    assert record.status == "loaded"
    assert record.problems == ("No installed integration has device triggers of zha: trigger/0 will not happen",)
    hub.set(SENSOR, "on")
    await hub.settle()
    assert [trigger["idx"] for trigger in seen] == ["1"]


async def test_disabled_triggers_do_not_happen(hub: Hub) -> None:
    seen = await listening(
        hub,
        {**state(to="a"), "enabled": False},
        {**state(to="b"), "enabled": "{{ wanted }}"},
        {**state(to="c"), "enabled": "{{ not wanted }}"},
        trigger_variables={"wanted": "{{ false }}"},
    )
    for text in "abc":
        hub.set(SENSOR, text)
    await hub.settle()
    assert [trigger["idx"] for trigger in seen] == ["2"]


async def test_lists_of_triggers_inside_the_list_count_as_one_list(hub: Hub) -> None:
    nested: Any = [state(to="b"), {"triggers": [state(to="c")]}]
    seen = await listening(hub, state(to="a"), nested)
    for text in "abc":
        hub.set(SENSOR, text)
    await hub.settle()
    assert [trigger["idx"] for trigger in seen] == ["0", "1", "2"]


def _call(action: str) -> EntityCall:
    return EntityCall(action=action, unique_ids=("test",))
