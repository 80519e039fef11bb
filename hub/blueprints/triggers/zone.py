"""``trigger: zone``: somebody or something enters or leaves a zone."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind, together
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import entity_ids, optional, required
from hub.core.bus import Unlisten
from hub.core.events import StateChanged
from hub.core.fields import selector_validator
from hub.core.state import UNAVAILABLE, UNKNOWN, State
from hub.virtual import accuracy_of, in_zone, place_of

_log = logging.getLogger(__name__)
_zone = selector_validator({"entity": {"domain": "zone"}})
_SCHEMA = vol.Schema({**required(entity_id=entity_ids, zone=_zone), **optional(event=vol.In(["enter", "leave"]))})
_WORDS = {"enter": "entering", "leave": "leaving"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneTrigger:
    """The place of one of these entities comes to be in ``zone`` (``enter``), or out of it (``leave``)."""

    entity_ids: tuple[str, ...]
    zone: str
    event: str

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        def changed(change: StateChanged) -> None:
            self._changed(change, look, fire)

        return together(*(look.ports.bus.listen_entity(entity_id, changed) for entity_id in self.entity_ids))

    def _changed(self, change: StateChanged, look: Look, fire: Fire) -> None:
        if any(state is not None and place_of(state.attributes) is None for state in (change.old, change.new)):
            return
        zone = look.ports.states.get(self.zone)
        if zone is None:
            _log.warning("Expected a known zone in a zone trigger, got %s", self.zone)
            return
        before, after = is_in(zone, change.old), is_in(zone, change.new)
        if (after and not before) if self.event == "enter" else (before and not after):
            variables = {
                "platform": "zone",
                "entity_id": change.entity_id,
                "from_state": change.old,
                "to_state": change.new,
                "zone": zone,
                "event": self.event,
                "description": f"{change.entity_id} {_WORDS[self.event]} {zone.name}",
            }
            fire(variables, change.context)


def is_in(zone: State, state: State | None) -> bool:
    """Say whether what a state tells of is in a zone; one that tells no place is in none."""
    if state is None or state.state in (UNAVAILABLE, UNKNOWN):
        return False
    place = place_of(state.attributes)
    return place is not None and in_zone(zone, *place, accuracy_of(state.attributes))


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "a zone trigger")
    return ZoneTrigger(entity_ids=tuple(data["entity_id"]), zone=data["zone"], event=data.get("event", "enter"))


KIND = TriggerKind(name="zone", parse=_parse)
