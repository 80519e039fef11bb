"""What was heard and is not written yet."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

from hub.core.events import StateChanged
from hub.core.records import Run
from hub.database import Database, is_about_data, uninterrupted
from hub.errors import StorageError
from hub.recorder.writer import Item, Writer

_FREED_AT_ONCE = 256

_log = logging.getLogger(__name__)


class Backlog:
    """Items waiting for the next commit, at most ``limit``: beyond it new ones are dropped and counted."""

    def __init__(self, database: Database, writer: Writer, limit: int) -> None:
        self._database = database
        self._writer = writer
        self._limit = limit
        self._items: deque[Item] = deque()
        self._writing = asyncio.Lock()
        self._overflowing = False
        self._failing = False
        self._done = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Item) -> None:
        """Keep an item for the next commit, or drop it if too many wait."""
        if len(self._items) < self._limit:
            self._items.append(item)
            return
        self.dropped += 1
        if not self._overflowing:
            self._overflowing = True
            _log.warning("The recorder cannot keep up: %s events wait, new ones are dropped", self._limit)

    async def flush(self) -> None:
        """Write everything that waits; what cannot be written now waits on.

        Raises StorageError.
        """
        await uninterrupted(self._flush())

    async def flush_or_log(self) -> None:
        """Write everything that waits; log when that begins to fail and when it works again."""
        try:
            await self.flush()
        except StorageError as error:
            if not self._failing:
                _log.warning("Nothing can be recorded for now, %s events wait: %s", len(self), error)
            self._failing = True
            return
        if self._failing:
            self._failing = False
            _log.warning("Recording goes on")

    async def _flush(self) -> None:
        async with self._writing:
            if not self._items:
                return
            batch = list(self._items)
            self._items.clear()
            self._done = 0
            try:
                await self._write(batch)
            finally:
                self._items.extendleft(reversed(batch[self._done :]))
            await _let_go(batch)
            if self._overflowing:
                self._overflowing = False
                _log.warning("The recorder keeps up again; %s events were dropped since the start", self.dropped)

    async def _write(self, batch: Sequence[Item]) -> None:
        """Write the batch. If something in it cannot be stored, write the halves: only what is bad is left out."""
        try:
            await self._database.call(lambda connection: self._writer.write(connection, batch))
            self._writer.committed()
            self._done += len(batch)
        except Exception as error:
            if not is_about_data(error):
                raise
            if len(batch) == 1:
                self.dropped += 1
                self._done += 1
                _log.warning("Expected something that can be stored, got %s: %s", _shown(batch[0]), error)
                return
            await self._write(batch[: len(batch) // 2])
            await self._write(batch[len(batch) // 2 :])


async def _let_go(batch: list[Item]) -> None:
    """Forget what was written, a part in each turn of the loop: to free thousands of events at once takes milliseconds."""
    while batch:
        del batch[-_FREED_AT_ONCE:]
        await asyncio.sleep(0)


def _shown(item: Item) -> str:
    if isinstance(item, StateChanged):
        return f"a state of {item.entity_id}"
    return f"run {item.run_id}" if isinstance(item, Run) else f"event {item.type}"
