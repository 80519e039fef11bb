from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from hub.core.bus import EventBus
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.states import States
from hub.errors import StorageError
from hub.recorder import DATABASE_REPLACED, Recorder, RecorderSettings

Query = Callable[..., list[tuple[Any, ...]]]
LAMP = "light.hall"
START = 1_700_000_000.0


def overwrite(path: Path, start: int, filling: bytes) -> None:
    content = path.read_bytes() if path.exists() else b"\0" * 100_000
    length = len(content) - start
    path.write_bytes(content[:start] + (filling * length)[:length])


async def test_numbers_are_stored_as_numbers_besides_their_text(
    recorder: Recorder, states: States, context: Context, query: Query
) -> None:
    texts = ["21.5", "-3", "1e3", "on", "unknown", "nan", "inf", "1_000", "٣", ""]
    for number, value in enumerate(texts):
        states.set(f"sensor.s{number}", value, context=context)
    await recorder.flush()
    numbers = [21.5, -3.0, 1000.0, None, None, None, None, 1000.0, None, None]
    assert query("SELECT state, number FROM states ORDER BY id") == list(zip(texts, numbers, strict=True))


async def test_equal_attributes_are_stored_once_even_over_restarts(
    path: Path, bus: EventBus, clock: SimulatedClock, states: States, context: Context, query: Query
) -> None:
    for start in range(2):
        async with Recorder(path, bus, clock):
            for number in range(1000):
                states.set(
                    f"sensor.s{number % 7}", f"{start}-{number}", {"unit": "°C", "kind": number % 3}, context=context
                )
    assert query("SELECT count(*) FROM states") == [(2000,)]
    assert query("SELECT count(*) FROM attributes") == [(3,)]


async def test_what_changes_with_every_run_of_an_automation_makes_no_new_attributes(
    recorder: Recorder, states: States, context: Context, query: Query
) -> None:
    for number in range(5):
        attributes = {"mode": "single", "last_triggered": START + number, "current": number % 2}
        states.set("automation.hall", "on", attributes, context=context)
    await recorder.flush()
    assert query("SELECT json FROM attributes") == [('{"mode":"single"}',)]


async def test_thousands_of_events_at_once_are_all_written(
    recorder: Recorder, states: States, context: Context, query: Query
) -> None:
    for number in range(3000):
        states.set(LAMP, str(number), context=context)
    writing = asyncio.get_running_loop().create_task(recorder.flush())
    await asyncio.sleep(0)
    states.set(LAMP, "last", context=context)
    await writing
    await recorder.flush()
    assert query("SELECT count(*), count(DISTINCT state) FROM states") == [(3001, 3001)]


async def test_the_chain_of_causes_is_stored_with_the_state(recorder: Recorder, states: States, query: Query) -> None:
    cause = Context("user", user_id="u1")
    effect = cause.child("adapter:test")
    states.set(LAMP, "on", context=effect)
    await recorder.flush()
    assert query("SELECT context_id, parent_id FROM states") == [(effect.id, cause.id)]


async def test_reports_without_a_change_are_not_recorded(
    recorder: Recorder, states: States, context: Context, query: Query
) -> None:
    for _ in range(5):
        states.set(LAMP, "on", context=context)
    await recorder.flush()
    assert query("SELECT count(*) FROM states") == [(1,)]
    assert query("SELECT count(*) FROM events") == [(0,)]


async def test_interesting_events_are_recorded_without_their_secrets(
    recorder: Recorder, bus: EventBus, context: Context, query: Query
) -> None:
    unlock = {"domain": "lock", "service": "unlock", "service_data": {"entity_id": "lock.door", "code": "canary-1234"}}
    published: list[tuple[str, dict[str, Any]]] = [
        ("call_service", unlock),
        ("automation_triggered", {"entity_id": "automation.a"}),
        ("hearth_flow_changed", {"url": "mqtt://me:canary-1234@host/"}),
        ("zha_event", {"noise": True}),
        ("area_registry_updated", {"action": "create"}),
    ]
    for kind, data in published:
        bus.publish(Event(kind, data, context, START))
    await recorder.flush()
    rows = query("SELECT type, data, context_id, origin FROM events ORDER BY id")
    assert [row[0] for row in rows] == ["call_service", "automation_triggered", "hearth_flow_changed"]
    assert json.loads(rows[0][1])["service_data"] == {"entity_id": "lock.door", "code": "**REDACTED**"}
    assert not any("canary" in row[1] for row in rows)
    assert {row[2:] for row in rows} == {(context.id, "adapter:test")}


