"""Temperatures in the unit of a device, and in °C as they are shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The unit of a device (``f``, ``°f``, ``c`` or ``°c``), and the precision with which its temperatures are shown."""

    unit: str
    precision: float

    def shown(self, value: float) -> float:
        """Return a temperature of the device in °C."""
        celsius = (value - 32) * 5 / 9 if self._is_fahrenheit else value
        return round(celsius, 1) if self.precision == 0.1 else round(celsius / self.precision) * self.precision

    def sent(self, value: float) -> float:
        """Return a temperature in °C as the device knows it."""
        return round(value * 9 / 5 + 32, 1) if self._is_fahrenheit else value

    @property
    def _is_fahrenheit(self) -> bool:
        return self.unit.endswith("f")
