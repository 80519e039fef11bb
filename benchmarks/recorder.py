"""The recorder: states recorded, read back and audited, beside bare SQLite on the same machine."""

from __future__ import annotations

import argparse
import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import orjson

from benchmarks.report import Figure, report
from hub.core.bus import EventBus
from hub.core.clock import SystemClock
from hub.core.context import Context
from hub.core.events import StateChanged
from hub.core.records import AuditEntry
from hub.core.state import State
from hub.recorder import Recorder, RecorderSettings
from hub.security import AuditLog

ENTITIES = 1000
STATES = 60_000
HISTORY_ENTITIES = 60
BUSY_STATES = 20_000
BUSY_PEER_ROWS = 500
PASSES = 3
START = 1_700_000_000.0

Row = tuple[Any, ...]
T = TypeVar("T")
INSERT = """INSERT INTO states (entity, state, number, updated, changed, attributes, context_id, parent_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


def changes(count: int, *, entities: int = ENTITIES, unique_attributes: bool = False) -> list[StateChanged]:
    """Return changes as a hub makes them: sensors that report in turn, each with its own attributes."""
    shared = [{"unit_of_measurement": "°C", "friendly_name": f"Sensor {n}", "n": n} for n in range(entities)]
    made = []
    for number in range(count):
        entity, now = number % entities, START + number * 0.01
        attributes = {**shared[entity], "seen": number} if unique_attributes else shared[entity]
        state = State(f"sensor.s{entity}", str(20 + number % 97 / 10), attributes, now, now, Context("adapter:demo"))
        made.append(StateChanged(state.entity_id, None, state, state.context, now))
    return made


def rows_of(made: list[StateChanged]) -> list[Row]:
    """Return the rows that the recorder makes of them."""
    rows: list[Row] = []
    for number, change in enumerate(made):
        state = change.new
        assert state is not None
        text, entity = state.state, number % ENTITIES + 1
        rows.append((entity, text, float(text), state.last_updated, None, entity, state.context.id, None))
    return rows


async def record(made: list[StateChanged], folder: Path) -> float:
    """Return the CPU seconds for recording all of them, from the bus to the commit."""
    bus = EventBus()
    settings = RecorderSettings(queue_size=len(made))
    async with Recorder(folder / "history.db", bus, SystemClock(), settings) as recorder:
        before = time.process_time()
        for change in made:
            bus.publish(change)
        await recorder.flush()
        return time.process_time() - before


async def bare(rows: list[Row], folder: Path) -> float:
    """Return the CPU seconds for inserting ready rows into the same table with the driver alone."""
    connection = await empty_table(folder)
    before = time.process_time()
    insert(connection, rows)
    used = time.process_time() - before
    connection.close()
    return used


async def empty_table(folder: Path) -> sqlite3.Connection:
    path = folder / "bare.db"
    async with Recorder(path, EventBus(), SystemClock()):
        pass
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def insert(connection: sqlite3.Connection, rows: list[Row]) -> None:
    connection.execute("BEGIN")
    connection.executemany(INSERT, rows)
    connection.execute("COMMIT")


@contextmanager
def busy() -> Iterator[None]:
    """Keep the interpreter busy in a thread of its own, as an event loop with work does."""
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(100))

    thread = threading.Thread(target=spin)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def record_busy(made: list[StateChanged], folder: Path) -> float:
    bus = EventBus()
    settings = RecorderSettings(queue_size=len(made))
    async with Recorder(folder / "history.db", bus, SystemClock(), settings) as recorder:
        for change in made:
            bus.publish(change)
        with busy():
            before = time.perf_counter()
            await recorder.flush()
            return time.perf_counter() - before


async def bare_busy(rows: list[Row], folder: Path) -> float:
    connection = await empty_table(folder)
    with busy():
        before = time.perf_counter()
        await asyncio.to_thread(insert, connection, rows)
        used = time.perf_counter() - before
    connection.close()
    return used


async def read(made: list[StateChanged], folder: Path) -> tuple[float, float, float]:
    """Return CPU seconds for one entity's history, for the bare query of it, and the bytes that a state takes."""
    path, bus = folder / "history.db", EventBus()
    async with Recorder(path, bus, SystemClock(), RecorderSettings(queue_size=len(made))) as recorder:
        for change in made:
            bus.publish(change)
        await recorder.flush()
        ours = await median_of(lambda: history(recorder))
    theirs = await median_of(lambda: bare_history(path))
    return ours, theirs, path.stat().st_size / len(made)


