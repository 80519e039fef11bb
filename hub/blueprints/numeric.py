"""Comparing an entity's number with bounds, for the trigger and the condition alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.blueprints.look import Look
from hub.core.state import UNAVAILABLE, UNKNOWN, State
from hub.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers above and below: bounds are numbers, or ids of entities whose state is one. The bounds are outside."""

    above: float | str | None = None
    below: float | str | None = None
    attribute: str | None = None
    value_template: str | None = None

    def compare(self, look: Look, state: State | None) -> dict[str, Any]:
        """Return what was compared, with ``result``.

        Raises NotFound without a state, InvalidInput if something is not a number.
        """
        if state is None:
            raise NotFound("Expected a known entity, got none")
        value = self._value(look, state)
        if value is None:
            return {"entity_id": state.entity_id, "state": state.state, "result": False}
        above, below = _bound(look, self.above), _bound(look, self.below)
        row: dict[str, Any] = {"entity_id": state.entity_id, "state": value}
        if above is not None:
            row["wanted_state_above"] = above
        if below is not None:
            row["wanted_state_below"] = below
        return {**row, "result": (above is None or value > above) and (below is None or value < below)}

    def _value(self, look: Look, state: State) -> float | None:
        if self.value_template is not None:
            variables = {**look.variables, "state": state}
            value = look.ports.templates.render(self.value_template, variables)
        elif self.attribute is not None:
            value = state.attributes.get(self.attribute)
        else:
            value = state.state
        if value in (None, UNKNOWN, UNAVAILABLE):
            return None
        return _number(value, state.entity_id)


def range_of(data: Mapping[str, Any]) -> Range:
    """Return the range that a checked configuration describes.

    Raises InvalidInput without any bound.
    """
    if data.get("above") is None and data.get("below") is None:
        raise InvalidInput("Expected 'above' or 'below', got neither: add one")
    return Range(
        above=data.get("above"),
        below=data.get("below"),
        attribute=data.get("attribute"),
        value_template=data.get("value_template"),
    )


def _bound(look: Look, bound: float | str | None) -> float | None:
    if not isinstance(bound, str):
        return bound
    state = look.ports.states.get(bound)
    if state is None:
        raise NotFound(f"Expected a known entity, got {bound}")
    return _number(state.state, bound)


def _number(value: Any, entity_id: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"Expected a number from {entity_id}, got {value!r}") from None
