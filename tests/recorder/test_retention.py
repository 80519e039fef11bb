from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.core.bus import EventBus
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.records import Run, RunOutcome
from hub.core.states import States
from hub.recorder import Recorder, RecorderSettings, retention

Query = Callable[..., list[tuple[Any, ...]]]
START = 1_700_000_000.0
DAY = 86_400.0


async def test_old_states_go_and_the_one_in_force_stays(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context, query: Query
) -> None:
    states.set("sensor.rare", "1", context=context)
    for day in range(14):
        states.set("sensor.daily", str(day), {"day": day}, context=context)
        await clock.advance(DAY)
    assert await recorder.purge() > 0
    found = await recorder.history.states(["sensor.rare", "sensor.daily"], START + 4 * DAY, START + 14 * DAY)
    assert [point.state for point in found["sensor.rare"]] == ["1"]
    assert [point.state for point in found["sensor.daily"]] == [str(day) for day in range(4, 14)]
    assert query("SELECT count(*) FROM states") == [(11,)]


async def test_attributes_go_with_their_last_state_and_come_back_when_needed(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context, query: Query
) -> None:
    for value in ("a", "b", "a"):
        states.set("sensor.x", value, {"kind": "old"}, context=context)
    await clock.advance(DAY)
    states.set("sensor.x", "c", {"kind": "new"}, context=context)
    await clock.advance(20 * DAY)
    await recorder.purge()
    assert query("SELECT json FROM attributes") == [('{"kind":"new"}',)]
    states.set("sensor.x", "d", {"kind": "old"}, context=context)
    found = await recorder.history.states(["sensor.x"], clock.time() - 1, clock.time())
    assert [point.attributes for point in found["sensor.x"]] == [{"kind": "new"}, {"kind": "old"}]


async def test_purging_goes_in_steps_and_gives_the_space_back(
    recorder: Recorder,
    states: States,
    clock: SimulatedClock,
    context: Context,
    query: Query,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "_PAGES_PER_STEP", 7)
    for number in range(9000):
        states.set("sensor.busy", str(number), {"n": number}, context=context)
    await recorder.flush()
    (before,) = query("PRAGMA page_count")
    await clock.advance(20 * DAY)
    deleted = await recorder.purge()
    assert deleted == 2 * 8999
    assert query("SELECT count(*) FROM states") == [(1,)]
    (after,), (free,) = query("PRAGMA page_count"), query("PRAGMA freelist_count")
    assert free == (0,)
    assert after[0] < before[0] / 5
    assert query("PRAGMA integrity_check") == [("ok",)]


async def test_events_go_with_the_states(
    recorder: Recorder, bus: EventBus, clock: SimulatedClock, context: Context, query: Query
) -> None:
    bus.publish(Event("hearth_old", {}, context, clock.time()))
    await clock.advance(11 * DAY)
    bus.publish(Event("hearth_new", {}, context, clock.time()))
    await recorder.flush()
    await recorder.purge()
    assert query("SELECT type FROM events") == [("hearth_new",)]


@pytest.mark.parametrize(
    ("age", "left"),
    [
        (1, {"finished", "failed_conditions", "error", "aborted"}),
        (31, {"error", "aborted"}),
        (91, set()),
    ],
)
async def test_runs_that_failed_are_kept_longer(
    recorder: Recorder, clock: SimulatedClock, age: int, left: set[str]
) -> None:
    for outcome in (RunOutcome.FINISHED, RunOutcome.FAILED_CONDITIONS, RunOutcome.ERROR, RunOutcome.ABORTED):
        recorder.runs.add(
            Run(run_id=outcome, automation_id="a", entity_id="automation.a", started=clock.time(), outcome=outcome)
        )
    await recorder.flush()
    await clock.advance(age * DAY)
    await recorder.purge()
    assert {run.outcome for run in await recorder.runs.recent()} == left


async def test_states_written_while_purging_keep_their_attributes(
    path: Path, bus: EventBus, clock: SimulatedClock, states: States, context: Context
) -> None:
    async with Recorder(path, bus, clock, RecorderSettings(keep_days=1)) as recorder:
        for number in range(3000):
            states.set(f"sensor.s{number % 3}", str(number), {"n": number % 50}, context=context)
        await recorder.flush()
        await clock.advance(5 * DAY)
        for number in range(50):
            await recorder.purge()
            states.set("sensor.s0", f"new {number}", {"n": number}, context=context)
        found = await recorder.history.states(["sensor.s0"], clock.time() - 1, clock.time())
    assert [point.attributes for point in found["sensor.s0"]][1:] == [{"n": number} for number in range(50)]
