"""device_tracker: where something is, by the name of a place or by coordinates among its JSON attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.discovery.common_schema import TEMPLATE, entity_schema, keyed, string, to_subscribe
from hearth_mqtt.discovery.components.reading import reading
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.model import Component, Model, listen

_COORDINATES = ("latitude", "longitude", "gps_accuracy")


def _check(config: dict[str, Any]) -> dict[str, Any]:
    if "state_topic" not in config and "json_attributes_topic" not in config:
        raise vol.Invalid("expected state_topic or json_attributes_topic")
    return config


_SCHEMA = entity_schema(
    {
        vol.Optional("payload_home", default="home"): string,
        vol.Optional("payload_not_home", default="not_home"): string,
        vol.Optional("payload_reset", default="None"): string,
        vol.Optional("source_type", default="gps"): vol.In(["bluetooth", "bluetooth_le", "gps", "router"]),
    },
    keyed({"state_topic": to_subscribe, "value_template": TEMPLATE}),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    meanings: dict[str, str | None] = {
        config["payload_reset"]: None,
        config["payload_not_home"]: "not_home",
        config["payload_home"]: "home",
    }
    decode = reading(declaration.reader("value_template"), lambda text: {"place": meanings.get(text, text)}, "a place")
    locate = reading(declaration.reader("json_attributes_template"), _coordinates, "a JSON object")
    return Model(
        show=_show,
        listens=listen(declaration, ("state_topic", decode), ("json_attributes_topic", locate)),
        initial={"place": None, **dict.fromkeys(_COORDINATES)},
        capabilities={"source_type": config["source_type"]},
    )


def _coordinates(text: str) -> Facts | None:
    """Return where the attributes say that it is: coordinates take the place of a name."""
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(values, dict) or not {"latitude", "longitude"} & set(values):
        return {}
    numbers = {key: values[key] for key in _COORDINATES if _is_number(values.get(key))}
    if not {"latitude", "longitude"} <= set(numbers):
        return {"place": None, **dict.fromkeys(_COORDINATES)}
    return {"place": None, "gps_accuracy": 0, **numbers}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _show(facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
    if facts["latitude"] is None:
        return facts["place"], {}
    return facts["place"], {key: facts[key] for key in _COORDINATES}


DEVICE_TRACKER = Component(
    domain="device_tracker",
    schema=_SCHEMA,
    build=_build,
    default_name=None,
    own_attributes=frozenset(_COORDINATES),
)
