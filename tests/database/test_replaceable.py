from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, select

from hub.database import ReplaceableDatabase, Schema, uninterrupted

tables = MetaData()
notes = Table("notes", tables, Column("id", Integer, primary_key=True), Column("text", String))
SCHEMA = Schema(tables=tables)
PAGE = 4096


def write(connection: Connection) -> None:
    connection.execute(insert(notes), [{"text": "x" * 100} for _ in range(1000)])


def read(connection: Connection) -> int:
    return len(connection.execute(select(notes)).all())


def spoil(path: Path, start: int) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:start] + b"\xff" * (len(content) - start))


@pytest.fixture
async def damaged(tmp_path: Path) -> Path:
    """A database that opens, and turns out damaged when its rows are read."""
    path = tmp_path / "notes.db"
    async with ReplaceableDatabase(path, SCHEMA) as database:
        await database.call(write)
    spoil(path, 6 * PAGE)
    return path


def found_in(folder: Path) -> list[str]:
    return sorted(path.name.partition(".damaged-")[0] for path in folder.glob("*.damaged-*"))


async def test_calls_that_meet_the_damage_together_replace_the_file_once(damaged: Path) -> None:
    told: list[Path] = []
    async with ReplaceableDatabase(damaged, SCHEMA, replaced=told.append) as database:
        assert await asyncio.gather(*(database.call(read) for _ in range(5))) == [0] * 5
        await database.call(write)
        assert await database.call(read) == 1000
    assert len(told) == 1
    assert found_in(damaged.parent) == ["notes.db"]


async def test_a_sound_file_is_left_alone(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise AssertionError(path)

    for _ in range(2):
        async with ReplaceableDatabase(tmp_path / "notes.db", SCHEMA, replaced=refuse) as database:
            await database.call(write)
            assert await database.call(read) % 1000 == 0
    assert found_in(tmp_path) == []


async def waits_for(event: asyncio.Event, done: Callable[[], None]) -> str:
    await event.wait()
    done()
    return "done"


def fail() -> None:
    raise ZeroDivisionError


async def test_uninterrupted_work_ends_before_the_cancellation_is_heard() -> None:
    event, done = asyncio.Event(), asyncio.Event()
    waiting = asyncio.create_task(uninterrupted(waits_for(event, done.set)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    event.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert done.is_set()


async def test_uninterrupted_work_returns_and_raises_as_usual() -> None:
    event = asyncio.Event()
    event.set()
    assert await uninterrupted(waits_for(event, lambda: None)) == "done"
    with pytest.raises(ZeroDivisionError):
        await uninterrupted(waits_for(event, fail))
