"""sensor: a number, a word, a time or text out of a topic."""

from __future__ import annotations

import datetime as dt
import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    READ_ONLY,
    boolean,
    device_class,
    entity_schema,
    keyed,
    listed,
    string,
    whole,
    words,
)
from hearth_mqtt.discovery.components.units import usual_unit
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Decode, Model
from hub import DOMAINS

_log = logging.getLogger(__name__)

_MAX_LENGTH = 255
_NO_NUMBERS = frozenset({"date", "enum", "timestamp"})
_NOT_THERE = "None"
_STATE_CLASSES = words("measurement", "measurement_angle", "total", "total_increasing")

Parse = Callable[[str], Facts | None]


def _check(config: dict[str, Any]) -> dict[str, Any]:
    config["unit_of_measurement"] = usual_unit(config.get("unit_of_measurement"))
    if "last_reset_value_template" in config and config.get("state_class") != "total":
        raise vol.Invalid("expected state_class total together with last_reset_value_template")
    options = config.get("options")
    if options is not None and (not options or config.get("device_class") != "enum"):
        raise vol.Invalid("expected options, at least one, together with device_class enum only")
    if options and (config.get("state_class") or config["unit_of_measurement"]):
        raise vol.Invalid("expected options without state_class and unit_of_measurement")
    return config


_SCHEMA = entity_schema(
    READ_ONLY,
    {vol.Optional("force_update", default=False): boolean},
    keyed(
        {
            "device_class": device_class(DOMAINS["sensor"].device_classes),
            "expire_after": whole(),
            "last_reset_value_template": string,
            "options": listed,
            "state_class": vol.Any(None, _STATE_CLASSES),
            "suggested_display_precision": whole(),
            "unit_of_measurement": vol.Any(None, string),
        }
    ),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    decode = _decoder(declaration)
    return Model(
        show=_show_with_reset if "last_reset_value_template" in config else _show,
        listens=((config["state_topic"], decode),),
        initial={"value": None},
        capabilities=_capabilities(config),
        device_class=config.get("device_class"),
        unit=config["unit_of_measurement"],
        expire_after=config.get("expire_after") or None,
        force=config["force_update"],
    )


def _capabilities(config: Mapping[str, Any]) -> dict[str, Any]:
    if config.get("state_class"):
        return {"state_class": config["state_class"]}
    return {"options": config["options"]} if config.get("options") else {}


def _show(facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
    return facts["value"], {}


def _show_with_reset(facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
    return facts["value"], {"last_reset": facts["last_reset"]} if facts.get("last_reset") else {}


def _decoder(declaration: Declaration) -> Decode:
    read, parse = declaration.reader("value_template"), _parser(declaration.config)
    if "last_reset_value_template" not in declaration.config:
        return lambda incoming, _: None if (text := read(incoming)) is None else parse(text)
    read_reset = declaration.reader("last_reset_value_template")

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text, reset = read(incoming), read_reset(incoming)
        changes = dict((parse(text) if text is not None else None) or {})
        moment = _moment(reset) if reset else None
        return {**changes, "last_reset": moment.isoformat()} if moment else changes or None

    return decode


def _parser(config: Mapping[str, Any]) -> Parse:
    kind = config.get("device_class")
    numeric = (
        kind,
        config.get("state_class"),
        config["unit_of_measurement"],
        config.get("suggested_display_precision"),
    )
    if kind not in _NO_NUMBERS and any(part is not None for part in numeric):
        return _number
    if kind in ("date", "timestamp"):
        return _date if kind == "date" else _timestamp
    return _option(config["options"]) if config.get("options") else _text


def _number(text: str) -> Facts | None:
    if text == _NOT_THERE:
        return {"value": None}
    try:
        if math.isfinite(float(text)):
            return {"value": text}
    except ValueError:
        pass
    if text:
        _log.debug("Expected a number for a sensor, got %r", text[:80])
    return None


def _option(options: list[Any]) -> Parse:
    known = [str(option) for option in options]

    def parse(text: str) -> Facts | None:
        if text == _NOT_THERE:
            return {"value": None}
        if text in known:
            return {"value": text}
        _log.warning("Expected one of %s for a sensor, got %r", ", ".join(known), text[:80])
        return None

    return parse


def _text(text: str) -> Facts | None:
    if text == _NOT_THERE or len(text) > _MAX_LENGTH:
        return {"value": None}
    return {"value": text}


def _timestamp(text: str) -> Facts:
    moment = _moment(text)
    if moment is None or moment.tzinfo is None:
        return {"value": None}
    return {"value": moment.astimezone(dt.UTC).isoformat(timespec="seconds")}


def _date(text: str) -> Facts:
    moment = _moment(text)
    return {"value": moment.date().isoformat() if moment else None}


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        if text != _NOT_THERE:
            _log.warning("Expected a time such as 2026-01-31T12:00:00+00:00 for a sensor, got %r", text[:80])
        return None


SENSOR = Component(
    domain="sensor",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Sensor",
    named_by_class=True,
    own_attributes=frozenset({"last_reset", "state_class"}),
)
