from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from hub.core.bus import EventBus
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.states import States
from hub.recorder import Recorder

Query = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(start=1_700_000_000.0)


@pytest.fixture
def states(bus: EventBus, clock: SimulatedClock) -> States:
    return States(bus, clock)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture
async def recorder(path: Path, bus: EventBus, clock: SimulatedClock) -> AsyncIterator[Recorder]:
    async with Recorder(path, bus, clock) as opened:
        yield opened


@pytest.fixture
def context() -> Context:
    return Context("adapter:test")


@pytest.fixture
def query(path: Path) -> Query:
    """Read the file as any other program would."""

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(path)
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    return run
