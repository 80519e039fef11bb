"""What is deleted when it is old enough: in small steps, so that writing and reading go on in between."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Delete, Table, bindparam, delete, func, select, text

from hub.core.records import RunOutcome
from hub.database import Work
from hub.recorder.attributes import AttributeSets
from hub.recorder.schema import attributes, entities, events, runs, states
from hub.recorder.settings import RecorderSettings

Call = Callable[[Work[int]], Awaitable[int]]

ROWS_PER_STEP = 2000
_PAGES_PER_STEP = 500
_DAY = 86_400.0
_KEPT_SHORTER = (RunOutcome.FINISHED, RunOutcome.FAILED_CONDITIONS, RunOutcome.FAILED_SINGLE)

_log = logging.getLogger(__name__)

_until_cutoff = (states.c.entity == bindparam("entity")) & (states.c.updated <= bindparam("cutoff"))
# The state that was in force at the cutoff stays: history begins with it, and it is restored at the next start.
_in_force = (
    select(states.c.id)
    .where(_until_cutoff)
    .order_by(states.c.updated.desc(), states.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_some_old_states = select(states.c.id).where(_until_cutoff, states.c.id != _in_force).limit(ROWS_PER_STEP)
_delete_old_states = delete(states).where(states.c.id.in_(_some_old_states))


class Retention:
    """Deletes what is older than the settings say; ``call`` runs one step in the database's thread."""

    def __init__(self, call: Call, sets: AttributeSets, settings: RecorderSettings) -> None:
        self._call = call
        self._sets = sets
        self._settings = settings

    async def purge(self, now: float) -> int:
        """Delete what is too old at ``now`` and give the space back; return the number of rows."""
        keep = self._settings
        cutoff = now - keep.keep_days * _DAY
        deleted = await self._purge_states(cutoff)
        deleted += await self._purge(events, events.c.time < cutoff)
        done = runs.c.outcome.in_(_KEPT_SHORTER)
        deleted += await self._purge(runs, done & (runs.c.started < now - keep.keep_runs_days * _DAY))
        deleted += await self._purge(runs, runs.c.started < now - keep.keep_failed_runs_days * _DAY)
        if deleted:
            deleted += await self._purge_attributes()
            await self._give_back_space()
            _log.info("Deleted %s old rows from the history", deleted)
        return deleted

    async def _purge_states(self, cutoff: float) -> int:
        deleted, last = 0, 0
        while (last := await self._call(partial(_next_entity, last=last))) > 0:
            deleted += await self._repeat(
                partial(_delete, statement=_delete_old_states, values={"entity": last, "cutoff": cutoff})
            )
        return deleted

    async def _purge(self, table: Table, old: ColumnElement[bool]) -> int:
        some = select(table.c.id).where(old).limit(ROWS_PER_STEP)
        return await self._repeat(partial(_delete, statement=delete(table).where(table.c.id.in_(some)), values={}))

    async def _repeat(self, step: Work[int]) -> int:
        deleted = 0
        while count := await self._call(step):
            deleted += count
        return deleted

    async def _purge_attributes(self) -> int:
        """Delete the sets that no state has any more.

        Which are in use is gathered over many steps; the last one looks at the states added meanwhile and deletes.
        """
        used: set[int] = set()
        last = 0
        while (reached := await self._call(partial(_gather, used=used, last=last))) > last:
            last = reached
        return await self._call(partial(self._delete_unused, used=used, last=last))

    def _delete_unused(self, connection: Connection, used: set[int], last: int) -> int:
        while (reached := _gather(connection, used, last)) > last:
            last = reached
        unused = set(connection.execute(select(attributes.c.id)).scalars()) - used
        self._sets.forget(unused)
        if unused:
            statement = delete(attributes).where(attributes.c.id == bindparam("number"))
            connection.execute(statement, [{"number": number} for number in unused])
        return len(unused)

    async def _give_back_space(self) -> None:
        while await self._call(_free_pages):
            pass


def _delete(connection: Connection, statement: Delete, values: Mapping[str, Any]) -> int:
    return connection.execute(statement, values).rowcount


def _next_entity(connection: Connection, last: int) -> int:
    query = select(func.min(entities.c.id)).where(entities.c.id > last)
    return connection.execute(query).scalar_one() or 0


def _gather(connection: Connection, used: set[int], last: int) -> int:
    """Add the numbers of the sets in the next states; return the last state's id, or ``last`` at the end."""
    some = (
        select(states.c.id, states.c.attributes)
        .where(states.c.id > last)
        .order_by(states.c.id)
        .limit(ROWS_PER_STEP * 10)
        .subquery()
    )
    reached, numbers = last, select(func.max(some.c.id), some.c.attributes).group_by(some.c.attributes)
    for newest, number in connection.execute(numbers):
        reached = max(reached, newest)
        if number is not None:
            used.add(number)
    return reached


def _free_pages(connection: Connection) -> int:
    """Shorten the file by some of its free pages; return how many it was."""
    if connection.dialect.name != "sqlite":
        return 0
    free: int = connection.execute(text("PRAGMA freelist_count")).scalar_one()
    pages = min(free, _PAGES_PER_STEP)
    for _ in range(pages):  # one by one: the driver steps this statement once, whatever number it is given
        connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
    return pages
