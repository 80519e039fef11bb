"""``counter``: counts in steps, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.errors import InvalidInput
from hub.virtual.definition import NAMED, Definition, boolean, whole
from hub.virtual.helper import Helper

_bound = vol.Any(None, whole())

DEFINITION = Definition(
    domain="counter",
    fields={
        **NAMED,
        vol.Optional("initial", default=0): whole(0),
        vol.Optional("step", default=1): whole(0),
        vol.Optional("minimum", default=None): _bound,
        vol.Optional("maximum", default=None): _bound,
        vol.Optional("restore", default=True): boolean,
    },
)


class Counter(Helper):
    """A whole number; without ``restore`` it begins anew at every start."""

    domain: ClassVar[str] = "counter"
    value = 0

    def begin(self, kept: Any) -> None:
        goes_on = self.item["restore"] and isinstance(kept, int)
        self.value = self._within(kept) if goes_on else self.item["initial"]

    def state(self) -> str:
        return str(self.value)

    def fixed(self) -> Mapping[str, Any]:
        bounds = {key: self.item[key] for key in ("minimum", "maximum") if self.item[key] is not None}
        return {"initial": self.item["initial"], "step": self.item["step"], **bounds}

    def kept(self) -> int:
        return self.value

    def configure(self, item: Mapping[str, Any]) -> None:
        super().configure(item)
        self.value = self._within(self.value)

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        match action:
            case "increment":
                self.value = self._within(self.value + self.item["step"])
            case "decrement":
                self.value = self._within(self.value - self.item["step"])
            case "reset":
                self.value = self._within(self.item["initial"])
            case "set_value":
                self.value = self._checked(int(data["value"]))
        self.changed()

    def _within(self, value: int) -> int:
        low, high = self.item["minimum"], self.item["maximum"]
        value = value if low is None else max(low, value)
        return value if high is None else min(high, value)

    def _checked(self, value: int) -> int:
        step = self.item["step"]
        if value != self._within(value) or (step and value % step):
            low, high = self.item["minimum"], self.item["maximum"]
            bounds = f"from {'any' if low is None else low} to {'any' if high is None else high}"
            raise InvalidInput(f"Expected a multiple of {step} {bounds} for {self.entity_id}, got {value}")
        return value
