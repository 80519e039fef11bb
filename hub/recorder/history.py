"""Recorded states, read back."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from hub.core.ports import HistoryPoint
from hub.core.state import UNAVAILABLE
from hub.recorder.encoding import from_json
from hub.recorder.schema import attributes, entities, states

ATTRIBUTES_MATTER = frozenset({"climate", "device_tracker", "humidifier", "thermostat", "water_heater"})
"""In these domains a change of an attribute is significant, as in Home Assistant."""

_SETS_PER_QUERY = 500

_columns = select(states.c.state, states.c.updated, states.c.changed, states.c.attributes).where(
    states.c.entity == bindparam("entity")
)
_in_force = (
    _columns.where(states.c.updated <= bindparam("start"))
    .order_by(states.c.updated.desc(), states.c.id.desc())
    .limit(1)
)
_after = _columns.where(states.c.updated > bindparam("start"), states.c.updated <= bindparam("end")).order_by(
    states.c.updated, states.c.id
)
_after_with_new_text = _after.where(states.c.changed.is_(None))

_numbers = select(entities.c.entity_id, entities.c.id).where(
    entities.c.entity_id.in_(bindparam("entity_ids", expanding=True))
)
_sets = select(attributes.c.id, attributes.c.json).where(attributes.c.id.in_(bindparam("numbers", expanding=True)))

_Rows = Sequence[Any]


def read_history(
    connection: Connection,
    entity_ids: Sequence[str],
    start: float,
    end: float,
    *,
    with_attributes: bool,
    significant_only: bool,
) -> dict[str, list[HistoryPoint]]:
    """Return what ``History.states`` promises. An entity without any state in the time is left out."""
    numbers = connection.execute(_numbers, {"entity_ids": list(entity_ids)}).all()
    rows: dict[str, _Rows] = {}
    for entity_id, number in numbers:
        every = not significant_only or entity_id.partition(".")[0] in ATTRIBUTES_MATTER
        rows[entity_id] = _read_rows(connection, number, start, end, every=every)
    sets = _read_sets(connection, rows) if with_attributes else {}
    points = {entity_id: [_point(row, sets) for row in found] for entity_id, found in rows.items() if found}
    return {entity_id: points[entity_id] for entity_id in entity_ids if entity_id in points}


def _read_rows(connection: Connection, number: int, start: float, end: float, *, every: bool) -> _Rows:
    before = connection.execute(_in_force, {"entity": number, "start": start}).first()
    query = _after if every else _after_with_new_text
    after = connection.execute(query, {"entity": number, "start": start, "end": end}).all()
    return after if before is None or before.state is None else [before, *after]


def _read_sets(connection: Connection, rows: Mapping[str, _Rows]) -> dict[int, Mapping[str, Any]]:
    wanted = iter({number for found in rows.values() for _, _, _, number in found if number is not None})
    sets: dict[int, Mapping[str, Any]] = {}
    while some := list(itertools.islice(wanted, _SETS_PER_QUERY)):
        sets.update((number, from_json(text)) for number, text in connection.execute(_sets, {"numbers": some}))
    return sets


def _point(row: Any, sets: Mapping[int, Mapping[str, Any]]) -> HistoryPoint:
    state, updated, changed, number = row
    return HistoryPoint(
        state=UNAVAILABLE if state is None else state,  # the entity was removed
        time=updated,
        changed=updated if changed is None else changed,
        attributes=sets.get(number),
    )
