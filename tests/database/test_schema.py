from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, text

from hub.database import Database, Schema
from hub.errors import StorageError

first = MetaData()
Table("lamps", first, Column("id", Integer, primary_key=True), Column("name", String))
FIRST = Schema(tables=first)

second = MetaData()
Table("lamps", second, Column("id", Integer, primary_key=True), Column("name", String), Column("room", String))


def add_room(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE lamps ADD COLUMN room VARCHAR"))


SECOND = Schema(tables=second, upgrades=(add_room,))


def layout(path: Path) -> tuple[list[tuple[object, ...]], int]:
    with sqlite3.connect(path) as connection:
        columns = connection.execute("SELECT name, type FROM pragma_table_info('lamps')").fetchall()
        (version,) = connection.execute("SELECT version FROM schema_version").fetchone()
    connection.close()
    return columns, version


async def make(path: Path, schema: Schema) -> None:
    async with Database(path, schema):
        pass


async def test_an_upgraded_database_looks_like_a_new_one(tmp_path: Path) -> None:
    await make(tmp_path / "old.db", FIRST)
    await make(tmp_path / "old.db", SECOND)
    await make(tmp_path / "new.db", SECOND)
    assert layout(tmp_path / "old.db") == layout(tmp_path / "new.db")
    assert layout(tmp_path / "new.db")[1] == 2


async def test_an_upgrade_keeps_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "lamps.db"
    async with Database(path, FIRST) as database:
        await database.call(lambda connection: connection.execute(text("INSERT INTO lamps (name) VALUES ('hall')")))
    async with Database(path, SECOND) as database:
        rows = await database.call(lambda connection: connection.execute(text("SELECT name, room FROM lamps")).all())
    assert [tuple(row) for row in rows] == [("hall", None)]


async def test_refuses_a_database_of_a_newer_version_and_leaves_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "lamps.db"
    await make(path, SECOND)
    before = layout(path)
    with pytest.raises(StorageError, match="newer Hearth; update"):
        await make(path, FIRST)
    assert layout(path) == before


async def test_an_upgrade_that_fails_half_way_is_tried_again_next_time(tmp_path: Path) -> None:
    path = tmp_path / "lamps.db"
    await make(path, FIRST)

    def breaks(connection: Connection) -> None:
        add_room(connection)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        await make(path, Schema(tables=second, upgrades=(breaks,)))
    assert layout(path)[1] == 1
    await make(path, SECOND)
    assert layout(path)[1] == 2
