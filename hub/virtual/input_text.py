"""``input_text``: a piece of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.core.state import MAX_STATE_LENGTH
from hub.errors import InvalidInput
from hub.virtual.definition import NAMED, Definition, one_of, text, whole
from hub.virtual.helper import Helper


def _check(data: dict[str, Any]) -> dict[str, Any]:
    low, high, initial = data["min"], data["max"], data.get("initial")
    if low > high:
        raise InvalidInput(f"Expected max not below min, got a min of {low} and a max of {high}", path=("max",))
    if initial is not None and not low <= len(initial) <= high:
        raise InvalidInput(f"Expected an initial text of {low} to {high} characters, got {len(initial)}")
    return data


DEFINITION = Definition(
    domain="input_text",
    fields={
        **NAMED,
        vol.Optional("min", default=0): whole(0, MAX_STATE_LENGTH),
        vol.Optional("max", default=100): whole(1, MAX_STATE_LENGTH),
        vol.Optional("initial"): text,
        vol.Optional("unit_of_measurement"): text,
        vol.Optional("pattern"): text,
        vol.Optional("mode", default="text"): one_of("text", "password"),
    },
    check=_check,
)


class InputText(Helper):
    """A text; ``pattern`` is for whoever shows a field for it, as in Home Assistant."""

    domain: ClassVar[str] = "input_text"
    value: str | None = None

    def begin(self, kept: Any) -> None:
        fits = isinstance(kept, str) and self.item["min"] <= len(kept) <= self.item["max"]
        self.value = self.item.get("initial", kept if fits else None)

    def state(self) -> str | None:
        return self.value

    def fixed(self) -> Mapping[str, Any]:
        return {**{key: self.item[key] for key in ("min", "max", "mode")}, "pattern": self.item.get("pattern")}

    def kept(self) -> str | None:
        return self.value

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        value, low, high = str(data["value"]), self.item["min"], self.item["max"]
        if not low <= len(value) <= high:
            raise InvalidInput(f"Expected {low} to {high} characters for {self.entity_id}, got {len(value)}")
        self.value = value
        self.changed()
