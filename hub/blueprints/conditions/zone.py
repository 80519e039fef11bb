"""``condition: zone``: what an entity tells of is in a zone, by its place on the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Condition, ConditionKind, Finding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.triggers.zone import is_in
from hub.blueprints.values import entity_ids, required
from hub.core.state import State
from hub.errors import NotFound

_SCHEMA = vol.Schema(required(entity_id=entity_ids, zone=entity_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCondition:
    """Every entity is in one of the zones."""

    entity_ids: tuple[str, ...]
    zones: tuple[str, ...]

    def find(self, look: Look) -> Finding:
        rows = [self._compare(look, entity_id) for entity_id in self.entity_ids]
        compared: Mapping[str, Any] = rows[0] if len(rows) == 1 else {"entities": rows}
        return Finding(result=all(row["result"] for row in rows), compared=compared)

    def _compare(self, look: Look, entity_id: str) -> dict[str, Any]:
        state = _state(look, entity_id)
        zones = [zone for zone in self.zones if is_in(_state(look, zone), state)]
        return {"entity_id": entity_id, "zone": list(self.zones), "in": zones, "result": bool(zones)}


def _state(look: Look, entity_id: str) -> State:
    state = look.ports.states.get(entity_id)
    if state is None:
        raise NotFound(f"Expected a known entity, got {entity_id}")
    return state


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the zone condition {path}")
    return ZoneCondition(entity_ids=tuple(data["entity_id"]), zones=tuple(data["zone"]))


KIND = ConditionKind(name="zone", parse=_parse)
