"""text: a setting that is text."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, entity_schema, keyed, pattern, whole, words
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Model, listen

_log = logging.getLogger(__name__)

_MAX_LENGTH = 255


def _check(config: dict[str, Any]) -> dict[str, Any]:
    if not config["min"] <= config["max"] <= _MAX_LENGTH:
        raise vol.Invalid(f"expected min <= max <= {_MAX_LENGTH}, got {config['min']} and {config['max']}")
    return config


_SCHEMA = entity_schema(
    COMMANDED,
    {
        vol.Optional("min", default=0): whole(),
        vol.Optional("max", default=_MAX_LENGTH): whole(),
        vol.Optional("mode", default="text"): words("text", "password"),
    },
    keyed({"command_template": TEMPLATE, "pattern": pattern, "value_template": TEMPLATE}),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    read, write = declaration.reader("value_template"), declaration.writer("command_template")
    optimistic = declaration.optimistic()
    fits = re.compile(config["pattern"]).match if "pattern" in config else bool

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = read(incoming)
        if text is None:
            return None
        if not config["min"] <= len(text) <= config["max"] or ("pattern" in config and not fits(text)):
            _log.warning("Expected a text that fits its limits on %s, got %d characters", incoming.topic, len(text))
            return None
        return {"value": text}

    def set_value(data: Mapping[str, Any], _: Facts) -> Effect:
        value = data["value"]
        return declaration.publish("command_topic", write(value), {"value": value} if optimistic else None)

    return Model(
        show=lambda facts: (facts["value"], {}),
        listens=listen(declaration, ("state_topic", decode)),
        actions={"set_value": set_value},
        initial={"value": None},
        capabilities={**{key: config[key] for key in ("mode", "min", "max")}, "pattern": config.get("pattern")},
        assumed_state=optimistic,
    )


TEXT = Component(
    domain="text",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Text",
    own_attributes=frozenset({"max", "min", "mode", "pattern"}),
)
