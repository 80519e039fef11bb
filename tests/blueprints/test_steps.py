from __future__ import annotations

from typing import Any

import pytest

from hub.adapters.interfaces import EntityCall
from hub.core.callers import CallerKind
from hub.core.records import RunOutcome
from hub.errors import ModelUnavailable
from tests.blueprints.conftest import Hub

GO = {"trigger": "event", "event_type": "go"}
ON = {"action": "light.turn_on", "target": {"entity_id": "light.lamp"}}
OFF = {"action": "light.turn_off", "target": {"entity_id": "light.lamp"}}


async def go(hub: Hub, *actions: Any, **more: Any) -> None:
    """Run an automation with these steps once."""
    await hub.run_automation({"triggers": GO, "actions": list(actions), **more})
    hub.fire("go", level=40, name="lamp")
    await hub.settle()


def result(hub: Hub, path: str) -> Any:
    run = hub.runs.all[-1] if hub.runs.all else hub.automations.running()[0]
    return next(step for step in run.steps if step.path == path).result


def variables(hub: Hub) -> dict[str, Any]:
    return {
        name: value
        for step in hub.last.steps
        if step.path.startswith("action")
        for name, value in step.variables.items()
    }


ACTIONS: list[tuple[dict[str, Any], EntityCall]] = [
    (ON, EntityCall(action="light.turn_on", unique_ids=("lamp",))),
    ({"service": "light.turn_on", "entity_id": "light.lamp"}, EntityCall(action="light.turn_on", unique_ids=("lamp",))),
    (
        {"service": "light.turn_off", "data": {"entity_id": ["light.lamp"], "transition": 2}},
        EntityCall(action="light.turn_off", unique_ids=("lamp",), data={"transition": 2}),
    ),
    (
        {**ON, "data": {"brightness_pct": "{{ trigger.event.data.level }}"}},
        EntityCall(action="light.turn_on", unique_ids=("lamp",), data={"brightness_pct": 40}),
    ),
    (
        {**ON, "data_template": {"transition": "{{ 1 + 1 }}"}, "data": {"flash": "short"}},
        EntityCall(action="light.turn_on", unique_ids=("lamp",), data={"transition": 2, "flash": "short"}),
    ),
    (
        {
            "action": "{{ 'light' }}.turn_{{ 'off' }}",
            "target": "{{ {'entity_id': 'light.' ~ trigger.event.data.name} }}",
        },
        EntityCall(action="light.turn_off", unique_ids=("lamp",)),
    ),
    (
        {**OFF, "data": "{{ {'transition': 3} }}"},
        EntityCall(action="light.turn_off", unique_ids=("lamp",), data={"transition": 3}),
    ),
    ({**ON, "data": {}, "metadata": {}, "alias": "On"}, EntityCall(action="light.turn_on", unique_ids=("lamp",))),
    (
        {"action": "LIGHT.turn_on", "target": {"entity_id": "light.lamp", "area_id": "", "device_id": []}},
        EntityCall(action="light.turn_on", unique_ids=("lamp",)),
    ),
]


@pytest.mark.parametrize(("step", "expected"), ACTIONS)
async def test_an_action_reaches_the_device_rendered(hub: Hub, step: dict[str, Any], expected: EntityCall) -> None:
    await go(hub, {**step, "continue_on_error": True})
    (call,) = hub.toy.calls
    assert (call.action, call.unique_ids) == (expected.action, expected.unique_ids)
    assert {key: value for key, value in call.data.items() if value is not None} == expected.data


async def test_an_actions_record_says_what_was_asked_and_what_became_of_it(hub: Hub) -> None:
    await go(hub, {**ON, "data": {"brightness_pct": 50}})
    assert result(hub, "action/0") == {
        "params": {
            "domain": "light", "service": "turn_on", "service_data": {"brightness_pct": 50},
            "target": {"entity_id": ["light.lamp"]},
        },
        "running_script": False, "outcome": "accepted", "entities": ["light.lamp"],
    }  # fmt: skip


