"""The recorder: hears the bus, writes in batches, answers what was."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from hub.core.bus import ALL, EventBus, Unlisten
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import (
    AUTOMATION_TRIGGERED,
    CALL_SERVICE,
    HUB_STARTED,
    HUB_STOP,
    LOGBOOK_ENTRY,
    AnyEvent,
    Event,
    StateChanged,
)
from hub.core.ports import HistoryPoint
from hub.core.records import Run
from hub.core.state import State
from hub.database import ReplaceableDatabase, Work
from hub.errors import StorageError
from hub.recorder.backlog import Backlog
from hub.recorder.history import read_history
from hub.recorder.logbook import RecordedHappenings
from hub.recorder.restore import last_states
from hub.recorder.retention import Retention
from hub.recorder.runs import read_recent, read_run
from hub.recorder.schema import SCHEMA
from hub.recorder.settings import RecorderSettings
from hub.recorder.writer import RENAMED, Writer

T = TypeVar("T")

DATABASE_REPLACED = "hearth_database_replaced"
_RECORDED = frozenset({AUTOMATION_TRIGGERED, CALL_SERVICE, HUB_STARTED, HUB_STOP, LOGBOOK_ENTRY})
_OWN = "hearth_"
_PURGE_INTERVAL = 3600.0

_log = logging.getLogger(__name__)


class Recorder:
    """Keeps states, events and runs in a database of its own.

    Use it as ``async with Recorder(...)``: it listens from then on. ``run`` writes what was heard at every commit interval
    and deletes what is old; leaving writes the rest. When more than ``queue_size`` events wait, new ones are dropped and
    counted. A database that turns out damaged is moved aside and begun anew, and ``hearth_database_replaced`` published.
    """

    def __init__(self, path: Path, bus: EventBus, clock: Clock, settings: RecorderSettings | None = None) -> None:
        self._bus = bus
        self._clock = clock
        self._settings = settings or RecorderSettings()
        self._wanted = self._settings.wanted
        self._writer = Writer()
        self._database = ReplaceableDatabase(path, SCHEMA, replaced=self._replaced)
        self._backlog = Backlog(self._database, self._writer, self._settings.queue_size)
        self._retention = Retention(self._database.call, self._writer.attribute_sets, self._settings)
        self._unlisten: Unlisten | None = None
        self.history = RecordedHistory(self)
        self.runs = RecordedRuns(self, self._backlog)
        self.happenings = RecordedHappenings(self)

    @property
    def waiting(self) -> int:
        """How many events wait to be written."""
        return len(self._backlog)

    @property
    def dropped(self) -> int:
        """How many events were not recorded since the start."""
        return self._backlog.dropped

    async def open(self) -> None:
        """Open the database and begin to listen.

        Raises StorageError if it cannot be opened or was written by a newer version.
        """
        self._unlisten = self._bus.listen(ALL, self._hear)
        try:
            await self._database.open()
        except BaseException:
            self._unlisten()
            raise

    async def run(self) -> None:
        """Write at every commit interval and delete what is old every hour, until cancelled; then write the rest."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write_regularly(), name="recorder:writer")
                tasks.create_task(self._purge_regularly(), name="recorder:retention")
        finally:
            await self._backlog.flush_or_log()

    async def flush(self) -> None:
        """Write everything heard so far.

        Raises StorageError if it cannot be written now; nothing is lost then.
        """
        await self._backlog.flush()

    async def purge(self) -> int:
        """Delete what is older than the settings say; return the number of rows."""
        await self._backlog.flush_or_log()
        return await self._retention.purge(self._clock.time())

    async def restored_states(self) -> list[State]:
        """Return the last recorded state of every entity that was not removed."""
        return await self.read(last_states)

    async def read(self, work: Work[T]) -> T:
        """Run ``work(connection)`` when everything heard so far is written.

        Raises StorageError.
        """
        await self._backlog.flush_or_log()
        return await self._database.call(work)

    async def close(self) -> None:
        """Stop listening, write the rest and close the database."""
        if self._unlisten is not None:
            self._unlisten()
            await self._backlog.flush_or_log()
        await self._database.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _hear(self, event: AnyEvent) -> None:
        if isinstance(event, StateChanged):
            if self._wanted(event.entity_id):
                self._backlog.add(event)
        elif isinstance(event, Event) and _is_recorded(event):
            self._backlog.add(event)

    async def _write_regularly(self) -> None:
        while True:
            await self._clock.sleep(self._settings.commit_interval)
            await self._backlog.flush_or_log()

    async def _purge_regularly(self) -> None:
        while True:
            try:
                await self.purge()
            except StorageError as error:
                _log.warning("Old history could not be deleted: %s", error)
            await self._clock.sleep(_PURGE_INTERVAL)

    def _replaced(self, aside: Path) -> None:
        self._writer.forget()
        data = {"database": self._database.name, "kept_as": aside.name}
        self._bus.publish(Event(DATABASE_REPLACED, data, Context("recorder"), self._clock.time()))


def _is_recorded(event: Event) -> bool:
    kind = event.type
    return kind in _RECORDED or kind.startswith(_OWN) or (kind == RENAMED and "old_entity_id" in event.data)


class RecordedHistory:
    """The port ``History`` over the recorder's database."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def states(
        self,
        entity_ids: Sequence[str],
        start: float,
        end: float,
        *,
        attributes: bool = True,
        significant_only: bool = True,
    ) -> Mapping[str, list[HistoryPoint]]:
        work = partial(
            read_history,
            entity_ids=entity_ids,
            start=start,
            end=end,
            with_attributes=attributes,
            significant_only=significant_only,
        )
        return await self._recorder.read(work)


class RecordedRuns:
    """The port ``Runs`` over the recorder's database."""

    def __init__(self, recorder: Recorder, backlog: Backlog) -> None:
        self._recorder = recorder
        self._backlog = backlog

    def add(self, run: Run) -> None:
        self._backlog.add(run)

    async def recent(self, automation_id: str | None = None, limit: int = 100) -> list[Run]:
        return await self._recorder.read(partial(read_recent, automation_id=automation_id, limit=limit))

    async def get(self, run_id: str) -> Run | None:
        return await self._recorder.read(partial(read_run, run_id=run_id))