async def test_only_wanted_entities_are_recorded(
    path: Path, bus: EventBus, clock: SimulatedClock, states: States, context: Context, query: Query
) -> None:
    settings = RecorderSettings.parse({"exclude": {"domains": "media_player", "entity_globs": ["sensor.*_signal"]}})
    async with Recorder(path, bus, clock, settings):
        for entity_id in ("media_player.tv", "sensor.tv_signal", "sensor.tv_power"):
            states.set(entity_id, "1", context=context)
    assert query("SELECT entity_id FROM entities") == [("sensor.tv_power",)]


async def test_the_last_states_are_there_after_a_restart(
    path: Path, bus: EventBus, clock: SimulatedClock, states: States, context: Context
) -> None:
    async with Recorder(path, bus, clock):
        states.set(LAMP, "off", {"level": 1}, context=context)
        await clock.advance(5)
        states.set(LAMP, "on", {"level": 2}, context=context)
        await clock.advance(5)
        states.set(LAMP, "on", {"level": 3}, context=context)
        states.set("sensor.gone", "1", context=context)
        states.remove("sensor.gone", context=context)
    async with Recorder(path, bus, clock) as recorder:
        (state,) = await recorder.restored_states()
    assert (state.entity_id, state.state, state.attributes) == (LAMP, "on", {"level": 3})
    assert (state.last_changed, state.last_updated) == (START + 5, START + 10)


async def test_history_follows_an_entity_to_its_new_id(
    recorder: Recorder, bus: EventBus, states: States, context: Context, query: Query
) -> None:
    states.set("sensor.new", "earlier", context=context)
    states.remove("sensor.new", context=context)
    states.set("sensor.old", "1", context=context)
    renaming = {"action": "update", "old_entity_id": "sensor.old", "entity_id": "sensor.new"}
    bus.publish(Event("entity_registry_updated", renaming, context, START))
    states.set("sensor.new", "2", context=context)
    found = await recorder.history.states(["sensor.old", "sensor.new"], START - 1, START + 1)
    assert [point.state for point in found["sensor.new"]] == ["earlier", "unavailable", "1", "2"]
    assert query("SELECT entity_id FROM entities") == [("sensor.new",)]


async def test_writes_at_every_commit_interval(
    recorder: Recorder, clock: SimulatedClock, states: States, context: Context
) -> None:
    running = asyncio.create_task(recorder.run())
    await clock.settle()
    states.set(LAMP, "on", context=context)
    await clock.advance(4.9)
    assert recorder.waiting == 1
    await clock.advance(0.2)
    assert recorder.waiting == 0
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_waits_is_written_when_the_recorder_is_cancelled(
    recorder: Recorder, clock: SimulatedClock, states: States, context: Context, query: Query
) -> None:
    running = asyncio.create_task(recorder.run())
    await clock.settle()
    states.set(LAMP, "on", context=context)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert query("SELECT state FROM states") == [("on",)]


async def test_a_flush_that_is_cancelled_writes_each_state_once(
    recorder: Recorder, states: States, context: Context, query: Query
) -> None:
    for number in range(2000):
        states.set(LAMP, str(number), context=context)
    flushing = asyncio.create_task(recorder.flush())
    await asyncio.sleep(0)
    flushing.cancel()
    await asyncio.gather(flushing, return_exceptions=True)
    await recorder.flush()
    assert query("SELECT count(*), count(DISTINCT state) FROM states") == [(2000, 2000)]