async def test_an_actions_answer_becomes_a_variable(hub: Hub) -> None:
    await go(hub, {"action": "toy.ask", "response_variable": "reply"}, {"variables": {"n": "{{ reply.answer + 1 }}"}})
    assert variables(hub) == {"reply": {"answer": 42}, "n": 43}


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"action": "light.explode"}, "Expected a known action"),
        ({**ON, "data": {"brightness_pct": "much"}}, "expected a number"),
        ({**ON, "data": {"brightness_pct": "{{ nothing.x }}"}}, "'nothing' is undefined"),
        ({"action": "{{ 'nonsense' }}"}, "Expected an action such as light.turn_on, got 'nonsense'"),
        (
            {"action": "light.turn_on", "target": "{{ [1] }}"},
            r"Expected a mapping as the target of light.turn_on, got \[1\]",
        ),
        ({"action": "light.turn_on", "target": {"entity": "x"}}, "Expected a target of entity_id"),
        ({"action": "light.turn_on", "target": {"entity_id": "light.fan"}}, "Automations may not touch the fan"),
        ({"event": "x", "event_data": "{{ 5 }}"}, "Expected a mapping as the data of x, got 5"),
        ({"delay": "{{ 'soon' }}"}, "Expected a duration"),
        ({"delay": "{{ -5 }}"}, "Expected a duration of 0 or more"),
    ],
)
async def test_a_step_that_fails_ends_the_run_and_says_why(hub: Hub, step: dict[str, Any], error: str) -> None:
    await go(hub, step, ON)
    assert hub.outcomes == [RunOutcome.ERROR]
    assert hub.called == []
    with pytest.raises(AssertionError, match=error):
        raise AssertionError(hub.last.steps[-1].error)
    assert hub.last.error == hub.last.steps[-1].error


async def test_a_step_may_fail_where_it_says_so(hub: Hub) -> None:
    hub.toy.refuses = True
    await go(hub, {**ON, "continue_on_error": True}, {"event": "after"})
    assert hub.outcomes == [RunOutcome.FINISHED]
    assert hub.last.steps[1].error == "The lamp is broken"
    assert hub.last.steps[-1].path == "action/1"


async def test_actions_are_audited_in_the_automations_name(hub: Hub) -> None:
    await go(hub, ON)
    (row,) = [row for row in hub.audit.rows if row.kind == "action"]
    assert (row.caller, row.subject) == ("automation:automation.test", "light.turn_on")
    assert row.context_id == hub.last.context["id"]


CHOICES: list[tuple[str, Any, list[str]]] = [
    ("a", 0, ["action/0", "action/0/choose/0", "action/0/choose/0/conditions/0", "action/0/choose/0/sequence/0"]),
    ("b", 1, ["action/0", "action/0/choose/0", "action/0/choose/0/conditions/0", "action/0/choose/1",
              "action/0/choose/1/conditions/0", "action/0/choose/1/sequence/0"]),
    ("c", "default", ["action/0", "action/0/choose/0", "action/0/choose/0/conditions/0", "action/0/choose/1",
                      "action/0/choose/1/conditions/0", "action/0/default/0"]),
]  # fmt: skip


@pytest.mark.parametrize(("state", "choice", "paths"), CHOICES)
async def test_choose_takes_the_first_option_that_holds(hub: Hub, state: str, choice: Any, paths: list[str]) -> None:
    hub.set("sensor.x", state)
    options = [
        {"conditions": f"{{{{ is_state('sensor.x', '{wanted}') }}}}", "sequence": {"variables": {"took": wanted}}}
        for wanted in "ab"
    ]
    await go(hub, {"choose": options, "default": [{"variables": {"took": "default"}}]})
    assert [step.path for step in hub.last.steps[1:]] == paths
    assert result(hub, "action/0") == {"choice": choice}


async def test_choose_without_a_default_may_do_nothing(hub: Hub) -> None:
    await go(hub, {"choose": {"conditions": [], "sequence": []}}, {"choose": []}, ON)
    assert hub.called == ["light.turn_on lamp"]
    assert result(hub, "action/0") == {"choice": 0}
    assert result(hub, "action/1") == {}


@pytest.mark.parametrize(("state", "path"), [("on", "action/0/then/0"), ("off", "action/0/else/0")])
async def test_if_takes_one_of_two_ways(hub: Hub, state: str, path: str) -> None:
    hub.set("sensor.x", state)
    condition = {"condition": "state", "entity_id": "sensor.x", "state": "on"}
    await go(hub, {"if": [condition], "then": ON, "else": OFF})
    assert [step.path for step in hub.last.steps[1:]] == ["action/0", "action/0/if/condition/0", path]


