"""Where the journal's lines become chained rows."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from hub.database import ReplaceableDatabase
from hub.security import audit_rows
from hub.security.anchor import read_anchor, write_anchor
from hub.security.audit_rows import AuditRecord
from hub.security.chain import START, ChainCheck, Link, Row, Verification, decode
from hub.security.journal import Journal, Unread

_ROWS_PER_STEP = 5000
_FULL_SYNC = {"synchronous": "FULL"}  # the journal's lines are dropped after a commit, so that has to be on the disk

_log = logging.getLogger(__name__)


class Replacement(NamedTuple):
    """A damaged database that was moved aside: where it is, and after which row the new one begins."""

    kept_as: Path
    after: Link


class AuditStore:
    """The audit's database with its anchor. One caller at a time moves, verifies or deletes."""

    def __init__(self, path: Path) -> None:
        self._database = ReplaceableDatabase(path, audit_rows.SCHEMA, replaced=self._note, pragmas=_FULL_SYNC)
        self._anchor = path.with_suffix(".anchor")
        self.replacement: Replacement | None = None

    async def open(self) -> None:
        """Open the database.

        Raises StorageError.
        """
        await self._database.open()

    async def close(self) -> None:
        """Close the database."""
        await self._database.close()

    async def next_number(self) -> int:
        """Return the number for the next row.

        It leaves a gap if the rows do not fit the anchor, so that every later check shows that some were taken away.
        """
        return await self._database.call(self._next_number)

    async def move(self, journal: Journal) -> None:
        """Store what is in the journal and was not stored yet.

        Raises StorageError; what could not be stored stays in the journal.
        """
        again = True
        while again:
            unread, last = await self._database.call(partial(self._store, journal=journal))
            await self._database.call(lambda _: self._settle(journal, unread, last))  # noqa: B023 - awaited here
            again = unread.old

    async def records(self, limit: int, before: int | None) -> list[AuditRecord]:
        """Return acts, newest first."""
        return await self._database.call(partial(audit_rows.read_records, limit=limit, before=before))

    async def unfinished(self) -> list[int]:
        """Return the intents since the last start that have no outcome."""
        return await self._database.call(audit_rows.unfinished)

    async def verify(self) -> Verification:
        """Check every row and the anchor."""
        check = ChainCheck(await self._database.call(lambda _: read_anchor(self._anchor)))
        last = -(2**63)  # rows put in before the first one are looked at too
        while rows := await self._database.call(partial(audit_rows.read_chain, after=last, limit=_ROWS_PER_STEP)):
            for row, stored in rows:
                check.feed(row, stored)
            last = rows[-1][0].number
        return check.finish()

    async def last_before(self, cutoff: float) -> Link | None:
        """Return the last row of those at the beginning that are all older than ``cutoff``."""
        return await self._database.call(partial(audit_rows.last_before, cutoff=cutoff))

    async def delete_through(self, number: int) -> int:
        """Delete every row up to ``number``; return how many."""
        return await self._database.call(partial(audit_rows.delete_through, number=number))

    def _note(self, aside: Path) -> None:
        self.replacement = Replacement(aside, read_anchor(self._anchor))

    # In the thread ---------------------------------------------------------------------------------------------------

    def _next_number(self, connection: Connection) -> int:
        last, anchor = audit_rows.head(connection), read_anchor(self._anchor)
        if audit_rows.holds(connection, anchor) or self.replacement is not None:
            return max(last.number, anchor.number) + 1
        _log.error("The audit does not end as it was written: rows were taken away or changed (row %s)", anchor.number)
        return max(last.number, anchor.number) + 2

    def _store(self, connection: Connection, journal: Journal) -> tuple[Unread, Link]:
        unread = journal.unread()
        last = audit_rows.head(connection)
        if last is START and self.replacement is not None:
            last = self.replacement.after
        return unread, audit_rows.add_rows(connection, _decoded(unread.lines), last)

    def _settle(self, journal: Journal, unread: Unread, last: Link) -> None:
        if unread.lines:
            write_anchor(self._anchor, last)
        journal.taken(unread)


def _decoded(lines: list[bytes]) -> list[Row]:
    rows = []
    for line in lines:
        try:
            rows.append(decode(line))
        except ValueError:  # written half before the process or the disk gave up: that act was never begun
            _log.warning("A line of the audit's journal is no row: %.100r", line)
    return rows
