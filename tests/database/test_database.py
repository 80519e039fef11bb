from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, insert, select, text

from hub.database import BulkInsert, Database, Schema
from hub.errors import DatabaseDamaged, StorageError

tables = MetaData()
notes = Table("notes", tables, Column("id", Integer, primary_key=True), Column("text", String, unique=True))
SCHEMA = Schema(tables=tables)


def write(connection: Connection, note: str) -> None:
    connection.execute(insert(notes).values(text=note))


def read(connection: Connection) -> list[str]:
    return list(connection.execute(select(notes.c.text).order_by(notes.c.id)).scalars())


async def test_keeps_what_was_written_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "notes.db"
    async with Database(path, SCHEMA) as database:
        await database.call(partial(write, note="first"))
    async with Database(path, SCHEMA) as database:
        assert await database.call(read) == ["first"]


async def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "notes.db"
    async with Database(path, SCHEMA) as database:
        await database.call(partial(write, note="first"))
        files = [path, path.with_name("notes.db-wal"), path.with_name("notes.db-shm")]
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600, 0o600]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_work_that_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    def fails(connection: Connection) -> None:
        connection.execute(insert(notes).values(text="lost"))
        raise RuntimeError("half way")

    async with Database(tmp_path / "notes.db", SCHEMA) as database:
        with pytest.raises(RuntimeError, match="half way"):
            await database.call(fails)
        assert await database.call(read) == []


async def test_all_work_runs_in_one_thread_of_its_own(tmp_path: Path) -> None:
    async with Database(tmp_path / "notes.db", SCHEMA) as database:
        names = await asyncio.gather(
            *(database.call(lambda _: threading.current_thread().name) for _ in range(5)),
        )
    assert set(names) == {"database:notes_0"}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("database:")]


async def test_submitted_work_is_done_in_order_and_before_closing(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    async with Database(path, SCHEMA) as database:
        for number in range(20):
            database.submit(partial(write, note=str(number)))
    async with Database(path, SCHEMA) as database:
        assert await database.call(read) == [str(number) for number in range(20)]


async def test_a_failing_submission_is_logged_and_the_next_one_is_done(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Database(tmp_path / "notes.db", SCHEMA) as database:
        database.submit(lambda connection: connection.execute(text("SELECT * FROM nothing")))
        await database.call(partial(write, note="next"))
        assert await database.call(read) == ["next"]
    assert "A write to notes.db failed" in caplog.text


async def test_refuses_submissions_when_too_many_wait(tmp_path: Path) -> None:
    go_on = threading.Event()
    async with Database(tmp_path / "notes.db", SCHEMA, queue_size=2) as database:
        database.submit(lambda _: go_on.wait())
        database.submit(lambda _: None)
        with pytest.raises(StorageError, match="at most 2 writes"):
            database.submit(lambda _: None)
        go_on.set()
        await database.call(read)
        database.submit(lambda _: None)


async def test_a_closed_database_says_so(tmp_path: Path) -> None:
    database = Database(tmp_path / "notes.db", SCHEMA)
    async with database:
        pass
    with pytest.raises(StorageError, match=r"notes\.db to be open"):
        await database.call(read)
    await database.close()


async def test_a_file_that_is_no_database_is_reported_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_bytes(b"no database at all, just some text" * 100)
    with pytest.raises(DatabaseDamaged, match=r"notes\.db"):
        await Database(path, SCHEMA).open()


async def test_a_folder_in_the_way_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.mkdir()
    with pytest.raises(StorageError, match=r"notes\.db"):
        await Database(path, SCHEMA).open()


async def test_a_database_locked_by_another_program_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    async with Database(path, SCHEMA, pragmas={"busy_timeout": "10"}) as database:
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="locked"):
                await database.call(partial(write, note="blocked"))
        finally:
            other.close()
        await database.call(partial(write, note="free"))
        assert await database.call(read) == ["free"]


@pytest.mark.parametrize("count", [0, 1, 2, 511, 512, 513, 1600])
async def test_bulk_insert_writes_every_row_once_and_in_order(tmp_path: Path, count: int) -> None:
    insert_notes = BulkInsert(notes, ("id", "text"))
    values = [value for number in range(count) for value in (number, f"note {number}")]
    async with Database(tmp_path / "notes.db", SCHEMA) as database:
        await database.call(lambda connection: insert_notes(connection, values))
        assert await database.call(read) == [f"note {number}" for number in range(count)]