async def history(recorder: Recorder) -> float:
    before = time.process_time()
    for number in range(20):
        entity_id = f"sensor.s{number}"
        found = await recorder.history.states([entity_id], START + 0.3, START + STATES)
        assert len(found[entity_id]) == STATES / HISTORY_ENTITIES
    return (time.process_time() - before) / 20


async def bare_history(path: Path) -> float:
    connection = sqlite3.connect(path)
    query = """SELECT state, updated, changed, json FROM states JOIN attributes ON attributes.id = states.attributes
    WHERE entity = ? AND updated BETWEEN ? AND ? ORDER BY updated"""
    before = time.process_time()
    for number in range(20):
        rows = connection.execute(query, (number + 1, START, START + STATES)).fetchall()
        assert len([(*row[:3], orjson.loads(row[3])) for row in rows]) == STATES / HISTORY_ENTITIES
    used = (time.process_time() - before) / 20
    connection.close()
    return used


async def audit(folder: Path) -> tuple[float, float]:
    """Return CPU seconds for writing one intent, and for the bare write of such a line."""
    entry = AuditEntry(
        kind="action", subject="light.hall", caller="user", user_id="u" * 32, detail={"action": "light.turn_on"}
    )
    count = 20_000
    async with AuditLog(folder / "audit.db", SystemClock()) as log:
        before = time.process_time()
        for _ in range(count):
            log.intent(entry)
        ours = (time.process_time() - before) / count
    line = b"x" * 150 + b"\n"
    fd = os.open(folder / "lines", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    before = time.process_time()
    for _ in range(count):
        os.write(fd, line)
    theirs = (time.process_time() - before) / count
    os.close(fd)
    return ours, theirs


async def median_of(measure: Callable[[], Awaitable[float]]) -> float:
    return statistics.median([await measure() for _ in range(PASSES)])


async def in_folder(measure: Callable[[Path], Awaitable[T]]) -> T:
    with tempfile.TemporaryDirectory() as folder:
        return await measure(Path(folder))


async def pair(
    ours: Callable[[Path], Awaitable[float]], theirs: Callable[[Path], Awaitable[float]]
) -> tuple[float, float]:
    """Return the medians of both, measured in turn."""
    results = [(await in_folder(ours), await in_folder(theirs)) for _ in range(PASSES)]
    return statistics.median(first for first, _ in results), statistics.median(second for _, second in results)


def figures() -> Iterator[Figure]:
    made = changes(STATES)
    rows = rows_of(made)
    ours, theirs = asyncio.run(pair(lambda folder: record(made, folder), lambda folder: bare(rows, folder)))
    peer = "sqlite3 executemany"
    yield Figure(
        name="states recorded", value=STATES / ours, unit="1/CPU-s", peer=peer, peer_value=STATES / theirs, reach=0.5
    )
    unique = changes(STATES, unique_attributes=True)
    ours, _ = asyncio.run(pair(lambda folder: record(unique, folder), lambda folder: bare(rows, folder)))
    yield Figure(name="states recorded, each with new attributes", value=STATES / ours, unit="1/CPU-s")
    few, few_rows = made[:BUSY_STATES], rows[:BUSY_PEER_ROWS]
    ours, theirs = asyncio.run(
        pair(lambda folder: record_busy(few, folder), lambda folder: bare_busy(few_rows, folder))
    )
    yield Figure(
        name="states recorded beside a busy interpreter",
        value=BUSY_STATES / ours,
        unit="1/s",
        peer=peer,
        peer_value=BUSY_PEER_ROWS / theirs,
    )
    long = changes(STATES, entities=HISTORY_ENTITIES)
    ours, theirs, size = asyncio.run(in_folder(lambda folder: read(long, folder)))
    yield Figure(
        name=f"history of one entity, {STATES // HISTORY_ENTITIES} states",
        value=ours * 1e3,
        unit="CPU-ms",
        peer="bare query",
        peer_value=theirs * 1e3,
        reach=3.0,
        lower_is_better=True,
    )
    yield Figure(name="size of a recorded state", value=size, unit="bytes")
    ours, theirs = asyncio.run(in_folder(audit))
    yield Figure(
        name="audit intent",
        value=ours * 1e6,
        unit="CPU-us",
        peer="bare write",
        peer_value=theirs * 1e6,
        reach=10.0,
        lower_is_better=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object per figure and line")
    return report(figures(), as_json=parser.parse_args().json)


if __name__ == "__main__":
    sys.exit(main())
