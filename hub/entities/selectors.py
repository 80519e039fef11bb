"""Selectors that several domains use, with Home Assistant's names and options."""

from __future__ import annotations

from typing import Any, Final

from hub.core.fields import Selector

BOOLEAN: Final[Selector] = {"boolean": {}}
DATE: Final[Selector] = {"date": {}}
DATETIME: Final[Selector] = {"datetime": {}}
OBJECT: Final[Selector] = {"object": {}}
TEXT: Final[Selector] = {"text": {}}
TEXTS: Final[Selector] = {"text": {"multiple": True}}
TIME: Final[Selector] = {"time": {}}


def number(
    low: float | None = None,
    high: float | None = None,
    *,
    unit: str | None = None,
    step: float | str = 1,
    mode: str = "slider",
) -> Selector:
    """Return the selector of a number from ``low`` to ``high``; without them any number."""
    options: dict[str, Any] = {"min": low, "max": high, "unit_of_measurement": unit, "step": step, "mode": mode}
    return {"number": {key: value for key, value in options.items() if value is not None}}


def select(*options: str) -> Selector:
    """Return the selector of one of these words."""
    return {"select": {"options": list(options)}}


PERCENT: Final[Selector] = number(0, 100, unit="%")
