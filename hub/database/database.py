"""A database with the one thread that works on it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection

from hub.database.engine import open_engine
from hub.database.faults import translated
from hub.database.schema import Schema, migrate
from hub.errors import StorageError

T = TypeVar("T")
Work = Callable[[Connection], T]

_log = logging.getLogger(__name__)


class Database:
    """One database file and its thread. Each piece of work is one transaction: all of it is kept, or nothing.

    At most ``queue_size`` pieces wait: ``call`` waits until there is room, ``submit`` raises. Use it as
    ``async with Database(...)``, or ``open`` and ``close`` it.
    """

    def __init__(
        self, path: Path, schema: Schema, *, pragmas: Mapping[str, str] | None = None, queue_size: int = 1024
    ) -> None:
        self.path = path
        self._schema = schema
        self._pragmas = pragmas
        self._queue_size = queue_size
        self._room = asyncio.Semaphore(queue_size)
        self._submit_room = threading.Semaphore(queue_size)
        self._thread: ThreadPoolExecutor | None = None
        self._connection: Connection | None = None

    @property
    def name(self) -> str:
        """The file's name, for messages."""
        return self.path.name

    async def open(self) -> None:
        """Open the file, made if missing, and bring its schema up to date.

        Raises StorageError, or DatabaseDamaged; the database is closed then.
        """
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"database:{self.path.stem}")
        try:
            await self._run(self._connect)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what waits, close the file and end the thread."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(thread, self._disconnect)
        finally:
            await asyncio.to_thread(thread.shutdown)

    async def call(self, work: Work[T]) -> T:
        """Run ``work(connection)`` in the thread as one transaction and return its result.

        Raises StorageError, DatabaseDamaged, and whatever ``work`` raises: nothing is kept then.
        """
        async with self._room:
            return await self._run(lambda: self._transaction(work))

    def submit(self, work: Work[object]) -> None:
        """Run ``work(connection)`` soon as one transaction; a failure is logged.

        Raises StorageError if the database is closed or too many pieces of work wait.
        """
        thread = self._open_thread()
        if not self._submit_room.acquire(blocking=False):
            raise StorageError(
                f"Expected at most {self._queue_size} writes to wait for {self.name}: the disk is too slow"
            )
        thread.submit(self._transaction, work).add_done_callback(self._submitted)

    async def checkpoint(self) -> None:
        """Move everything from the write-ahead log into the file and empty the log.

        Raises StorageError.
        """
        await self._run(self._checkpoint)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._open_thread(), function)

    def _open_thread(self) -> ThreadPoolExecutor:
        if self._thread is None:
            raise StorageError(f"Expected {self.name} to be open: it was closed")
        return self._thread

    def _submitted(self, future: Future[object]) -> None:
        self._submit_room.release()
        if not future.cancelled() and (error := future.exception()) is not None:
            _log.error("A write to %s failed: %s", self.name, error, exc_info=error)

    # In the thread ---------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        with translated(self.name):
            self._connection = open_engine(self.path, self._pragmas).connect()
            migrate(self._connection, self._schema, self.name)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
            connection.engine.dispose()

    def _checkpoint(self) -> None:
        with translated(self.name):
            connection = self._connection
            assert connection is not None, "work runs between open and close"
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _transaction(self, work: Work[T]) -> T:
        connection = self._connection
        assert connection is not None, "work runs between open and close"
        with translated(self.name), connection.begin():
            return work(connection)
