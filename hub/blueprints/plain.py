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
    if isinstance(value, Secret):
        return repr(value)
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}…"
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth >= _MAX_DEPTH:
        return "…"
    return _container(value, depth)


def _container(value: Any, depth: int) -> Any:
    if hasattr(value, "as_dict"):
        return plain(value.as_dict(), depth)
    if isinstance(value, Mapping):
        items = list(value.items())[:MAX_ITEMS]
        return {str(key): plain(item, depth + 1) for key, item in items}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item, depth + 1) for item in list(value)[:MAX_ITEMS]]
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else plain(str(value))
