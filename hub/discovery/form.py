"""An integration's form: how it is shown, and how what comes back is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.core.fields import Field, Selector, Unset, schema
from hub.errors import InvalidInput

BASE = "base"
"""The key of an error that belongs to no field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with what was entered: in words, and the key of its kind, of which a dashboard knows its own words."""

    text: str
    key: str = InvalidInput.key


Errors = dict[str, Wrong]


def data_schema(fields: Iterable[Field], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields as Home Assistant's API shows a form; ``values`` that were entered before are its defaults."""
    return [_shown(field, values) for field in fields]


def check(fields: Iterable[Field], values: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
    """Return the values in their canonical form, and a message for each field where something else was expected.

    An empty input counts as not given.
    """
    given = {key: value for key, value in values.items() if value not in ("", None)}
    try:
        return schema(fields)(given), {}
    except vol.MultipleInvalid as invalid:
        return given, {_field(error): Wrong(text=error.msg.capitalize()) for error in reversed(invalid.errors)}


def _field(error: vol.Invalid) -> str:
    return str(error.path[0]) if error.path else BASE


def _shown(field: Field, values: Mapping[str, Any]) -> dict[str, Any]:
    secret = field.selector.get("text", {}).get("type") == "password"
    shown: dict[str, Any] = {
        "name": field.name,
        "type": _type(field.selector),
        "required": field.required,
        "label": field.label or field.name.replace("_", " ").capitalize(),
        "selector": field.selector,
    }
    if field.description:
        shown["description"] = field.description
    if "select" in field.selector:
        shown["options"] = [_option(option) for option in field.selector["select"].get("options", ())]
    if secret:
        shown["secret"] = True
    default = field.default if secret else values.get(field.name, field.default)
    return shown if isinstance(default, Unset) else {**shown, "default": default}


def _type(selector: Selector) -> str:
    kind, options = next(iter(selector.items()), ("text", {}))
    if kind == "number":
        step = options.get("step", 1)
        return "integer" if isinstance(step, int) else "float"
    return kind if kind in ("boolean", "select") else "string"


def _option(option: Any) -> list[str]:
    """As Home Assistant's legacy schemas have them: [value, label]."""
    if isinstance(option, Mapping):
        return [str(option["value"]), str(option.get("label", option["value"]))]
    return [str(option), str(option)]
