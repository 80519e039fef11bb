"""From what was heard to rows. Everything here runs in the database's thread."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub.core.events import Event, StateChanged
from hub.core.records import Run
from hub.core.redaction import redacted
from hub.core.state import State
from hub.database import BulkInsert
from hub.recorder.attributes import AttributeSets
from hub.recorder.encoding import as_number, to_json
from hub.recorder.schema import entities, events, runs, states

Item = StateChanged | Event | Run

RENAMED = "entity_registry_updated"
_STATES_AT_ONCE = 512


class Writer:
    """Writes batches, and remembers the numbers of entities and attributes that it gave out.

    What it remembers is as good as the last transaction: after ``write`` call ``committed`` once that is kept, otherwise
    it is read again from the database.
    """

    def __init__(self) -> None:
        self._sure = False
        self.attribute_sets = AttributeSets()
        self._entities: dict[str, int] = {}
        self._insert_entities = BulkInsert(entities, ("id", "entity_id"))
        self._insert_states = BulkInsert(
            states,
            ("entity", "state", "number", "updated", "changed", "attributes", "context_id", "parent_id"),
        )
        self._insert_events = BulkInsert(
            events, ("type", "time", "data", "context_id", "parent_id", "user_id", "origin")
        )

    def committed(self) -> None:
        """Trust what is remembered: the last batch is in the database."""
        self._sure = True

    def forget(self) -> None:
        """Trust nothing: the database is another one."""
        self._sure = False

    def write(self, connection: Connection, items: Sequence[Item]) -> None:
        """Write a batch in its order; the caller's transaction keeps all of it or nothing."""
        if not self._sure:
            self.attribute_sets.load(connection)
            self._entities = {row.entity_id: row.id for row in connection.execute(select(entities))}
        self._sure = False
        changes: list[StateChanged] = []
        others: list[Event] = []
        for item in items:
            if isinstance(item, StateChanged):
                changes.append(item)
            elif isinstance(item, Run):
                self._write_run(connection, item)
            elif item.type == RENAMED:
                self._write_states(connection, changes)
                changes = []
                self._rename(connection, item.data["old_entity_id"], item.data["entity_id"])
            else:
                others.append(item)
        self._write_states(connection, changes)
        self._insert_events(connection, [value for event in others for value in _event_row(event)])

    def _write_states(self, connection: Connection, changes: Sequence[StateChanged]) -> None:
        for start in range(0, len(changes), _STATES_AT_ONCE):
            part = changes[start : start + _STATES_AT_ONCE]
            self._add_entities(connection, part)
            numbers = self.attribute_sets.numbers(connection, [change.new for change in part])
            values: list[Any] = []
            for change, number in zip(part, numbers, strict=True):
                entity = self._entities[change.entity_id]
                values += _removed_row(entity, change) if change.new is None else _state_row(entity, change.new, number)
            self._insert_states(connection, values)

    def _add_entities(self, connection: Connection, changes: Iterable[StateChanged]) -> None:
        known = self._entities
        new = dict.fromkeys(change.entity_id for change in changes if change.entity_id not in known)
        if new:
            first = max(known.values(), default=0) + 1  # there is one writer, so new numbers are counted here
            known.update(zip(new, itertools.count(first)))
            self._insert_entities(connection, [value for entity_id in new for value in (known[entity_id], entity_id)])

    def _rename(self, connection: Connection, old: str, new: str) -> None:
        """Let the history follow the entity to its new id, and join what an earlier entity left there."""
        number = self._entities.pop(old, None)
        if number is None:
            return
        earlier = self._entities.get(new)
        if earlier is not None:
            connection.execute(update(states).where(states.c.entity == earlier).values(entity=number))
            connection.execute(entities.delete().where(entities.c.id == earlier))
        connection.execute(update(entities).where(entities.c.id == number).values(entity_id=new))
        self._entities[new] = number

    def _write_run(self, connection: Connection, run: Run) -> None:
        row = {
            "run_id": run.run_id,
            "automation_id": run.automation_id,
            "started": run.started,
            "finished": run.finished,
            "outcome": run.outcome,
            "json": run.as_json().decode(),
        }
        connection.execute(insert(runs).values(row))


def _state_row(entity: int, state: State, attributes: int | None) -> Iterable[Any]:
    text, updated, changed, context = state.state, state.last_updated, state.last_changed, state.context
    return (
        entity,
        text,
        as_number(text),
        updated,
        None if changed == updated else changed,
        attributes,
        context.id,
        context.parent_id,
    )


def _removed_row(entity: int, change: StateChanged) -> Iterable[Any]:
    return (entity, None, None, change.time, None, None, change.context.id, change.context.parent_id)


def _event_row(event: Event) -> Iterable[Any]:
    context = event.context
    data = to_json(redacted(event.data))
    return (event.type, event.time, data, context.id, context.parent_id, context.user_id, context.origin)
