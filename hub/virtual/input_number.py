"""``input_number``: a number from a lowest to a highest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.errors import InvalidInput
from hub.virtual.definition import NAMED, Definition, decimal, one_of, text
from hub.virtual.helper import Helper


def _check(data: dict[str, Any]) -> dict[str, Any]:
    low, high, initial = data["min"], data["max"], data.get("initial")
    if low >= high:
        raise InvalidInput(f"Expected max above min, got a min of {low} and a max of {high}", path=("max",))
    if initial is not None and not low <= initial <= high:
        raise InvalidInput(f"Expected an initial value from {low} to {high}, got {initial}", path=("initial",))
    return data


DEFINITION = Definition(
    domain="input_number",
    fields={
        **NAMED,
        vol.Required("min"): decimal(),
        vol.Required("max"): decimal(),
        vol.Optional("initial"): decimal(),
        vol.Optional("step", default=1.0): decimal(1e-9),
        vol.Optional("unit_of_measurement"): text,
        vol.Optional("mode", default="slider"): one_of("box", "slider"),
    },
    check=_check,
)


class InputNumber(Helper):
    """A number; ``initial`` is what it is after every start, without it what it was before, and at first the lowest."""

    domain: ClassVar[str] = "input_number"
    value = 0.0

    def begin(self, kept: Any) -> None:
        fits = isinstance(kept, (int, float)) and self.item["min"] <= kept <= self.item["max"]
        self.value = self.item.get("initial", kept if fits else self.item["min"])

    def state(self) -> str:
        return str(self.value)

    def fixed(self) -> Mapping[str, Any]:
        return {"initial": self.item.get("initial"), **{key: self.item[key] for key in ("min", "max", "step", "mode")}}

    def kept(self) -> float:
        return self.value

    def configure(self, item: Mapping[str, Any]) -> None:
        super().configure(item)
        self.value = self._within(self.value)

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        match action:
            case "set_value":
                self.value = self._checked(float(data["value"]))
            case "increment":
                self.value = self._within(self.value + self.item["step"])
            case "decrement":
                self.value = self._within(self.value - self.item["step"])
        self.changed()

    def _within(self, value: float) -> float:
        return float(max(self.item["min"], min(self.item["max"], value)))

    def _checked(self, value: float) -> float:
        low, high = self.item["min"], self.item["max"]
        if not low <= value <= high:
            raise InvalidInput(f"Expected a value from {low} to {high} for {self.entity_id}, got {value}")
        return value
