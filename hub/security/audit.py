"""The audit: who did what. Written before the act, chained soon after."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from hub.core.clock import Clock
from hub.core.records import AuditEntry
from hub.core.redaction import redacted
from hub.database import uninterrupted
from hub.errors import StorageError
from hub.security.audit_rows import STARTED, AuditRecord
from hub.security.audit_store import AuditStore
from hub.security.chain import AUDIT, Verification, account, encode
from hub.security.journal import Journal

_MOVE_INTERVAL = 0.5
_PURGE_INTERVAL = 86_400.0
_DAY = 86_400.0
_MOST_SUBJECT = 500
_MOST_DETAIL = 2048

_log = logging.getLogger(__name__)


class AuditLog:
    """The port ``Audit``: lines in a journal at once, rows chained by SHA-256 in ``path`` (``audit.db``) soon after.

    Use it as ``async with AuditLog(path, clock)``; ``run`` moves the lines and deletes what is old. Beside ``path`` lie
    the journal and the anchor. Acts whose outcome a kill prevented get the outcome ``unknown`` at the next start.
    """

    def __init__(self, path: Path, clock: Clock, *, keep_days: float = 365.0) -> None:
        self._clock = clock
        self._keep_days = keep_days
        self._store = AuditStore(path)
        self._journal = Journal(path.with_suffix(".journal"))
        self._numbering = threading.Lock()
        self._moving = asyncio.Lock()
        self._unmoved = asyncio.Event()
        self._next = 1
        self._session: int | None = None
        self._failing = False

    def intent(self, entry: AuditEntry) -> int:
        subject, detail = entry.subject[:_MOST_SUBJECT], _as_detail(entry.detail)
        return self._append(
            None, entry.kind, subject, entry.caller, entry.user_id, entry.context_id, detail, entry.outcome
        )

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        try:
            self._append(number, "outcome", "", "", None, None, _as_detail(detail or {}), outcome)
        except StorageError:  # the act is done: all that can be said is that nobody knows how it ended
            _log.exception("The outcome of act %s (%s) could not be written", number, outcome)

    async def open(self) -> None:
        """Open the files, store what the last process left in the journal, and close its open intents.

        Raises StorageError.
        """
        self._journal.open()
        try:
            await self._store.open()
            await self._recover()
        except BaseException:
            self._journal.close()
            await self._store.close()
            raise

    async def run(self) -> None:
        """Move lines to rows and delete old rows, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._move_regularly(), name="audit:writer")
                tasks.create_task(self._purge_regularly(), name="audit:retention")
        finally:
            await self._flush_or_log()

    async def flush(self) -> None:
        """Store everything written so far as rows.

        Raises StorageError; what could not be stored stays in the journal.
        """
        await uninterrupted(self._flush())

    async def rows(self, limit: int = 100, before: int | None = None) -> list[AuditRecord]:
        """Return the newest acts first, those with a number below ``before``.

        Raises StorageError.
        """
        await self.flush()
        return await self._store.records(limit, before)

    async def verify(self) -> Verification:
        """Check that no row was changed, taken away, put in or moved.

        Raises StorageError.
        """
        await self.flush()
        async with self._moving:
            return await self._store.verify()

    async def purge(self) -> int:
        """Delete what is older than ``keep_days``, after a row that accounts for it; return the number of rows."""
        await self.flush()
        async with self._moving:
            last = await self._store.last_before(self._clock.time() - self._keep_days * _DAY)
            if last is None:
                return 0
            self._note("retention", account(last))
            await self._store.move(self._journal)
            return await self._store.delete_through(last.number)

    async def close(self) -> None:
        """Store the rest and close the files."""
        if self._session is not None:
            self.outcome(self._session, "accepted")
            self._session = None
            await self._flush_or_log()
        self._journal.close()
        await self._store.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _append(self, of: int | None, *fields: Any) -> int:
        with self._numbering:
            number = self._next
            self._journal.append(_line((number, self._clock.time(), of, *fields)))
            self._next = number + 1
        self._unmoved.set()
        return number

    def _note(self, subject: str, detail: Mapping[str, Any]) -> None:
        """Write a row about the audit itself."""
        self.intent(AuditEntry(kind=AUDIT, subject=subject, caller="system", detail=detail, outcome="accepted"))

    async def _recover(self) -> None:
        await self._store.move(self._journal)
        self._next = await self._store.next_number()
        for number in await self._store.unfinished():
            self.outcome(number, "unknown", {"reason": "the hub ended before the outcome was known"})
        self._session = self.intent(AuditEntry(kind=AUDIT, subject=STARTED, caller="system"))
        await self._flush()

    async def _flush(self) -> None:
        async with self._moving:
            self._unmoved.clear()
            await self._store.move(self._journal)
            replacement, self._store.replacement = self._store.replacement, None
            if replacement is not None:
                self._note("replaced", account(replacement.after, kept_as=replacement.kept_as.name))
                await self._store.move(self._journal)

    async def _move_regularly(self) -> None:
        while True:
            await self._unmoved.wait()
            await self._flush_or_log()
            await self._clock.sleep(_MOVE_INTERVAL)

    async def _flush_or_log(self) -> None:
        try:
            await self.flush()
        except StorageError as error:
            if not self._failing:
                _log.warning("The audit's rows wait in its journal: %s", error)
            self._failing = True
            self._unmoved.set()  # try again
        else:
            self._failing = False

    async def _purge_regularly(self) -> None:
        while True:
            try:
                await self.purge()
            except StorageError as error:
                _log.warning("Old rows of the audit could not be deleted: %s", error)
            await self._clock.sleep(_PURGE_INTERVAL)


def _as_detail(detail: Mapping[str, Any]) -> str:
    if not detail:
        return "{}"
    shown = redacted(detail)
    try:
        text = orjson.dumps(shown, default=str, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS).decode()
    except TypeError:
        text = json.dumps(shown, default=str, ensure_ascii=False).encode(errors="replace").decode()
    return text if len(text) <= _MOST_DETAIL else orjson.dumps({"omitted_characters": len(text)}).decode()


def _line(row: tuple[Any, ...]) -> bytes:
    """Return the fields of a ``Row`` as a line of the journal."""
    try:
        return encode(row)
    except TypeError:  # half a surrogate pair in a name: nobody escapes the audit by that
        return encode(tuple(item.encode(errors="replace").decode() if isinstance(item, str) else item for item in row))
