"""What happened, in order: new states and the events that explain them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, func, select

from hub.core.ports import Happening
from hub.recorder.encoding import from_json
from hub.recorder.schema import entities, events, states

if TYPE_CHECKING:
    from hub.recorder.recorder import Recorder

_changes = (
    select(entities.c.entity_id, states.c.state, states.c.updated, states.c.context_id, states.c.parent_id)
    .join_from(states, entities, states.c.entity == entities.c.id)
    .where(states.c.changed.is_(None), states.c.state.is_not(None))
)
_events = select(events.c.type, events.c.time, events.c.data, events.c.context_id, events.c.parent_id, events.c.user_id)

_row_from = (
    select(states.c.id, states.c.updated).where(states.c.id >= bindparam("number")).order_by(states.c.id).limit(1)
)


class RecordedHappenings:
    """The port ``Happenings`` over the recorder's database."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def between(
        self, start: float, end: float, *, entity_ids: Sequence[str] | None, event_types: Sequence[str], limit: int
    ) -> list[Happening]:
        work = partial(
            read_happenings, start=start, end=end, entity_ids=entity_ids, event_types=event_types, limit=limit
        )
        return await self._recorder.read(work)


def read_happenings(
    connection: Connection,
    start: float,
    end: float,
    entity_ids: Sequence[str] | None,
    event_types: Sequence[str],
    limit: int,
) -> list[Happening]:
    """Return what ``Happenings.between`` promises."""
    found = [
        *_read_changes(connection, start, end, entity_ids, limit),
        *_read_events(connection, start, end, event_types, limit),
    ]
    return sorted(found, key=lambda happening: happening.time)[-limit:]


def _read_changes(
    connection: Connection, start: float, end: float, entity_ids: Sequence[str] | None, limit: int
) -> list[Happening]:
    first = _first_since(connection, start)
    query = _changes.where(states.c.id >= first, states.c.updated >= start, states.c.updated < end)
    if entity_ids is not None:
        query = query.where(entities.c.entity_id.in_(entity_ids))
    rows = connection.execute(query.order_by(states.c.updated.desc()).limit(limit))
    return [
        Happening(time=time, entity_id=entity_id, state=state, context_id=context_id, parent_id=parent_id)
        for entity_id, state, time, context_id, parent_id in rows
    ]


def _first_since(connection: Connection, start: float) -> int:
    """Return the number of the first row since ``start``: rows are written in their order, so no index on time is needed."""
    low, high = connection.execute(select(func.min(states.c.id), func.max(states.c.id) + 1)).one()
    low, high = low or 0, high or 0
    while low < high:
        middle = (low + high) // 2
        number, time = connection.execute(_row_from, {"number": middle}).one()
        low, high = (number + 1, high) if time < start else (low, middle)
    return int(low)


def _read_events(
    connection: Connection, start: float, end: float, event_types: Sequence[str], limit: int
) -> list[Happening]:
    query = _events.where(events.c.time >= start, events.c.time < end, events.c.type.in_(event_types))
    rows = connection.execute(query.order_by(events.c.time.desc()).limit(limit))
    return [
        Happening(
            time=time,
            event_type=type_,
            data=from_json(data),
            context_id=context_id,
            parent_id=parent_id,
            user_id=user_id,
        )
        for type_, time, data, context_id, parent_id, user_id in rows
    ]
