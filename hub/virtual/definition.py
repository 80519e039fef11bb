"""What users may define: the fields of an item, checked at the border. Names and defaults are Home Assistant's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.config.validation import checked
from hub.core.fields import selector_validator
from hub.core.ids import slugify

Item = Mapping[str, Any]
"""A defined item: a mapping of JSON values with an ``id``. It is replaced, never changed."""
Fields = Mapping[Any, Any]
Check = Callable[[dict[str, Any]], dict[str, Any]]


def _unchanged(data: dict[str, Any]) -> dict[str, Any]:
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What the items of one domain may hold.

    ``fields`` is a voluptuous mapping; ``check`` looks at what they say together and may complete it. An update says an
    item anew, as in Home Assistant; where ``partial``, what it leaves out stays. ``reserved`` ids are never given.
    """

    domain: str
    fields: Fields
    check: Check = _unchanged
    partial: bool = False
    reserved: frozenset[str] = frozenset()

    def created(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a new item's data in their canonical form.

        Raises InvalidInput.
        """
        return self.check(dict(checked(vol.Schema(dict(self.fields)), dict(data), f"a {self.domain}")))

    def updated(self, item: Item, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item's data after an update.

        Raises InvalidInput.
        """
        kept = {key: value for key, value in item.items() if key != "id"} if self.partial else {}
        return self.created({**kept, **data})

    def suggested_id(self, data: Mapping[str, Any]) -> str:
        """Return the id that a new item of these data should have."""
        return slugify(str(data["name"]))


def name(value: Any) -> str:
    """Return a name, which is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise vol.Invalid(f"expected a name, got {value!r}")
    return value.strip()


def icon(value: Any) -> str:
    """Return an icon such as ``mdi:home``."""
    if not isinstance(value, str) or ":" not in value:
        raise vol.Invalid(f"expected an icon such as mdi:home, got {value!r}")
    return value


def decimal(low: float | None = None, high: float | None = None) -> Callable[[Any], float]:
    """Return what checks a number, and returns it as a float."""
    check = selector_validator({"number": _bounds(low, high)})
    return lambda value: float(check(value))


def whole(low: int | None = None, high: int | None = None) -> Callable[[Any], int]:
    """Return what checks a whole number."""
    check = selector_validator({"number": _bounds(low, high)})

    def checked_whole(value: Any) -> int:
        number = check(value)
        if number != int(number):
            raise vol.Invalid(f"expected a whole number, got {value!r}")
        return int(number)

    return checked_whole


def one_of(*values: str) -> Callable[[Any], Any]:
    """Return what checks that a value is one of these."""
    return selector_validator({"select": {"options": list(values)}})


text = selector_validator({"text": {}})
boolean = selector_validator({"boolean": {}})

NAMED: Fields = {vol.Required("name"): name, vol.Optional("icon"): icon}
"""What every item has."""


def _bounds(low: float | None, high: float | None) -> dict[str, float]:
    return {key: value for key, value in (("min", low), ("max", high)) if value is not None}
