"""Fields: one description of an input from which its validation, its form and its documentation come.

Selectors have Home Assistant's names and options: ``{"number": {"min": 0, "max": 100}}``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import voluptuous as vol

from hub.core.ids import is_entity_id, split_entity_id

Selector = Mapping[str, Mapping[str, Any]]
Validator = Callable[[Any], Any]


class Unset:
    """The type of UNSET: no default is given."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One named input.

    ``features`` names the feature bits of which an entity must have at least one for this field to be offered (0: always),
    ``attributes`` the values of its attributes of which it must have at least one each
    (``{"supported_color_modes": ("hs", "rgb")}``).
    """

    name: str
    selector: Selector
    required: bool = False
    default: Any = UNSET
    label: str = ""
    description: str = ""
    example: Any = None
    features: int = 0
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    validate: Validator | None = field(default=None, compare=False)

    def validator(self) -> Validator:
        """Return what checks a value of this field and returns it in its canonical form."""
        return self.validate or selector_validator(self.selector)

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``get_services`` and blueprint inputs show it."""
        shown: dict[str, Any] = {"required": self.required, "selector": self.selector}
        optional = {"name": self.label, "description": self.description, "example": self.example}
        shown.update({key: value for key, value in optional.items() if value not in ("", None)})
        if not isinstance(self.default, Unset):
            shown["default"] = self.default
        if self.features:
            shown["filter"] = {"supported_features": bits(self.features)}
        elif self.attributes:
            shown["filter"] = {"attribute": {name: list(values) for name, values in self.attributes.items()}}
        return shown


def bits(features: int) -> list[int]:
    """Return the feature bits one by one: on the wire, a list of alternatives."""
    return [1 << place for place in range(features.bit_length()) if features >> place & 1]


def schema(fields: Iterable[Field]) -> vol.Schema:
    """Return the voluptuous schema of a mapping with these fields; other keys are refused."""
    keys: dict[vol.Marker, Validator] = {}
    for item in fields:
        default = vol.UNDEFINED if isinstance(item.default, Unset) else item.default
        marker = vol.Required if item.required else vol.Optional
        keys[marker(item.name, default=default)] = item.validator()
    return vol.Schema(keys)