async def test_a_delay_waits(hub: Hub) -> None:
    await go(hub, {"delay": {"minutes": "{{ 1 }}", "seconds": 30}}, ON)
    await hub.clock.advance(89)
    assert hub.called == []
    await hub.clock.advance(1)
    assert hub.called == ["light.turn_on lamp"]
    assert result(hub, "action/0") == {"delay": 90.0, "done": True}


async def test_variables_come_from_those_before_and_keep_their_type(hub: Hub) -> None:
    await go(
        hub,
        {
            "variables": {
                "a": 1,
                "b": "{{ a + x }}",
                "c": "{{ [a, b] }}",
                "d": ["{{ b }}", {"k": "{{ trigger.platform }}"}],
            }
        },
        {"variables": {"a": "{{ b * 2 }}"}},
        variables={"x": "{{ trigger.event.data.level }}", "trigger": "not this one"},
    )
    assert variables(hub) == {"a": 82, "b": 41, "c": [1, 41], "d": [41, {"k": "event"}]}


async def test_an_event_is_published_in_the_runs_chain(hub: Hub) -> None:
    heard: list[Any] = []
    hub.bus.listen("done", heard.append)
    await go(
        hub,
        {"event": "done", "event_data": {"level": "{{ trigger.event.data.level }}"}, "event_data_template": {"x": 1}},
    )
    (event,) = heard
    assert (event.data, event.context.id, event.context.depth) == ({"level": 40, "x": 1}, hub.last.context["id"], 1)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ({"stop": "enough"}, RunOutcome.FINISHED),
        ({"stop": "{{ 'bad' }}", "error": True}, RunOutcome.ABORTED),
        ({"if": "{{ true }}", "then": [{"stop": "inside"}]}, RunOutcome.FINISHED),
        ({"condition": "template", "value_template": "{{ false }}"}, RunOutcome.ABORTED),
        ("{{ false }}", RunOutcome.ABORTED),
        ({"or": ["{{ false }}"]}, RunOutcome.ABORTED),
        ({"condition": "state", "entity_id": "light.nowhere", "state": "on"}, RunOutcome.ABORTED),
    ],
)
async def test_steps_that_end_the_run(hub: Hub, step: Any, outcome: RunOutcome) -> None:
    await go(hub, step, ON)
    assert hub.outcomes == [outcome]
    assert hub.called == []


async def test_conditions_as_steps_let_it_go_on(hub: Hub) -> None:
    await go(hub, "{{ true }}", {"and": ["{{ true }}"]}, {"condition": "template", "value_template": "{{ true }}"}, ON)
    assert hub.called == ["light.turn_on lamp"]
    assert [step.path for step in hub.last.steps[1:]] == [
        "action/0",
        "action/1",
        "action/1/conditions/0",
        "action/2",
        "action/3",
    ]


async def test_disabled_steps_are_passed_over(hub: Hub) -> None:
    await go(
        hub,
        {**ON, "enabled": False},
        {**OFF, "enabled": "{{ true }}"},
        {"delay": 5, "enabled": "no"},
        {"stop": "", "enabled": "off"},
    )
    assert hub.called == ["light.turn_off lamp"]
    assert result(hub, "action/0") == {"enabled": False}


async def test_sequences_can_stand_inside(hub: Hub) -> None:
    await go(hub, {"sequence": [ON, {"sequence": []}]}, OFF)
    assert hub.called == ["light.turn_on lamp", "light.turn_off lamp"]
    assert "action/0/sequence/0" in [step.path for step in hub.last.steps]


async def test_waiting_for_a_template(hub: Hub) -> None:
    await go(
        hub,
        {"wait_template": "{{ is_state('sensor.x', 'go') }}", "timeout": 60},
        {"variables": {"left": "{{ wait.remaining }}"}},
    )
    await hub.clock.advance(20)
    hub.set("sensor.x", "go")
    await hub.settle()
    assert variables(hub) == {"wait": {"remaining": 40.0, "completed": True}, "left": 40.0}
    assert "sensor.x" not in hub.bus._by_entity


