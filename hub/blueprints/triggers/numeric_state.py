"""``trigger: numeric_state``: an entity's number comes into a range, from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind, together
from hub.blueprints.holding import Holding
from hub.blueprints.look import Look
from hub.blueprints.numeric import Range, range_of
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import duration_text, entity_ids, number_or_entity, optional, required
from hub.config.validation import refused
from hub.core.bus import Unlisten
from hub.core.events import StateChanged
from hub.core.state import State
from hub.errors import HubError, InvalidInput

_SCHEMA = vol.Schema(
    {
        **required(entity_id=entity_ids),
        **optional(above=number_or_entity, below=number_or_entity, attribute=str, value_template=str),
        vol.Optional("for"): duration_text,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericStateTrigger:
    """The number of one of the entities comes into the range."""

    entity_ids: tuple[str, ...]
    range: Range
    duration: Any = None

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        watch = _Watch(self, look, fire)
        unlisten = (look.ports.bus.listen_entity(entity_id, watch.changed) for entity_id in self.entity_ids)
        return together(*unlisten, watch.holding.clear)


class _Watch:
    """A numeric trigger that is listening. An entity is armed while its number is outside."""

    def __init__(self, trigger: NumericStateTrigger, look: Look, fire: Fire) -> None:
        self._trigger = trigger
        self._look = look
        self._fire = fire
        self.holding = Holding(look.ports.clock)
        states = look.ports.states
        self._armed = {entity_id for entity_id in trigger.entity_ids if not self._inside(states.get(entity_id))}

    def changed(self, event: StateChanged) -> None:
        if not self._inside(event.new):
            self._armed.add(event.entity_id)
            self.holding.release(event.entity_id)
        elif event.entity_id in self._armed:
            self._armed.discard(event.entity_id)
            self._came_in(event)

    def _inside(self, state: State | None) -> bool:
        try:
            return bool(self._trigger.range.compare(self._look, state)["result"])
        except HubError:  # gone, or no number: outside
            return False

    def _came_in(self, event: StateChanged) -> None:
        bounds = self._trigger.range
        variables: dict[str, Any] = {
            "platform": "numeric_state",
            "entity_id": event.entity_id,
            "above": bounds.above,
            "below": bounds.below,
            "from_state": event.old,
            "to_state": event.new,
            "for": None,
            "description": f"numeric state of {event.entity_id}",
        }
        seconds = 0.0
        if self._trigger.duration is not None:
            look = Look(self._look.ports, {**self._look.variables, "trigger": variables})
            seconds = variables["for"] = look.seconds(self._trigger.duration)
        self.holding.begin(event.entity_id, seconds, partial(self._fire, variables, event.context))


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "a numeric_state trigger")
    try:
        bounds = range_of(data)
    except InvalidInput as error:
        raise refused(config, f"{error}, in a numeric_state trigger") from None
    return NumericStateTrigger(entity_ids=tuple(data["entity_id"]), range=bounds, duration=data.get("for"))


KIND = TriggerKind(name="numeric_state", parse=_parse)
