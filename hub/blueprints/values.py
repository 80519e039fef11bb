"""Values as automations write them: lists that may be a single thing, durations, times of day, weekdays.

Optional inputs of blueprints default to ``''``, ``[]`` and ``{}`` and land anywhere: those mean nothing here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import voluptuous as vol

from hub.core.fields import duration
from hub.core.ids import is_entity_id
from hub.templates import is_template

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def listed(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty one, and anything else as its only item."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def texts(value: Any) -> list[str]:
    """Return one or several texts; numbers become text, empty ones are left out."""
    items = [item for item in listed(value) if item not in ("", None, [], {})]
    if not all(isinstance(item, (str, int, float)) for item in items):
        raise vol.Invalid(f"expected text or a list of texts, got {value!r}")
    return [str(item) for item in items]


def entity_ids(value: Any) -> list[str]:
    """Return one or several entity ids, written as a list or with commas."""
    items = value.split(",") if isinstance(value, str) else texts(value)
    found = [item.strip().lower() for item in items if item.strip()]
    wrong = next((item for item in found if not is_entity_id(item)), None)
    if wrong is not None:
        raise vol.Invalid(f"expected an entity id such as light.kitchen, got {wrong!r}")
    return found


def state_texts(value: Any) -> list[str] | None:
    """Return one or several states; None means any. YAML reads a bare on and off as true and false: those are meant."""
    if value is None:
        return None
    items = [("on" if item else "off") if isinstance(item, bool) else item for item in listed(value)]
    if not all(isinstance(item, (str, int, float)) for item in items):
        raise vol.Invalid(f"expected a state or a list of states, got {value!r}")
    return [str(item) for item in items]


def boolean(value: Any) -> bool:
    """Return a boolean, also written as text."""
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    found = value if isinstance(value, bool) else words.get(str(value).strip().lower())
    if found is None:
        raise vol.Invalid(f"expected true or false, got {value!r}")
    return found


def duration_text(value: Any) -> Any:
    """Return a duration as it was written, checked unless a template stands in it."""
    parts = value.values() if isinstance(value, Mapping) else [value]
    if not any(is_template(part) for part in parts):
        duration(value)
    return value


def seconds(value: Any) -> float:
    """Return a rendered duration in seconds, not below 0.

    Raises vol.Invalid.
    """
    found = duration(value).total_seconds()
    if found < 0:
        raise vol.Invalid(f"expected a duration of 0 or more, got {value!r}")
    return found


def time_of_day(value: Any) -> dt.time:
    """Return a time such as ``07:30`` or ``07:30:00``."""
    if (
        isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 86_400
    ):  # YAML 1.1 reads 12:30:00 as seconds
        return dt.time(value // 3600, value // 60 % 60, value % 60)
    try:
        hours, _, rest = str(value).strip().partition(":")
        return dt.time.fromisoformat(f"{hours:0>2}:{rest}")
    except ValueError:
        raise vol.Invalid(f"expected a time such as 07:30:00, got {value!r}") from None


def weekdays(value: Any) -> list[str]:
    """Return one or several of mon, tue, ... sun."""
    found = [str(item).lower() for item in listed(value)]
    wrong = next((day for day in found if day not in WEEKDAYS), None)
    if wrong is not None:
        raise vol.Invalid(f"expected one of {', '.join(WEEKDAYS)}, got {wrong!r}")
    return found


def number_or_entity(value: Any) -> float | str:
    """Return a number, or the id of the entity whose state is one."""
    if isinstance(value, str) and is_entity_id(value) and not value.replace(".", "").isdigit():
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        raise vol.Invalid(f"expected a number or an entity id, got {value!r}") from None


def text(value: Any) -> str:
    """Return text; numbers and booleans become text as YAML would write them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise vol.Invalid(f"expected text, got {value!r}")
    return str(value)


def variables(value: Any) -> Mapping[str, Any]:
    """Return a mapping of names to values."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(name, str) and name.isidentifier() for name in value):
        raise vol.Invalid(f"expected names and values, got {value!r}")
    return value


def optional(**keys: Callable[[Any], Any] | vol.Schemable) -> dict[vol.Marker, Any]:
    """Return schema keys that may be left out."""
    return {vol.Optional(name): check for name, check in keys.items()}


def required(**keys: Callable[[Any], Any] | vol.Schemable) -> dict[vol.Marker, Any]:
    """Return schema keys that must be there."""
    return {vol.Required(name): check for name, check in keys.items()}


def anything(value: Any) -> Any:
    """Return the value: what it means is looked at elsewhere."""
    return value
