"""``condition: state``: an entity, or one of its attributes, has one of these values, perhaps for some time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Condition, ConditionKind, Finding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, duration_text, entity_ids, listed, optional, required, state_texts
from hub.core.ids import is_entity_id
from hub.errors import NotFound

_SCHEMA = vol.Schema(
    {
        **required(entity_id=entity_ids, state=anything),
        **optional(attribute=str, match=vol.In(["all", "any"])),
        vol.Optional("for"): duration_text,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCondition:
    """Every entity (with ``any``, one of them) has one of ``wanted``; ``refers`` if one of those may name an entity."""

    entity_ids: tuple[str, ...]
    wanted: tuple[Any, ...]
    attribute: str | None = None
    any: bool = False
    duration: Any = None
    refers: bool = False

    def find(self, look: Look) -> Finding:
        wait = look.seconds(self.duration) if self.duration is not None else 0.0
        rows = [self._compare(look, entity_id, wait) for entity_id in self.entity_ids]
        results = [row["result"] for row in rows]
        compared: Mapping[str, Any] = rows[0] if len(rows) == 1 else {"entities": rows}
        return Finding(result=any(results) if self.any else all(results), compared=compared)

    def _compare(self, look: Look, entity_id: str, wait: float) -> dict[str, Any]:
        state = look.ports.states.get(entity_id)
        if state is None:
            raise NotFound(f"Expected a known entity, got {entity_id}")
        value = state.state if self.attribute is None else state.attributes.get(self.attribute)
        wanted = [_meant(look, item) for item in self.wanted] if self.refers else self.wanted
        row: dict[str, Any] = {
            "entity_id": entity_id,
            "state": value,
            "wanted_state": wanted[0] if len(wanted) == 1 else list(wanted),
        }
        if self.attribute is not None:
            row["attribute"] = self.attribute
        result = value in wanted
        if wait:
            lasted = look.ports.clock.time() - state.last_changed
            row |= {"for": wait, "lasted": round(lasted, 3)}
            result = result and lasted >= wait
        row["result"] = result
        return row


def _may_refer(wanted: Any) -> bool:
    return isinstance(wanted, str) and wanted.startswith("input_") and is_entity_id(wanted)


def _meant(look: Look, wanted: Any) -> Any:
    """Return what is wanted: the state of an input_* entity where one is named."""
    state = look.ports.states.get(wanted) if _may_refer(wanted) else None
    return state.state if state is not None else wanted


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the state condition {path}")
    attribute = data.get("attribute")
    wanted = listed(data["state"]) if attribute is not None else state_texts(data["state"]) or []
    return StateCondition(
        entity_ids=tuple(data["entity_id"]),
        wanted=tuple(wanted),
        attribute=attribute,
        any=data.get("match") == "any",
        duration=data.get("for"),
        refers=any(map(_may_refer, wanted)),
    )


KIND = ConditionKind(name="state", parse=_parse)
