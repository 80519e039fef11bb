"""``trigger: state``: an entity's state or one of its attributes changes. A report of the same again never counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind, together
from hub.blueprints.holding import Holding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, duration_text, entity_ids, listed, optional, required, state_texts
from hub.config.validation import checked, refused
from hub.core.bus import Unlisten
from hub.core.events import StateChanged
from hub.core.state import State

_SCHEMA = vol.Schema(
    {
        **required(entity_id=entity_ids),
        **optional(attribute=str, to=anything, not_from=anything, not_to=anything),
        vol.Optional("from"): anything,
        vol.Optional("for"): duration_text,
    }
)
_VALUES = ("from", "to", "not_from", "not_to")

Match = Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTrigger:
    """A change from a value to a value. ``any_change`` counts changes of other attributes too."""

    entity_ids: tuple[str, ...]
    matches_old: Match
    matches_new: Match
    attribute: str | None = None
    any_change: bool = False
    leaves: bool = False
    duration: Any = None

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        watch = _Watch(self, look, fire)
        unlisten = (look.ports.bus.listen_entity(entity_id, watch.changed) for entity_id in self.entity_ids)
        return together(*unlisten, watch.holding.clear)

    def value(self, state: State | None) -> Any:
        """Return what this trigger compares, None without a state."""
        if state is None:
            return None
        return state.state if self.attribute is None else state.attributes.get(self.attribute)

    def matches(self, event: StateChanged) -> bool:
        """Say whether a change is one that this trigger waits for."""
        old, new = self.value(event.old), self.value(event.new)
        if old == new and (self.attribute is not None or not self.any_change):
            return False
        return self.matches_old(old) and self.matches_new(new)


class _Watch:
    """A state trigger that is listening."""

    def __init__(self, trigger: StateTrigger, look: Look, fire: Fire) -> None:
        self._trigger = trigger
        self._look = look
        self._fire = fire
        self._held: dict[str, Any] = {}
        self.holding = Holding(look.ports.clock)

    def changed(self, event: StateChanged) -> None:
        trigger = self._trigger
        if event.entity_id in self.holding and not self._goes_on(event):
            self.holding.release(event.entity_id)
        if not trigger.matches(event) or event.entity_id in self.holding:
            return
        variables = {
            "platform": "state",
            "entity_id": event.entity_id,
            "from_state": event.old,
            "to_state": event.new,
            "for": None,
            "attribute": trigger.attribute,
            "description": f"state of {event.entity_id}",
        }
        if trigger.duration is None:
            self._fire(variables, event.context)
        else:
            self._hold(event, variables)

    def _hold(self, event: StateChanged, variables: dict[str, Any]) -> None:
        look = Look(self._look.ports, {**self._look.variables, "trigger": variables})
        seconds = look.seconds(self._trigger.duration)
        variables["for"] = seconds
        old, new = self._trigger.value(event.old), self._trigger.value(event.new)
        self._held[event.entity_id] = (old, new)
        self.holding.begin(event.entity_id, seconds, partial(self._fire, variables, event.context))

    def _goes_on(self, event: StateChanged) -> bool:
        """Say whether what is being waited for is still so: with only ``from``, as long as it has not gone back."""
        old, new = self._held[event.entity_id]
        value = self._trigger.value(event.new)
        return event.new is not None and (value != old if self._trigger.leaves else value == new)


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "a state trigger")
    for one, other in (("from", "not_from"), ("to", "not_to")):
        if one in data and other in data:
            raise refused(config, f"Expected {one!r} or {other!r} in a state trigger, got both: remove one", [other])
    convert: Callable[[Any], list[Any] | None] = state_texts if data.get("attribute") is None else _any_values
    wanted: dict[str, list[Any] | None] = {
        name: checked(vol.Schema(convert), data[name], f"{name!r} of a state trigger")
        for name in _VALUES
        if name in data
    }
    return StateTrigger(
        entity_ids=tuple(data["entity_id"]),
        matches_old=_match(wanted.get("from"), wanted.get("not_from")),
        matches_new=_match(wanted.get("to"), wanted.get("not_to")),
        attribute=data.get("attribute"),
        any_change=not wanted,
        leaves="from" in wanted and "to" not in wanted,
        duration=data.get("for"),
    )


def _any_values(value: Any) -> list[Any] | None:
    return None if value is None else listed(value)


def _match(wanted: list[Any] | None, unwanted: list[Any] | None) -> Match:
    if unwanted is not None:
        return lambda value: value not in unwanted
    return lambda value: wanted is None or value in wanted


KIND = TriggerKind(name="state", parse=_parse)
