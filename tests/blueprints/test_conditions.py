from __future__ import annotations

from typing import Any

import pytest

from hub.core.records import RunOutcome
from tests.blueprints.conftest import Hub

GO = {"trigger": "event", "event_type": "go", "id": "go"}
DONE = {"event": "done"}


async def holds(hub: Hub, *conditions: Any) -> bool:
    """Run an automation with these conditions once; say whether they held."""
    await hub.run_automation({"triggers": GO, "conditions": list(conditions), "actions": [DONE]})
    hub.fire("go", number=5)
    await hub.settle()
    assert len(hub.runs.all) == 1
    return hub.last.outcome is RunOutcome.FINISHED


def home(hub: Hub) -> None:
    hub.set("light.a", "on", brightness=100)
    hub.set("light.b", "off")
    hub.set("sensor.t", "21.5", n=3)
    hub.set("sensor.limit", "20")
    hub.set("sensor.gone", "unavailable")
    hub.set("input_select.mode", "on")


def numeric(**keys: Any) -> dict[str, Any]:
    return {"condition": "numeric_state", "entity_id": "sensor.t", **keys}


def state(**keys: Any) -> dict[str, Any]:
    return {"condition": "state", "entity_id": "light.a", **keys}


def time(**keys: Any) -> dict[str, Any]:
    return {"condition": "time", **keys}


ON, OFF = state(state="on"), state(state="off")
TABLE: list[tuple[Any, bool]] = [
    (ON, True),
    (OFF, False),
    (state(state=["off", "on"]), True),
    (state(state=True), True),
    (state(entity_id=["light.a", "light.b"], state="on"), False),
    (state(entity_id="light.a, light.b", state="on", match="any"), True),
    (state(state=100, attribute="brightness"), True),
    (state(state="100", attribute="brightness"), False),
    (state(state="input_select.mode"), True),
    (state(entity_id="light.nowhere", state="on"), False),
    (state(state="on", **{"for": 30}), True),
    (state(state="on", **{"for": {"minutes": "{{ 5 }}"}}), False),
    (numeric(above=20), True),
    (numeric(above=21.5), False),
    (numeric(below=30, above="sensor.limit"), True),
    (numeric(above=2, attribute="n"), True),
    (numeric(above=40, value_template="{{ state.state | float * 2 }}"), True),
    (numeric(above=0, entity_id="sensor.gone"), False),
    (numeric(above=0, entity_id="light.a"), False),
    (numeric(above=0, entity_id=["sensor.t", "sensor.limit"]), True),
    (numeric(above="sensor.nowhere"), False),
    ({"condition": "template", "value_template": "{{ is_state('light.a', 'on') }}"}, True),
    ({"condition": "template", "value_template": "{{ 'yes' }}"}, False),
    ({"condition": "template", "value_template": True}, True),
    ("{{ trigger.event.data.number == 5 }}", True),
    ("{{ nothing.at.all }}", False),
    ({"condition": "{{ 1 == 1 }}"}, True),
    ({"condition": "and", "conditions": [ON, OFF]}, False),
    ({"condition": "or", "conditions": [OFF, ON]}, True),
    ({"condition": "not", "conditions": [OFF, OFF]}, True),
    ({"condition": "not", "conditions": [OFF, ON]}, False),
    ({"and": [ON, "{{ true }}"]}, True),
    ({"or": [OFF, {"not": OFF}]}, True),
    ({"not": [ON]}, False),
    ([ON, OFF], False),
    ({"condition": [ON]}, True),
    ({"condition": []}, True),
    ({**OFF, "enabled": False}, True),
    ({**OFF, "enabled": "{{ 1 == 2 }}"}, True),
    ({"or": [{**ON, "enabled": False}]}, False),
    ({"condition": "trigger", "id": "go"}, True),
    ({"condition": "trigger", "id": ["other"]}, False),
    (time(after="11:59"), True),
    (time(after="12:02"), False),
    (time(before="12:00:30"), False),
    (time(after="11:00", before="13:00"), True),
    (time(after="22:00", before="6:00"), False),
    (time(after="11:00", before="6:00"), True),
    (time(weekday="mon"), True),
    (time(weekday=["tue", "Wed"]), False),
    (time(after="input_datetime.start"), True),
    (time(after="sensor.t"), False),
    (time(after="sensor.nowhere"), False),
]


@pytest.mark.parametrize(("condition", "expected"), TABLE)
async def test_conditions_hold_or_do_not(hub: Hub, condition: Any, expected: bool) -> None:
    home(hub)
    hub.set("input_datetime.start", "2024-01-01 06:00:00")
    await hub.clock.advance(60)
    assert await holds(hub, condition) is expected


@pytest.mark.parametrize("conditions", [None, [], "", {}, [{}], [""]])
async def test_no_conditions_always_hold(hub: Hub, conditions: Any) -> None:
    await hub.run_automation({"triggers": GO, "conditions": conditions, "actions": [DONE]})
    hub.fire("go")
    await hub.settle()
    assert hub.outcomes == [RunOutcome.FINISHED]


async def test_what_was_compared_is_recorded(hub: Hub) -> None:
    home(hub)
    condition = {"or": [OFF, numeric(above=20, below=30), "{{ states('light.b') == 'off' }}"]}
    assert await holds(hub, ON, condition)
    found = {
        step.path: (step.kind, step.compared, step.result)
        for step in hub.last.steps
        if step.path.startswith("condition")
    }
    assert found == {
        "condition/0": (
            "state",
            {"entity_id": "light.a", "state": "on", "wanted_state": "on", "result": True},
            {"result": True},
        ),
        "condition/1": ("or", {}, {"result": True}),
        "condition/1/conditions/0": (
            "state",
            {"entity_id": "light.a", "state": "on", "wanted_state": "off", "result": False},
            {"result": False},
        ),
        "condition/1/conditions/1": (
            "numeric_state",
            {
                "entity_id": "sensor.t",
                "state": 21.5,
                "wanted_state_above": 20.0,
                "wanted_state_below": 30.0,
                "result": True,
            },
            {"result": True},
        ),
    }


async def test_a_templates_entities_and_their_states_are_recorded(hub: Hub) -> None:
    home(hub)
    assert not await holds(hub, "{{ is_state('light.a', 'off') and is_state('light.nowhere', 'on') }}")
    assert hub.last.steps[1].compared == {"entities": ["light.a"], "rendered": "False", "states": {"light.a": "on"}}


async def test_why_a_condition_could_not_be_told_is_recorded(hub: Hub) -> None:
    assert not await holds(hub, state(entity_id="light.nowhere", state="on"))
    assert hub.last.steps[1].error == "Expected a known entity, got light.nowhere"
    assert hub.outcomes == [RunOutcome.FAILED_CONDITIONS]
    assert hub.called == []
