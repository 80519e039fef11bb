"""``condition: numeric_state``: an entity's number is above or below a bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Condition, ConditionKind, Finding
from hub.blueprints.look import Look
from hub.blueprints.numeric import Range, range_of
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import entity_ids, number_or_entity, optional, required
from hub.config.validation import refused
from hub.errors import InvalidInput, NotFound

_SCHEMA = vol.Schema(
    {
        **required(entity_id=entity_ids),
        **optional(above=number_or_entity, below=number_or_entity, attribute=str, value_template=str),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumericStateCondition:
    """The numbers of all entities are in the range."""

    entity_ids: tuple[str, ...]
    range: Range

    def find(self, look: Look) -> Finding:
        rows = [self._compare(look, entity_id) for entity_id in self.entity_ids]
        compared: Mapping[str, Any] = rows[0] if len(rows) == 1 else {"entities": rows}
        return Finding(result=all(row["result"] for row in rows), compared=compared)

    def _compare(self, look: Look, entity_id: str) -> dict[str, Any]:
        state = look.ports.states.get(entity_id)
        if state is None:
            raise NotFound(f"Expected a known entity, got {entity_id}")
        return self.range.compare(look, state)


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the numeric_state condition {path}")
    try:
        bounds = range_of(data)
    except InvalidInput as error:
        raise refused(config, f"{error}, in the numeric_state condition {path}") from None
    return NumericStateCondition(entity_ids=tuple(data["entity_id"]), range=bounds)


KIND = ConditionKind(name="numeric_state", parse=_parse)
