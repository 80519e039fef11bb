"""Databases whose content may be lost rather than the hub stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from hub.database.database import Database, Work
from hub.database.faults import translated
from hub.database.schema import Schema
from hub.errors import DatabaseDamaged

T = TypeVar("T")

_FILES = ("", "-wal", "-shm")
_log = logging.getLogger(__name__)


class ReplaceableDatabase(Database):
    """A database that is moved aside when it turns out damaged, at the start or later, and begun anew.

    ``replaced`` is told where the damaged file is now.
    """

    def __init__(
        self,
        path: Path,
        schema: Schema,
        *,
        replaced: Callable[[Path], None] | None = None,
        pragmas: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(path, schema, pragmas=pragmas)
        self._replaced = replaced
        self._replacing = asyncio.Lock()
        self._replacements = 0

    async def open(self) -> None:
        try:
            await super().open()
        except DatabaseDamaged as error:
            await self._replace(error)

    async def call(self, work: Work[T]) -> T:
        before = self._replacements
        try:
            return await super().call(work)
        except DatabaseDamaged as error:
            async with self._replacing:
                if self._replacements == before:  # not if another call has just done it
                    await self._replace(error)
        return await super().call(work)

    async def _replace(self, error: DatabaseDamaged) -> None:
        await self.close()
        aside = await asyncio.to_thread(_move_aside, self.path)
        _log.error("%s is damaged (%s): it is kept as %s, and a new one begins", self.name, error, aside.name)
        await super().open()
        self._replacements += 1
        if self._replaced is not None:
            self._replaced(aside)


def _move_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    with translated(path.name):
        for ending in _FILES:
            file = path.with_name(path.name + ending)
            if file.exists():
                file.rename(aside.with_name(aside.name + ending))
    return aside