class FieldsCheck:
    """Checks a mapping against fields as ``schema`` does: right ones quickly, and voluptuous says what is wrong with others."""

    def __init__(self, fields: Iterable[Field]) -> None:
        fields = tuple(fields)
        self._schema = schema(fields)
        self._validators = {
            item.name: vol.Schema(item.validator()) if isinstance(item.validator(), type) else item.validator()
            for item in fields
        }
        self._expected = frozenset(item.name for item in fields if item.required or not isinstance(item.default, Unset))

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data in its canonical form.

        Raises vol.Invalid.
        """
        try:
            checked = {name: self._validators[name](value) for name, value in data.items()}
        except (KeyError, TypeError, vol.Invalid):
            checked = {}
        if len(checked) != len(data) or not self._expected <= checked.keys():
            checked = self._schema(dict(data))
        return checked


def selector_validator(selector: Selector) -> Validator:
    """Return what checks a value against a selector, and returns it in its canonical form.

    Raises vol.Invalid, when called, with what was expected. A selector that Hearth does not know accepts anything.
    """
    kind, options = next(iter(selector.items()), ("object", {}))
    make = _VALIDATORS.get(kind)
    return make(options or {}) if make else _anything


def _anything(value: Any) -> Any:
    return value


def _number(options: Mapping[str, Any]) -> Validator:
    low, high = options.get("min", -math.inf), options.get("max", math.inf)

    def check(value: Any) -> float | int:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise vol.Invalid(f"expected a number, got {value!r}") from None
        if isinstance(value, bool) or not math.isfinite(number):
            raise vol.Invalid(f"expected a number, got {value!r}")
        if not low <= number <= high:
            raise vol.Invalid(f"expected a number from {low} to {high}, got {value}")
        return int(number) if number.is_integer() and not isinstance(value, float) else number

    return check


def _boolean(_: Mapping[str, Any]) -> Validator:
    words = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}

    def check(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, (str, int)) and str(value).lower() in words:
            return words[str(value).lower()]
        raise vol.Invalid(f"expected true or false, got {value!r}")

    return check


def _text(options: Mapping[str, Any]) -> Validator:
    def check(value: Any) -> Any:
        if isinstance(value, (bool, int, float)):
            value = str(value)
        if not isinstance(value, str):
            raise vol.Invalid(f"expected text, got {type(value).__name__}")
        return value

    return _many(check, options)


def _many(check: Validator, options: Mapping[str, Any]) -> Validator:
    if not options.get("multiple"):
        return check
    return lambda value: [check(item) for item in (value if isinstance(value, list) else [value])]


def _select(options: Mapping[str, Any]) -> Validator:
    values = [option["value"] if isinstance(option, Mapping) else option for option in options.get("options", ())]

    def check(value: Any) -> Any:
        if value not in values and not options.get("custom_value"):
            raise vol.Invalid(f"expected one of {', '.join(map(str, values))}, got {value!r}")
        return value

    return _many(check, options)


def _entity(options: Mapping[str, Any]) -> Validator:
    domains = options.get("domain") or ()
    domains = (domains,) if isinstance(domains, str) else tuple(domains)

    def check(value: Any) -> str:
        if not isinstance(value, str) or not is_entity_id(value):
            raise vol.Invalid(f"expected an entity id such as light.kitchen, got {value!r}")
        if domains and split_entity_id(value)[0] not in domains:
            raise vol.Invalid(f"expected an entity of {', '.join(domains)}, got {value}")
        return value

    return _many(check, options)


def _time(_: Mapping[str, Any]) -> Validator:
    def check(value: Any) -> str:
        if (
            isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 86_400
        ):  # YAML 1.1 reads 7:30:00 as seconds
            return str(dt.timedelta(seconds=value)).zfill(8)
        try:
            return dt.time.fromisoformat(str(value).zfill(5)).isoformat()
        except ValueError:
            raise vol.Invalid(f"expected a time such as 07:30:00, got {value!r}") from None

    return check


def _date(_: Mapping[str, Any]) -> Validator:
    def check(value: Any) -> str:
        try:
            return dt.date.fromisoformat(str(value)).isoformat()
        except ValueError:
            raise vol.Invalid(f"expected a date such as 2026-01-31, got {value!r}") from None

    return check


def _datetime(_: Mapping[str, Any]) -> Validator:
    def check(value: Any) -> str:
        try:
            return dt.datetime.fromisoformat(str(value)).isoformat()
        except ValueError:
            raise vol.Invalid(f"expected a date and time such as 2026-01-31 07:30:00, got {value!r}") from None

    return check


def _duration(options: Mapping[str, Any]) -> Validator:
    def check(value: Any) -> Any:
        if duration(value) < dt.timedelta() and not options.get("allow_negative"):
            raise vol.Invalid(f"expected a duration of zero or more, got {value!r}")
        return value

    return check


_DURATION = re.compile(r"([+-]?)(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\Z")


def duration(value: Any) -> dt.timedelta:
    """Return a duration given as seconds, ``"HH:MM:SS"``, ``"HH:MM"`` or ``{"hours":, "minutes":, "seconds":}``.

    Raises vol.Invalid for anything else.
    """
    try:
        if isinstance(value, dt.timedelta):
            return value
        if isinstance(value, Mapping):
            return dt.timedelta(**{str(key): float(amount) for key, amount in value.items()})
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return dt.timedelta(seconds=value)
        return _duration_text(str(value).strip())
    except (TypeError, ValueError, OverflowError):
        raise vol.Invalid(f"expected a duration such as 00:05:00 or minutes: 5, got {value!r}") from None


def _duration_text(text: str) -> dt.timedelta:
    match = _DURATION.match(text)
    if match is None:
        return dt.timedelta(seconds=float(text))
    sign, hours, minutes, seconds = match.groups()
    if hours is None:  # HH:MM
        hours, minutes, seconds = minutes, seconds, "0"
    value = dt.timedelta(hours=int(hours), minutes=float(minutes), seconds=float(seconds))
    return -value if sign == "-" else value


def _color_rgb(_: Mapping[str, Any]) -> Validator:
    channel = _number({"min": 0, "max": 255})

    def check(value: Any) -> list[int]:
        if not isinstance(value, (list, tuple)) or len(value) != 3:
            raise vol.Invalid(f"expected three numbers from 0 to 255, got {value!r}")
        return [int(channel(part)) for part in value]

    return check


_VALIDATORS: Mapping[str, Callable[[Mapping[str, Any]], Validator]] = {
    "number": _number,
    "boolean": _boolean,
    "text": _text,
    "template": _text,
    "icon": _text,
    "area": _text,
    "floor": _text,
    "label": _text,
    "device": _text,
    "select": _select,
    "entity": _entity,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "duration": _duration,
    "color_rgb": _color_rgb,
    "color_temp": _number,
}
