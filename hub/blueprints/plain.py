"""Values as records keep them: what JSON knows, cut to a readable length."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from hub.config.marks import Secret

MAX_TEXT = 4096
"""Characters of a text that are kept."""
MAX_ITEMS = 200
"""Items of a list or mapping that are kept."""
_MAX_DEPTH = 12


def plain(value: Any, depth: int = 0) -> Any:
    """Return ``value`` in terms of JSON: states, events and times in Home Assistant's form, secrets by name only."""
    kind = type(value)  # exact types first: every run's record passes here
    if kind is str:
        return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}…"
    if value is None or kind is bool:
        return value
    if kind is dict:
        return _mapping(value, depth)
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, str):
        return repr(value) if isinstance(value, Secret) else plain(str(value))
    return _other(value, depth)


def _number(value: float) -> Any:
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    return value if math.isfinite(value) else str(value)


def _mapping(value: Mapping[Any, Any], depth: int) -> Any:
    if depth >= _MAX_DEPTH:
        return "…"
    items = value.items() if len(value) <= MAX_ITEMS else list(value.items())[:MAX_ITEMS]
    return {str(key): plain(item, depth + 1) for key, item in items}


def _other(value: Any, depth: int) -> Any:
    if depth >= _MAX_DEPTH:
        return "…"
    if hasattr(value, "as_dict"):
        return plain(value.as_dict(), depth)
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in list(value)[:MAX_ITEMS]]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else plain(str(value))
