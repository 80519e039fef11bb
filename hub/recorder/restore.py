"""The last state of every entity, for the next start."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select

from hub.core.context import Context
from hub.core.state import State
from hub.recorder.encoding import from_json
from hub.recorder.schema import attributes, entities, states

_newest = (
    select(states.c.id)
    .where(states.c.entity == entities.c.id)
    .order_by(states.c.updated.desc(), states.c.id.desc())
    .limit(1)
    .correlate(entities)
    .scalar_subquery()
)
_query = (
    select(entities.c.entity_id, states.c.state, states.c.updated, states.c.changed, attributes.c.json)
    .select_from(entities)
    .join(states, states.c.id == _newest)
    .outerjoin(attributes, attributes.c.id == states.c.attributes)
    .where(states.c.state.is_not(None))
    .order_by(entities.c.id)
)


def last_states(connection: Connection) -> list[State]:
    """Return the newest state of every entity that was not removed."""
    return [_state(row) for row in connection.execute(_query).mappings()]


def _state(row: RowMapping) -> State:
    updated = row["updated"]
    changed = updated if row["changed"] is None else row["changed"]
    values = from_json(row["json"]) if row["json"] else {}
    return State(row["entity_id"], row["state"], values, changed, updated, Context("restored"))
