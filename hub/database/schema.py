"""Schemas with a version, and how a database is brought up to the newest one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, inspect, select, update

from hub.errors import StorageError

Upgrade = Callable[[Connection], None]

_version_table = Table("schema_version", MetaData(), Column("version", Integer, nullable=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """The tables of a database as they are now, and the steps that lead there from older ones.

    ``upgrades[0]`` takes version 1 to version 2, and so on: steps are only ever appended. A new database gets ``tables``
    directly, so each step comes with the same change there.
    """

    tables: MetaData
    upgrades: tuple[Upgrade, ...] = ()

    @property
    def version(self) -> int:
        """The newest version."""
        return 1 + len(self.upgrades)


def migrate(connection: Connection, schema: Schema, name: str) -> None:
    """Create the tables, or bring them up to date step by step, each step in a transaction of its own.

    Raises StorageError if the database was written by a newer version of Hearth.
    """
    with connection.begin():
        version = _read_version(connection)
        if version is None:
            schema.tables.create_all(connection)
            _version_table.create(connection)
            connection.execute(insert(_version_table).values(version=schema.version))
            return
    if version > schema.version:
        raise StorageError(
            f"Expected {name} in schema version {schema.version} or older, got {version}: "
            "it was written by a newer Hearth; update Hearth, or restore a backup made before the update"
        )
    for number in range(version, schema.version):
        with connection.begin():
            schema.upgrades[number - 1](connection)
            connection.execute(update(_version_table).values(version=number + 1))


def _read_version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(_version_table.name):
        return None
    version = connection.execute(select(_version_table.c.version)).scalar_one_or_none()
    return None if version is None else int(version)
