"""States and events as templates see them: with times as datetimes, and every look noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from hub.core.context import Context
from hub.core.events import AnyEvent, Event, StateChanged, StateReported
from hub.core.ids import is_entity_id
from hub.core.state import UNKNOWN, State
from hub.core.states import States
from hub.errors import TemplateError
from hub.templates.rendering import active


class StateView:
    """A state with Home Assistant's properties."""

    __slots__ = ("_state", "entity_id")

    def __init__(self, state: State) -> None:
        self._state = state
        self.entity_id = state.entity_id

    @property
    def state(self) -> str:
        return self._seen().state

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._seen().attributes

    @property
    def name(self) -> str:
        return self._seen().name

    @property
    def domain(self) -> str:
        return self._state.domain

    @property
    def object_id(self) -> str:
        return self._state.object_id

    @property
    def last_changed(self) -> datetime:
        return _utc(self._seen().last_changed)

    @property
    def last_updated(self) -> datetime:
        return _utc(self._seen().last_updated)

    @property
    def last_reported(self) -> datetime:
        return _utc(self._seen().last_reported)

    @property
    def last_changed_timestamp(self) -> float:
        return self._seen().last_changed

    @property
    def last_updated_timestamp(self) -> float:
        return self._seen().last_updated

    @property
    def context(self) -> Context:
        return self._seen().context

    @property
    def state_with_unit(self) -> str:
        unit = self._seen().attributes.get("unit_of_measurement")
        return f"{self._state.state} {unit}" if unit else self._state.state

    def as_dict(self) -> dict[str, Any]:
        return self._seen().as_dict()

    def _seen(self) -> State:
        active().entities.add(self.entity_id)
        return self._state

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StateView) and other._state is self._state

    def __hash__(self) -> int:
        return hash(self.entity_id)

    def __repr__(self) -> str:
        return f"<template {self._state!r}>"


class EventView:
    """An event with Home Assistant's properties."""

    __slots__ = ("_event",)

    def __init__(self, event: AnyEvent) -> None:
        self._event = event

    @property
    def event_type(self) -> str:
        return self._event.type

    @property
    def data(self) -> Mapping[str, Any]:
        return self._event.data

    @property
    def context(self) -> Context:
        return self._event.context

    @property
    def time_fired(self) -> datetime:
        return _utc(self._event.time)

    @property
    def time_fired_timestamp(self) -> float:
        return self._event.time

    @property
    def origin(self) -> str:
        return "LOCAL"

    def as_dict(self) -> dict[str, Any]:
        return self._event.as_dict()


class DomainStates:
    """``states.light``: the states of a domain, and each by its object id."""

    __slots__ = ("_domain", "_states")

    def __init__(self, states: States, domain: str) -> None:
        self._states = states
        self._domain = domain

    def __getitem__(self, object_id: str) -> StateView | None:
        return look_up(self._states, f"{self._domain}.{object_id}")

    def __iter__(self) -> Iterator[StateView]:
        active().domains.add(self._domain)
        return map(StateView, self._states.in_domain(self._domain))

    def __len__(self) -> int:
        active().domains.add(self._domain)
        return len(self._states.in_domain(self._domain))

    def __repr__(self) -> str:
        return f"<template states of {self._domain}>"


class AllStates:
    """``states``: every state, those of a domain by its name, and ``states('light.hall')`` for the text of one."""

    __slots__ = ("_states",)

    def __init__(self, states: States) -> None:
        self._states = states

    def __getitem__(self, name: str) -> Any:
        if "." in name:
            return look_up(self._states, name)
        if not is_entity_id(f"{name}.any"):
            raise TemplateError(f"Expected an entity domain such as light, got {name!r}")
        return DomainStates(self._states, name)

    def __call__(self, entity_id: str, rounded: bool = False, with_unit: bool = False) -> str:
        view = look_up(self._states, entity_id)
        if view is None:
            return UNKNOWN
        return view.state_with_unit if with_unit else view.state

    def __iter__(self) -> Iterator[StateView]:
        active().all_states = True
        return map(StateView, self._states.all())

    def __len__(self) -> int:
        active().all_states = True
        return len(self._states)

    def __repr__(self) -> str:
        return "<template states>"


def look_up(states: States, entity_id: str) -> StateView | None:
    """Return the view of an entity's state, or None; the entity counts as looked at either way."""
    active().entities.add(str(entity_id))
    state = states.get(entity_id)
    return StateView(state) if state is not None else None


_VIEWS: Mapping[type, Callable[[Any], Any]] = {
    State: StateView,
    Event: EventView,
    StateChanged: EventView,
    StateReported: EventView,
}


def viewed(value: Any) -> Any:
    """Return a state or event as templates see it, and anything else unchanged."""
    view = _VIEWS.get(type(value))
    return view(value) if view is not None else value


def _utc(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
