"""What every discovered entity's configuration may hold, and how its values are checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.topics import check_filter, check_topic
from hub import InvalidInput

Check = Callable[[Any], Any]
Keys = Mapping[Any, Any]

_TRUE = frozenset({"1", "true", "yes", "on", "enable"})
_FALSE = frozenset({"0", "false", "no", "off", "disable"})


def string(value: Any) -> str:
    """Return a value as text; lists, objects and null are refused."""
    if value is None or isinstance(value, (list, dict)):
        raise vol.Invalid(f"expected text, got {type(value).__name__}")
    return str(value)


def boolean(value: Any) -> bool:
    """Return a truth value, written in any usual way."""
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise vol.Invalid(f"expected true or false, got {value!r}")
    return word in _TRUE


def listed(value: Any) -> list[Any]:
    """Return a list; a single value is a list of one."""
    return [] if value is None else value if isinstance(value, list) else [value]


def whole(low: int = 0, high: int | None = None) -> Check:
    """Return what checks a whole number of at least ``low``."""
    return vol.All(vol.Coerce(int), vol.Range(min=low, max=high))


def to_publish(value: Any) -> str:
    """Return a topic to publish to."""
    return _checked(check_topic, value)


def to_subscribe(value: Any) -> str:
    """Return a topic filter to subscribe to."""
    return _checked(check_filter, value)


def _checked(check: Callable[[str], str], value: Any) -> str:
    try:
        return check(string(value))
    except InvalidInput as error:
        raise vol.Invalid(str(error)) from None


def pattern(value: Any) -> str:
    """Return a regular expression that compiles."""
    text = string(value)
    try:
        re.compile(text)
    except re.error as error:
        raise vol.Invalid(f"expected a regular expression: {error}") from None
    return text


def words(*allowed: str) -> Check:
    """Return what checks one of these words, in any case."""
    return vol.All(string, vol.Lower, vol.In(allowed))


def device_class(known: frozenset[str]) -> Check:
    """Return what checks a device class; null is none."""
    return vol.Any(None, words(*sorted(known)))


def _pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise vol.Invalid(f"expected a kind and an address, got {value!r}")
    return string(value[0]), string(value[1])


def _identified(device: dict[str, Any]) -> dict[str, Any]:
    if not device["identifiers"] and not device["connections"]:
        raise vol.Invalid("expected a device with identifiers or connections, got one with neither")
    return device


def keyed(checks: Mapping[str, Any]) -> dict[vol.Marker, Any]:
    """Return optional keys with these checks."""
    return {vol.Optional(key): check for key, check in checks.items()}


TEMPLATE = string
NAME = vol.Any(None, string)

DEVICE = vol.All(
    vol.Schema(
        {
            vol.Optional("identifiers", default=list): vol.All(listed, [string]),
            vol.Optional("connections", default=list): vol.All(listed, [_pair]),
            **keyed(
                dict.fromkeys(
                    (
                        "configuration_url",
                        "hw_version",
                        "manufacturer",
                        "model",
                        "model_id",
                        "name",
                        "serial_number",
                        "suggested_area",
                        "sw_version",
                        "via_device",
                    ),
                    vol.Any(None, string),
                )
            ),
        },
        extra=vol.REMOVE_EXTRA,
    ),
    _identified,
)

_ORIGIN = vol.Schema({vol.Required("name"): string}, extra=vol.ALLOW_EXTRA)

_AVAILABILITY: Keys = {
    vol.Exclusive("availability_topic", "availability"): to_subscribe,
    vol.Optional("availability_template"): TEMPLATE,
    vol.Optional("payload_available", default="online"): string,
    vol.Optional("payload_not_available", default="offline"): string,
    vol.Optional("availability_mode", default="latest"): words("all", "any", "latest"),
    vol.Exclusive("availability", "availability"): vol.All(
        listed,
        [
            vol.Schema(
                {
                    vol.Required("topic"): to_subscribe,
                    vol.Optional("payload_available", default="online"): string,
                    vol.Optional("payload_not_available", default="offline"): string,
                    vol.Optional("value_template"): TEMPLATE,
                },
                extra=vol.REMOVE_EXTRA,
            )
        ],
    ),
}

BASE: Keys = {
    vol.Optional("qos", default=0): vol.All(vol.Coerce(int), vol.In([0, 1, 2])),
    vol.Optional("encoding", default="utf-8"): string,
}
"""Keys of everything that is announced."""

_ENTITY: Keys = {
    **BASE,
    **_AVAILABILITY,
    vol.Optional("device"): DEVICE,
    vol.Optional("enabled_by_default", default=True): boolean,
    **keyed(
        {
            "default_entity_id": string,
            "entity_category": vol.Any(None, words("config", "diagnostic")),
            "entity_picture": string,
            "icon": string,
            "json_attributes_template": TEMPLATE,
            "json_attributes_topic": to_subscribe,
            "name": NAME,
            "object_id": string,
            "origin": _ORIGIN,
            "unique_id": string,
        }
    ),
}

READ_ONLY: Keys = {vol.Required("state_topic"): to_subscribe, vol.Optional("value_template"): TEMPLATE}
"""Keys of what only reports."""

RETAINED: Keys = {vol.Optional("retain", default=False): boolean}
"""Keys of what publishes."""

COMMANDED: Keys = {
    **RETAINED,
    vol.Required("command_topic"): to_publish,
    vol.Optional("optimistic", default=False): boolean,
    vol.Optional("state_topic"): to_subscribe,
}
"""Keys of what takes commands."""


def entity_schema(*keys: Keys, check: Check | None = None) -> Check:
    """Return the schema of a component: these keys and those of every entity; others are dropped.

    ``check`` looks at the whole afterwards.
    """
    merged: dict[Any, Any] = dict(_ENTITY)
    for more in keys:
        merged.update(more)
    schema = vol.Schema(merged, extra=vol.REMOVE_EXTRA)
    return vol.All(schema, check) if check else schema


def _identified_component(component: dict[str, Any]) -> dict[str, Any]:
    if (
        len(component) > 1
        and component["platform"] not in ("device_automation", "tag")
        and "unique_id" not in component
    ):
        raise vol.Invalid("expected a unique_id for each component of a device")
    return component


DEVICE_MESSAGE = vol.Schema(
    {
        vol.Required("device"): DEVICE,
        vol.Required("origin"): _ORIGIN,
        vol.Required("components"): {
            str: vol.All(vol.Schema({vol.Required("platform"): string}, extra=vol.ALLOW_EXTRA), _identified_component)
        },
    },
    extra=vol.ALLOW_EXTRA,
)
"""The shape of a message about a whole device; each component is checked by its own schema afterwards."""
