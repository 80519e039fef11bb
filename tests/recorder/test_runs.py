from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.records import Decision, Option, Run, RunOutcome, StepRecord, ToolCall
from hub.core.states import States
from hub.recorder import Recorder
from hub.recorder.runs import decode_run

Query = Callable[..., list[tuple[Any, ...]]]
START = 1_700_000_000.0


def a_run(number: int, automation_id: str = "hall_light", outcome: RunOutcome | None = RunOutcome.FINISHED) -> Run:
    return Run(
        run_id=f"run{number}",
        automation_id=automation_id,
        entity_id=f"automation.{automation_id}",
        started=START + number,
        finished=START + number + 0.5,
        outcome=outcome,
    )


async def test_a_run_comes_back_as_it_was_with_its_decisions(recorder: Recorder) -> None:
    run = a_run(1, outcome=RunOutcome.ERROR)
    run.error = "No such lamp"
    run.context = {"id": "01ABC", "parent_id": None}
    call = ToolCall(
        action="light.turn_on",
        target={"area_id": ["hall"]},
        entities=("light.hall",),
        outcome="accepted",
        confidence=0.9,
    )
    decision = Decision(
        question="What now?",
        options=(Option(name="on", probability=0.9), Option(name="off", probability=0.1)),
        calls=(call,),
    )
    run.steps = [
        StepRecord(path="trigger/0", kind="state", started=START, compared={"to": "on"}),
        StepRecord(path="action/0", kind="agent", started=START, finished=START + 1, decision=decision),
    ]
    recorder.runs.add(run)
    assert await recorder.runs.get("run1") == run


async def test_recent_runs_come_newest_first_and_of_one_automation_if_asked(recorder: Recorder) -> None:
    for number in range(6):
        recorder.runs.add(a_run(number, "even" if number % 2 == 0 else "odd"))
    assert [run.run_id for run in await recorder.runs.recent(limit=3)] == ["run5", "run4", "run3"]
    assert [run.run_id for run in await recorder.runs.recent("even")] == ["run4", "run2", "run0"]
    assert await recorder.runs.recent("none") == []
    assert await recorder.runs.get("none") is None


async def test_outcome_and_automation_can_be_queried(recorder: Recorder, query: Query) -> None:
    recorder.runs.add(a_run(1, outcome=RunOutcome.FAILED_CONDITIONS))
    await recorder.flush()
    assert query("SELECT automation_id, outcome FROM runs") == [("hall_light", "failed_conditions")]


async def test_states_inside_a_run_are_stored_as_home_assistant_shows_them(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    run = a_run(1)
    state = states.set("light.hall", "on", {"level": 3}, context=context)
    run.trigger = {"platform": "state", "to_state": state, "from_state": None, "for": None}
    recorder.runs.add(run)
    stored = await recorder.runs.get("run1")
    assert stored is not None
    assert stored.trigger["to_state"]["state"] == "on"
    assert stored.trigger["to_state"]["attributes"] == {"level": 3}


async def test_the_same_run_twice_is_kept_once_and_harms_nothing(recorder: Recorder) -> None:
    for number in (1, 1, 2):
        recorder.runs.add(a_run(number))
    assert [run.run_id for run in await recorder.runs.recent()] == ["run2", "run1"]


def test_what_a_newer_version_added_to_a_run_is_left_out() -> None:
    data = a_run(1).as_dict() | {"mood": "good", "steps": [{"path": "a", "kind": "b", "started": 1.0, "mood": "bad"}]}
    assert decode_run(data).steps == [StepRecord(path="a", kind="b", started=1.0)]