async def test_waiting_for_a_template_that_is_true_already_does_not_wait(hub: Hub) -> None:
    await go(hub, {"wait_template": "{{ true }}"}, ON)
    assert hub.called == ["light.turn_on lamp"]


@pytest.mark.parametrize("goes_on", [True, False])
async def test_waiting_too_long(hub: Hub, goes_on: bool) -> None:
    wait = {"timeout": {"seconds": 30}, "continue_on_timeout": goes_on}
    await go(hub, {"wait_template": "{{ is_state('sensor.x', 'go') }}", **wait}, ON)
    await hub.clock.advance(30)
    assert hub.called == (["light.turn_on lamp"] if goes_on else [])
    assert hub.outcomes == [RunOutcome.FINISHED if goes_on else RunOutcome.ABORTED]
    assert result(hub, "action/0") == {"wait": {"remaining": 0.0, "completed": False}}


async def test_waiting_for_a_trigger(hub: Hub) -> None:
    triggers = [
        {"trigger": "event", "event_type": "{{ 'later' }}", "id": "one"},
        {"trigger": "state", "entity_id": "sensor.x", "to": "on", "for": 10},
    ]
    await go(hub, {"wait_for_trigger": triggers}, {"variables": {"by": "{{ wait.trigger.id }}"}})
    hub.set("sensor.x", "on")
    await hub.clock.advance(10)
    hub.fire("later")
    assert variables(hub)["by"] == 1
    assert hub.last.outcome is RunOutcome.FINISHED


CAPABILITIES = [
    {"action": ["light.*", "switch.turn_on"], "area": "hall"},
    {"action": "cover.*", "domain": ["cover"], "entity": "cover.a*"},
]


async def test_an_agent_step_puts_a_sentence_before_the_agent_within_its_capabilities(hub: Hub) -> None:
    hub.agent.proposes("light.turn_on", entity_id=["light.lamp"])
    step = {
        "agent": {
            "command": "{{ trigger.event.data.said }}", "capabilities": CAPABILITIES, "confidence": 0.7,
            "language": "zh-Hans", "area": "{{ 'hall' }}",
        },
        "response_variable": "decision",
    }  # fmt: skip
    await hub.run_automation({"triggers": GO, "actions": [step, {"variables": {"n": "{{ decision.calls | length }}"}}]})
    hub.fire("go", said=" turn on {{ states('light.lamp') }} ")
    await hub.settle()
    (said,) = hub.agent.said
    assert said["text"] == "turn on {{ states('light.lamp') }}"  # what was said is data: never rendered
    assert (said["language"], said["area_id"], said["threshold"]) == ("zh-Hans", "hall", 0.7)
    assert (said["caller"].kind, said["caller"].id) == (CallerKind.AGENT, "automation.test")
    assert [capability.as_dict() for capability in said["caller"].capabilities] == [
        {"action": "light.*", "area": ["hall"]},
        {"action": "switch.turn_on", "area": ["hall"]},
        {"action": "cover.*", "domain": ["cover"], "entity": ["cover.a*"]},
    ]
    assert said["context"].id == hub.last.context["id"]
    assert hub.last.steps[1].decision == hub.agent.reply
    assert variables(hub)["decision"]["answer"] == "Done"
    assert variables(hub)["n"] == 1


@pytest.mark.parametrize("said", ["", "   ", "x" * 301])
async def test_nothing_or_too_much_is_not_put_before_the_agent(hub: Hub, said: str) -> None:
    step = {"agent": {"command": "{{ trigger.event.data.said }}", "capabilities": [{"action": "light.*"}]}}
    await hub.run_automation({"triggers": GO, "actions": [step]})
    hub.fire("go", said=said)
    await hub.settle()
    assert hub.agent.said == []
    assert "Expected a command of 1 to 300 characters" in str(hub.last.error)


async def test_rules_go_on_without_a_model_where_the_author_says_so(hub: Hub) -> None:
    hub.agent.reply = ModelUnavailable("There is no model")
    step = {"agent": {"command": "light", "capabilities": [{"action": "light.*"}]}, "continue_on_error": True}
    await go(hub, step, ON)
    assert hub.called == ["light.turn_on lamp"]
    assert hub.last.steps[1].error == "There is no model"