async def test_drops_and_counts_what_does_not_fit_and_goes_on_afterwards(
    path: Path,
    bus: EventBus,
    clock: SimulatedClock,
    states: States,
    context: Context,
    query: Query,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Recorder(path, bus, clock, RecorderSettings.parse({"queue_size": 100})) as recorder:
        for number in range(150):
            states.set(LAMP, str(number), context=context)
        assert (recorder.waiting, recorder.dropped) == (100, 50)
        await recorder.flush()
        states.set(LAMP, "later", context=context)
    assert caplog.text.count("cannot keep up") == 1
    assert "50 events were dropped" in caplog.text
    assert query("SELECT state FROM states ORDER BY id DESC LIMIT 2") == [("later",), ("99",)]


async def test_a_state_that_cannot_be_stored_does_not_take_others_with_it(
    recorder: Recorder, states: States, context: Context, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(20):
        states.set(f"sensor.s{number}", "half a pair \ud800" if number == 7 else "fine", {"n": number}, context=context)
    await recorder.flush()
    assert query("SELECT count(*) FROM states") == [(19,)]
    assert query("SELECT count(*) FROM states JOIN attributes ON attributes.id = states.attributes") == [(19,)]
    assert recorder.dropped == 1
    assert "sensor.s7" in caplog.text


async def test_odd_attributes_are_stored_as_well_as_json_can_say_them(
    recorder: Recorder, states: States, context: Context
) -> None:
    odd: dict[Any, Any] = {
        "big": 2**70,
        "half": "\ud800",
        "set": {"b", "a"},
        "bytes": b"x",
        3: "key",
        "nan": float("inf"),
    }
    states.set(LAMP, "on", odd, context=context)
    found = await recorder.history.states([LAMP], START, START + 1)
    stored = found[LAMP][0].attributes
    assert stored is not None
    assert stored["big"] == 2**70
    assert stored["half"] == "\ud800"
    assert stored["set"] == ["a", "b"]
    assert stored["bytes"] == "b'x'"


async def test_attributes_that_are_too_large_are_left_out_with_one_warning(
    recorder: Recorder, states: States, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        states.set(LAMP, str(number), {"image": "x" * 20_000}, context=context)
        await recorder.flush()
    found = await recorder.history.states([LAMP], START, START + 1)
    assert [point.attributes for point in found[LAMP]][-1] == {}
    assert caplog.text.count("at most 16384 characters") == 1


async def test_nothing_is_lost_while_the_disk_is_full(
    recorder: Recorder, states: States, context: Context, query: Query, caplog: pytest.LogCaptureFixture
) -> None:
    def limit_pages(connection: Connection, pages: int) -> None:
        connection.execute(text(f"PRAGMA max_page_count={pages}"))

    await recorder.read(lambda connection: limit_pages(connection, 1))  # SQLite's own way to be a full disk
    for number in range(3000):
        states.set(f"sensor.s{number}", "on", {"n": number}, context=context)
    with pytest.raises(StorageError, match="full"):
        await recorder.flush()
    assert await recorder.history.states(["sensor.s1"], START, START + 1) == {}
    assert "Nothing can be recorded for now, 3000 events wait" in caplog.text
    await recorder.read(lambda connection: limit_pages(connection, 1_000_000))
    await recorder.flush()
    assert query("SELECT count(*) FROM states") == [(3000,)]


async def test_a_damaged_file_is_kept_aside_and_a_new_one_begins(
    path: Path, bus: EventBus, clock: SimulatedClock, states: States, context: Context, query: Query
) -> None:
    overwrite(path, 0, b"this was a database once")
    async with Recorder(path, bus, clock):
        states.set(LAMP, "on", context=context)
    (aside,) = path.parent.glob("history.db.damaged-*")
    assert aside.read_bytes().startswith(b"this was a database once")
    assert query("SELECT state FROM states") == [("on",)]
    ((data,),) = query("SELECT data FROM events WHERE type = ?", DATABASE_REPLACED)
    assert json.loads(data) == {"database": "history.db", "kept_as": aside.name}


async def test_damage_found_while_writing_costs_none_of_what_waits(
    path: Path,
    bus: EventBus,
    clock: SimulatedClock,
    states: States,
    context: Context,
    query: Query,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Recorder(path, bus, clock):
        for number in range(3000):
            states.set(f"sensor.s{number}", "before", {"n": number}, context=context)
    overwrite(path, 20 * 4096, b"\xff")  # the tables' definitions stay readable: it shows only when rows are used
    with caplog.at_level(logging.ERROR):
        async with Recorder(path, bus, clock) as recorder:
            for number in range(3000):
                states.set(f"sensor.s{number}", "after", {"n": -number}, context=context)
            await recorder.flush()
    assert "is damaged" in caplog.text
    assert query("SELECT count(*) FROM states WHERE state = 'after'") == [(3000,)]
    assert query("PRAGMA integrity_check") == [("ok",)]


async def test_recording_goes_on_while_history_is_read(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    async def write() -> None:
        for number in range(200):
            states.set(LAMP, str(number), context=context)
            await asyncio.sleep(0)

    async def read() -> list[int]:
        return [len((await recorder.history.states([LAMP], 0, 2e9)).get(LAMP, ())) for _ in range(10)]

    _, lengths = await asyncio.gather(write(), read())
    assert lengths == sorted(lengths)
    found = await recorder.history.states([LAMP], 0, 2e9)
    assert len(found[LAMP]) == 200
