"""number: a setting that is a number."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, device_class, entity_schema, keyed, string, words
from hearth_mqtt.discovery.components.units import usual_unit
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Model, listen
from hub import DOMAINS

_log = logging.getLogger(__name__)


def _check(config: dict[str, Any]) -> dict[str, Any]:
    config["unit_of_measurement"] = usual_unit(config.get("unit_of_measurement"))
    if config["min"] > config["max"]:
        raise vol.Invalid(f"expected min to be at most max, got {config['min']} and {config['max']}")
    return config


_SCHEMA = entity_schema(
    COMMANDED,
    {
        vol.Optional("min", default=1.0): vol.Coerce(float),
        vol.Optional("max", default=100.0): vol.Coerce(float),
        vol.Optional("step", default=1.0): vol.All(vol.Coerce(float), vol.Range(min=0.001)),
        vol.Optional("mode", default="auto"): words("auto", "box", "slider"),
        vol.Optional("payload_reset", default="None"): string,
    },
    keyed(
        {
            "command_template": TEMPLATE,
            "device_class": device_class(DOMAINS["number"].device_classes),
            "unit_of_measurement": vol.Any(None, string),
            "value_template": TEMPLATE,
        }
    ),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    read, write = declaration.reader("value_template"), declaration.writer("command_template")
    optimistic = declaration.optimistic()

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = read(incoming)
        if not text or not text.strip():
            return None
        if text == config["payload_reset"]:
            return {"value": None}
        value = _number(text)
        if value is None or not config["min"] <= value <= config["max"]:
            _log.warning(
                "Expected a number from %s to %s on %s, got %r", config["min"], config["max"], incoming.topic, text[:80]
            )
            return None
        return {"value": value}

    def set_value(data: Mapping[str, Any], _: Facts) -> Effect:
        value = data["value"]
        whole = int(value) if float(value).is_integer() else value
        return declaration.publish("command_topic", write(whole), {"value": whole} if optimistic else None)

    return Model(
        show=lambda facts: (None if facts["value"] is None else str(facts["value"]), {}),
        listens=listen(declaration, ("state_topic", decode)),
        actions={"set_value": set_value},
        initial={"value": None},
        capabilities={key: config[key] for key in ("min", "max", "step", "mode")},
        device_class=config.get("device_class"),
        unit=config["unit_of_measurement"],
        assumed_state=optimistic,
    )


def _number(text: str) -> float | None:
    try:
        return int(text) if text.isdecimal() else float(text)
    except ValueError:
        return None


NUMBER = Component(
    domain="number",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Number",
    named_by_class=True,
    own_attributes=frozenset({"max", "min", "step"}),
)
