"""The logbook: what happened in words, in Home Assistant's form."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

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
from hub.core.ports import Happening, Happenings
from hub.core.state import State
from hub.core.states import States
from hub.security import Sight

MAX_ROWS = 10_000
EVENT_TYPES = (AUTOMATION_TRIGGERED, CALL_SERVICE, HUB_STARTED, HUB_STOP, LOGBOOK_ENTRY)
_CAUSES = (AUTOMATION_TRIGGERED, CALL_SERVICE)
_MOST_CAUSES = 2000
_WORDS = {HUB_STARTED: "started", HUB_STOP: "stopped"}

Row = dict[str, Any]


class Logbook:
    """Rows of the logbook, from what was recorded and from what happens now."""

    def __init__(self, happenings: Happenings, states: States) -> None:
        self._happenings = happenings
        self._states = states

    async def rows(
        self,
        start: float,
        end: float,
        *,
        sight: Sight,
        entity_ids: Sequence[str] | None = None,
        context_id: str | None = None,
    ) -> list[Row]:
        """Return the rows from ``start`` to ``end``, oldest first; at most the newest 10,000.

        ``entity_ids`` keeps those of these entities, ``context_id`` those of one causal chain.
        """
        if not sight.everything:
            wanted = [state.entity_id for state in self._states] if entity_ids is None else entity_ids
            entity_ids = list(sight.among(wanted, str))
        found = await self._happenings.between(
            start, end, entity_ids=entity_ids, event_types=EVENT_TYPES, limit=MAX_ROWS
        )
        if context_id is not None:
            found = [item for item in found if context_id in (item.context_id, item.parent_id)]
        return self.writer(entity_ids, sight=sight).rows(found)

    def writer(self, entity_ids: Collection[str] | None = None, *, sight: Sight) -> Writer:
        """Return what makes rows of the happenings that it is told, in their order.

        Somebody who does not see everything is told nothing of causes: they speak of automations and people.
        """
        wanted = sight.within(None if entity_ids is None else frozenset(entity_ids))
        return Writer(self._states, wanted, causes=sight.everything)


class Writer:
    """Makes rows; remembers recent actions and automations, for they explain the states that follow them."""

    def __init__(self, states: States, wanted: Container[str] | None, *, causes: bool) -> None:
        self._states = states
        self._wanted = wanted
        self._tells_causes = causes
        self._causes: OrderedDict[str, Row] = OrderedDict()

    def rows(self, happenings: Iterable[Happening]) -> list[Row]:
        """Return the rows of what happened; most actions make none of their own."""
        return [row for happening in happenings if (row := self._row(happening)) is not None]

    def _row(self, happening: Happening) -> Row | None:
        if happening.event_type is None:
            return self._of_state(happening)
        if self._tells_causes and happening.event_type in _CAUSES and happening.context_id is not None:
            self._causes[happening.context_id] = _cause(happening)
            while len(self._causes) > _MOST_CAUSES:
                self._causes.popitem(last=False)
        row = _of_event(happening)
        return row if row is not None and self._wants(row.get("entity_id")) else None

    def _of_state(self, happening: Happening) -> Row | None:
        entity_id = happening.entity_id or ""
        if not self._wants(entity_id) or _is_continuous(entity_id, self._states.get(entity_id)):
            return None
        cause = self._causes.get(happening.context_id or "") or self._causes.get(happening.parent_id or "") or {}
        causes = {key: value for key, value in cause.items() if value is not None}
        if causes.get("context_entity_id") == entity_id:
            causes = {}
        return {"state": happening.state, "entity_id": entity_id, "when": happening.time, **causes}

    def _wants(self, entity_id: str | None) -> bool:
        return self._wanted is None or entity_id in self._wanted


def happening_of(event: AnyEvent) -> Happening | None:
    """Return what an event of the bus means for the logbook, or None."""
    context = event.context
    happening = partial(
        Happening, time=event.time, context_id=context.id, parent_id=context.parent_id, user_id=context.user_id
    )
    if isinstance(event, StateChanged):
        same = event.old is not None and event.new is not None and event.old.state == event.new.state
        if event.new is None or event.old is None or same:
            return None
        return happening(entity_id=event.entity_id, state=event.new.state)
    if isinstance(event, Event) and event.type in EVENT_TYPES:
        return happening(event_type=event.type, data=event.data)
    return None


def named(row: Mapping[str, Any], states: States, when: str) -> Row:
    """Return a row as REST shows it: with the entity's name, and the time as text."""
    entity_id = row.get("entity_id")
    state = states.get(entity_id) if entity_id else None
    name = row.get("name") or (state.name if state else str(entity_id or "Hearth"))
    return {**row, "name": name, "when": when}


def _of_event(happening: Happening) -> Row | None:
    data, type_ = happening.data, happening.event_type
    if type_ in _WORDS:
        hub = {"name": "Hearth", "message": _WORDS[type_], "icon": "mdi:home", "domain": "homeassistant"}
        return {**hub, "when": happening.time}
    if type_ == AUTOMATION_TRIGGERED:
        return {
            "name": data.get("name"),
            "message": _triggered(data),
            "source": data.get("source"),
            "entity_id": data.get("entity_id"),
            "context_id": happening.context_id,
            "domain": "automation",
            "when": happening.time,
        }
    if type_ == LOGBOOK_ENTRY:
        keys = ("name", "message", "domain", "entity_id")
        return {**{key: data[key] for key in keys if data.get(key) is not None}, "when": happening.time}
    return None


def _cause(happening: Happening) -> Row:
    data = happening.data
    if happening.event_type == CALL_SERVICE:
        return {
            "context_user_id": happening.user_id,
            "context_event_type": CALL_SERVICE,
            "context_domain": data.get("domain"),
            "context_service": data.get("service"),
        }
    return {
        "context_user_id": happening.user_id,
        "context_event_type": AUTOMATION_TRIGGERED,
        "context_domain": "automation",
        "context_name": data.get("name"),
        "context_message": _triggered(data),
        "context_source": data.get("source"),
        "context_entity_id": data.get("entity_id"),
    }


def _triggered(data: Mapping[str, Any]) -> str:
    return f"triggered by {data['source']}" if data.get("source") else "triggered"


def _is_continuous(entity_id: str, state: State | None) -> bool:
    """Say whether an entity is a measurement: its values belong in a chart, not in a list of what happened."""
    domain = entity_id.partition(".")[0]
    if domain in ("counter", "proximity"):
        return True
    return (
        domain == "sensor"
        and state is not None
        and not {"unit_of_measurement", "state_class"}.isdisjoint(state.attributes)
    )
