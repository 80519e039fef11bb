"""Sensors: they read the world, round what they read, and report it in the device's common document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hearth_demo.home.parts.part import Part, Reports
from hearth_demo.words import Words

STATE = "state"
"""The topic of the document in which the small parts of a device report together."""


class Sensor(Part):
    """A number, measured every ``every`` seconds and rounded to ``digits``."""

    platform = "sensor"

    def __init__(
        self,
        key: str,
        name: Words | None = None,
        *,
        read: Callable[[], float],
        digits: int = 1,
        every: float = 5.0,
        **extra: Any,
    ) -> None:
        super().__init__(key, name, **extra)
        self._read = read
        self._digits = digits
        self._every = every
        self._due = every
        self._value = self._measured()

    def config(self, language: str) -> dict[str, Any]:
        return {
            "state_topic": f"~/{STATE}",
            "value_template": f"{{{{ value_json.{self.key} }}}}",
            "state_class": "measurement",
        }

    def step(self, seconds: float) -> None:
        self._due -= seconds
        if self._due <= 0:
            self._due = self._every
            self._value = self._measured()

    def reports(self) -> Reports:
        return {STATE: {self.key: self._value}}

    def _measured(self) -> float:
        value = round(self._read(), self._digits)
        return value if self._digits else int(value)


class BinarySensor(Part):
    """Something that is so or not, as it is now."""

    platform = "binary_sensor"

    def __init__(self, key: str, name: Words | None = None, *, read: Callable[[], bool], **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self._read = read

    def config(self, language: str) -> dict[str, Any]:
        return {
            "state_topic": f"~/{STATE}",
            "value_template": f"{{{{ 'ON' if value_json.{self.key} else 'OFF' }}}}",
        }

    def reports(self) -> Reports:
        return {STATE: {self.key: self._read()}}


class Pulse(BinarySensor):
    """On for ``seconds`` whenever ``count`` has grown: a motion sensor's hold time, a door that falls shut."""

    def __init__(
        self, key: str, name: Words | None = None, *, count: Callable[[], int], seconds: float, **extra: Any
    ) -> None:
        super().__init__(key, name, read=lambda: self._left > 0, **extra)
        self._count = count
        self._seconds = seconds
        self._seen = count()
        self._left = 0.0

    def step(self, seconds: float) -> None:
        self._left = max(0.0, self._left - seconds)
        count = self._count()
        if count != self._seen:
            self._seen, self._left = count, self._seconds
