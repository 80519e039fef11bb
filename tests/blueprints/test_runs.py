"""Runs: modes, records, causal chains, and what happens when something goes wrong."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
import pytest

from hub.adapters.interfaces import EntityCall
from hub.blueprints.look import MAX_RECORDED
from hub.blueprints.steps.event import EventStep
from hub.blueprints.trace import run_row, to_trace, trace_row
from hub.core.context import MAX_DEPTH
from hub.core.records import RunOutcome
from tests.blueprints.conftest import Hub

GO = {"trigger": "event", "event_type": "go"}
NOTE = {"event": "note", "event_data": {"n": "{{ trigger.event.data.n }}"}}
FINISHED, CANCELLED = RunOutcome.FINISHED, RunOutcome.CANCELLED

MODES: list[tuple[dict[str, Any], list[int], dict[int, RunOutcome]]] = [
    ({}, [0], {0: FINISHED, 1: RunOutcome.FAILED_SINGLE, 2: RunOutcome.FAILED_SINGLE}),
    ({"mode": "single"}, [0], {0: FINISHED, 1: RunOutcome.FAILED_SINGLE, 2: RunOutcome.FAILED_SINGLE}),
    ({"mode": "restart"}, [2], {0: CANCELLED, 1: CANCELLED, 2: FINISHED}),
    ({"mode": "queued"}, [0, 1, 2], {0: FINISHED, 1: FINISHED, 2: FINISHED}),
    ({"mode": "queued", "max": 2}, [0, 1], {0: FINISHED, 1: FINISHED, 2: RunOutcome.FAILED_MAX_RUNS}),
    ({"mode": "Parallel"}, [0, 1, 2], {0: FINISHED, 1: FINISHED, 2: FINISHED}),
    ({"mode": "parallel", "max": 2}, [0, 1], {0: FINISHED, 1: FINISHED, 2: RunOutcome.FAILED_MAX_RUNS}),
]


def noted(hub: Hub) -> list[int]:
    """Return the list that the numbers of notes are added to."""
    numbers: list[int] = []
    hub.bus.listen("note", lambda event: numbers.append(event.data["n"]))
    return numbers


@pytest.mark.parametrize(("mode", "done", "outcomes"), MODES)
async def test_a_mode_says_what_a_trigger_does_during_a_run(
    hub: Hub, mode: dict[str, Any], done: list[int], outcomes: dict[int, RunOutcome]
) -> None:
    numbers = noted(hub)
    await hub.run_automation({**mode, "triggers": GO, "actions": [{"delay": 10}, NOTE]})
    for n in range(3):
        hub.fire("go", n=n)
        await hub.settle()
    await hub.clock.advance(60)
    assert numbers == done
    assert {run.trigger["event"]["data"]["n"]: run.outcome for run in hub.runs.all} == outcomes


async def test_queued_runs_wait_for_each_other(hub: Hub) -> None:
    numbers = noted(hub)
    await hub.run_automation({"mode": "queued", "triggers": GO, "actions": [NOTE, {"delay": 10}]})
    for n in range(3):
        hub.fire("go", n=n)
    await hub.settle()
    assert numbers == [0]
    await hub.clock.advance(10)
    assert numbers == [0, 1]
    await hub.clock.advance(10)
    assert numbers == [0, 1, 2]


async def test_a_run_that_is_restarted_in_the_same_moment_leaves_a_record_too(hub: Hub) -> None:
    await hub.run_automation({"mode": "restart", "triggers": GO, "actions": [{"delay": 10}]})
    for n in range(5):
        hub.fire("go", n=n)
    await hub.clock.advance(10)
    assert hub.outcomes == [CANCELLED] * 4 + [FINISHED]


@pytest.mark.parametrize(("level", "told"), [("silent", False), ("warning", True)])
async def test_a_trigger_in_vain_is_told_unless_silent(
    hub: Hub, level: str, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    await hub.run_automation({"max_exceeded": level, "triggers": GO, "actions": [{"delay": 10}]})
    with caplog.at_level(logging.WARNING):
        hub.fire("go", n=0)
        hub.fire("go", n=1)
    assert ("was triggered while 1 of its runs are going on" in caplog.text) is told


async def test_the_entity_shows_how_many_runs_there_are_and_when_the_last_began(hub: Hub) -> None:
    await hub.run_automation({"mode": "parallel", "max": 5, "triggers": GO, "actions": [{"delay": 10}]})
    state = hub.states.get("automation.test")
    assert state is not None
    assert (state.state, state.attributes["friendly_name"]) == ("on", "Test")
    assert {key: state.attributes[key] for key in ("id", "mode", "current", "max", "last_triggered")} == {
        "id": "test", "mode": "parallel", "current": 0, "max": 5, "last_triggered": None,
    }  # fmt: skip
    hub.fire("go", n=0)
    hub.fire("go", n=1)
    running = hub.states.get("automation.test")
    assert running is not None
    assert running.attributes["current"] == 2
    assert [run.outcome for run in hub.automations.running("test")] == [None, None]
    assert running.attributes["last_triggered"].timestamp() == hub.clock.time()
    await hub.clock.advance(10)
    assert hub.states.get("automation.test").attributes["current"] == 0  # type: ignore[union-attr]


async def test_a_run_is_announced_when_it_begins_and_when_it_has_ended(hub: Hub) -> None:
    heard: list[Any] = []
    for event_type in ("automation_triggered", "hearth_run_finished"):
        hub.bus.listen(event_type, heard.append)
    await hub.run_automation({"triggers": GO, "actions": [{"delay": 1}]})
    hub.fire("go", n=0)
    (begun,) = heard
    assert begun.data == {"name": "Test", "entity_id": "automation.test", "source": "event 'go'"}
    await hub.clock.advance(1)
    assert heard[1].data == run_row(hub.last)
    assert heard[1].data["outcome"] == "finished"
    assert heard[1].data["trigger"] == {"platform": "event", "id": "0", "description": "event 'go'"}
    assert begun.context.id == heard[1].context.id == hub.last.context["id"]


async def test_runs_that_cause_each_other_without_end_are_stopped(hub: Hub) -> None:
    await hub.run_automation(
        {"mode": "queued", "max": 100, "triggers": GO, "actions": [{"event": "go", "event_data": {"n": 0}}]}
    )
    hub.fire("go", n=0)
    await hub.settle()
    assert sorted(hub.outcomes) == sorted([FINISHED] * MAX_DEPTH + [RunOutcome.RECURSION])  # type: ignore[type-var]
    (stopped,) = [run for run in hub.runs.all if run.outcome is RunOutcome.RECURSION]
    assert stopped.error == "Expected at most 8 automation runs to cause each other, got more: this is a loop"


async def test_a_loop_through_a_device_is_stopped(hub: Hub) -> None:
    flip = {"trigger": "state", "entity_id": "light.lamp"}
    await hub.run_automation({"mode": "queued", "max": 100, "triggers": flip, "actions": [
        {"action": "light.turn_{{ 'off' if trigger.to_state.state == 'on' else 'on' }}", "target": {"entity_id": "light.lamp"}},
    ]})  # fmt: skip
    hub.set("light.lamp", "on")
    await hub.settle()
    assert RunOutcome.RECURSION in hub.outcomes
    assert len(hub.toy.calls) <= MAX_DEPTH


async def test_a_loop_through_the_automations_own_entity_is_stopped(hub: Hub) -> None:
    every = {"trigger": "event", "event_type": "state_changed"}
    await hub.run_automation({"mode": "parallel", "triggers": every, "actions": [{"delay": 20}]})
    hub.set("sensor.x", "on")
    for _ in range(20):
        await hub.clock.advance(20)
    assert RunOutcome.RECURSION in hub.outcomes
    ended = len(hub.outcomes)
    await hub.clock.advance(600)
    assert len(hub.outcomes) == ended
    assert hub.automations.running() == []


async def test_a_loop_through_automation_trigger_is_stopped(hub: Hub) -> None:
    again = {"action": "automation.trigger", "target": {"entity_id": "automation.test"}}
    await hub.run_automation({"mode": "parallel", "max": 100, "triggers": GO, "actions": [again]})
    hub.fire("go", n=0)
    await hub.settle()
    assert hub.outcomes.count(RunOutcome.RECURSION) == 1
    assert len(hub.outcomes) == MAX_DEPTH + 1


async def test_a_loop_through_an_integrations_trigger_in_the_same_call_is_stopped(hub: Hub) -> None:
    async def publish(call: EntityCall) -> None:
        hub.toy.listeners[0][1]({"platform": "toy"})

    hub.toy.execute = publish  # type: ignore[method-assign]
    ask = {"action": "toy.ask", "continue_on_error": True}
    await hub.run_automation(
        {"mode": "parallel", "max": 100, "triggers": {"trigger": "toy", "topic": "t"}, "actions": [ask]}
    )
    hub.toy.listeners[0][1]({"platform": "toy"})
    await hub.settle()
    assert hub.outcomes.count(RunOutcome.RECURSION) == 1


async def test_a_failing_automation_disturbs_no_other(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.write("bad", {"alias": "Bad", "triggers": GO, "actions": [{"event": "boom"}]})
    hub.write(
        "worse",
        {
            "alias": "Worse",
            "triggers": GO,
            "conditions": "{{ boom() }}",
            "variables": {"x": "{{ boom() }}"},
            "actions": [],
        },
    )
    good = {"triggers": GO, "actions": {"action": "light.turn_on", "target": {"entity_id": "light.lamp"}}}
    await hub.run_automation(good, "good")

    async def defect(*_: Any) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(EventStep, "run", defect)
    hub.fire("go")
    await hub.settle()
    outcomes = {run.automation_id: (run.outcome, run.error) for run in hub.runs.all}
    assert outcomes["bad"] == (RunOutcome.ERROR, "ZeroDivisionError: a defect")
    assert outcomes["worse"][0] is RunOutcome.ERROR
    assert "'boom' is undefined" in str(outcomes["worse"][1])
    assert outcomes["good"] == (FINISHED, None)
    assert hub.called == ["light.turn_on lamp"]


async def test_runs_end_with_the_hub_and_say_so(hub: Hub) -> None:
    await hub.run_automation({"triggers": GO, "actions": [{"delay": 100}]})
    hub.fire("go", n=0)
    await hub.settle()
    await hub.supervisor.stop("automation")
    await hub.settle()
    assert hub.outcomes == [CANCELLED]
    hub.fire("go", n=1)
    assert hub.outcomes == [CANCELLED]


async def test_a_record_keeps_no_more_steps_than_anybody_reads(hub: Hub) -> None:
    await hub.run_automation({"triggers": GO, "actions": [{"sequence": []}] * (MAX_RECORDED + 50)})
    hub.fire("go", n=0)
    await hub.settle()
    assert hub.outcomes == [FINISHED]
    assert len(hub.last.steps) == MAX_RECORDED


async def test_long_texts_are_cut_in_the_record_only(hub: Hub) -> None:
    heard: list[Any] = []
    hub.bus.listen("note", heard.append)
    steps = [
        {"variables": {"long": "{{ 'x' * 90000 }}"}},
        {"event": "note", "event_data": {"n": "{{ long | length }}"}},
    ]
    await hub.run_automation({"triggers": GO, "actions": steps})
    hub.fire("go", n=0)
    await hub.settle()
    assert heard[0].data == {"n": 90000}
    assert len(hub.last.steps[1].variables["long"]) == 4097


async def test_a_record_is_plain_data(hub: Hub) -> None:
    steps = [
        {"variables": {"when": "{{ now() }}", "state": "{{ states.light.lamp }}", "set": "{{ set([1]) }}"}},
        {"stop": ""},
    ]
    await hub.run_automation({"triggers": {"trigger": "state", "entity_id": "sensor.x"}, "actions": steps})
    hub.set("sensor.x", "on", when=object())
    await hub.settle()
    assert orjson.loads(orjson.dumps(hub.last.as_dict()))["trigger"]["to_state"]["state"] == "on"


async def test_a_trace_has_home_assistants_form(hub: Hub) -> None:
    await hub.run_automation({
        "triggers": [{"trigger": "state", "entity_id": "sensor.x", "id": "tog"}],
        "conditions": "{{ trigger.id == 'tog' }}",
        "actions": [
            {"variables": {"x": "{{ states('sensor.x') }}"}},
            {"choose": [{"conditions": "{{ x == 'on' }}", "sequence": [{"action": "light.turn_on", "target": {"entity_id": "light.lamp"}}]}]},
            {"stop": "done"},
        ],
    })  # fmt: skip
    hub.set("sensor.x", "on")
    await hub.settle()
    trace = orjson.loads(orjson.dumps(to_trace(hub.last)))
    assert set(trace) == {
        "last_step", "run_id", "state", "script_execution", "timestamp", "domain", "item_id", "trigger",
        "trace", "config", "blueprint_inputs", "context",
    }  # fmt: skip
    assert trace["last_step"] == "action/2"
    assert (trace["state"], trace["script_execution"], trace["trigger"]) == ("stopped", "finished", "state of sensor.x")
    assert list(trace["trace"]) == [
        "trigger/0", "condition/0", "action/0", "action/1", "action/1/choose/0", "action/1/choose/0/conditions/0",
        "action/1/choose/0/sequence/0", "action/2",
    ]  # fmt: skip
    elements = {path: rows[0] for path, rows in trace["trace"].items()}
    assert set(elements["trigger/0"]["changed_variables"]) == {"this", "trigger"}
    assert elements["condition/0"]["result"]["result"] is True
    assert elements["action/0"]["changed_variables"] == {"x": "on"}
    assert elements["action/1"]["result"] == {"choice": 0}
    assert elements["action/1/choose/0"]["result"] == {"result": True}
    params = elements["action/1/choose/0/sequence/0"]["result"]["params"]
    assert params == {
        "domain": "light",
        "service": "turn_on",
        "service_data": {},
        "target": {"entity_id": ["light.lamp"]},
    }
    assert elements["action/2"]["result"] == {"stop": "done", "error": False}
    assert trace["context"] == hub.last.context
    assert trace["config"]["alias"] == "Test"


async def test_a_run_that_goes_on_is_shown_as_running(hub: Hub) -> None:
    await hub.run_automation({"triggers": GO, "actions": [{"delay": 5}]})
    hub.fire("go", n=0)
    await hub.settle()
    (run,) = hub.automations.running()
    row = trace_row(run)
    assert (row["state"], row["script_execution"], row["timestamp"]["finish"], row["last_step"]) == (
        "running",
        None,
        None,
        "action/0",
    )


async def test_turning_an_automation_off_ends_its_runs_unless_told_otherwise(hub: Hub) -> None:
    await hub.run_automation({"triggers": GO, "actions": [{"delay": 5}]})
    hub.fire("go", n=0)
    await hub.settle()
    await hub.automations.execute(
        EntityCall(action="automation.turn_off", unique_ids=("test",), data={"stop_actions": False})
    )
    assert len(hub.automations.running()) == 1
    await hub.automations.execute(EntityCall(action="automation.turn_off", unique_ids=("test",), data={}))
    await asyncio.sleep(0)
    await hub.settle()
    assert hub.automations.running() == []
    assert hub.outcomes == [CANCELLED]
