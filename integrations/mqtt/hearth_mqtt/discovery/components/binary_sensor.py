"""binary_sensor: on or off out of a topic."""

from __future__ import annotations

import logging
from collections.abc import Callable

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    READ_ONLY,
    boolean,
    device_class,
    entity_schema,
    keyed,
    string,
    whole,
)
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import ON_OFF, Component, Later, Model
from hub import DOMAINS

_log = logging.getLogger(__name__)

_SCHEMA = entity_schema(
    READ_ONLY,
    {
        vol.Optional("force_update", default=False): boolean,
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("payload_off", default="OFF"): string,
    },
    keyed(
        {
            "device_class": device_class(DOMAINS["binary_sensor"].device_classes),
            "expire_after": whole(),
            "off_delay": whole(),
        }
    ),
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    read = declaration.reader("value_template")
    meanings = {"None": None, config["payload_off"]: False, config["payload_on"]: True}

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = read(incoming)
        if text in meanings:
            return {"on": meanings[text]}
        if text:
            _log.debug(
                "Expected %s for a binary sensor on %s, got %r", " or ".join(meanings), incoming.topic, text[:80]
            )
        return None

    return Model(
        show=lambda facts: (ON_OFF[facts["on"]], {}),
        listens=((config["state_topic"], decode),),
        initial={"on": None},
        device_class=config.get("device_class"),
        expire_after=config.get("expire_after") or None,
        later=_off_after(config.get("off_delay")),
        force=config["force_update"],
    )


def _off_after(delay: float | None) -> Callable[[Facts], Later | None] | None:
    if delay is None:
        return None
    return lambda facts: Later(after=delay, changes={"on": False}) if facts["on"] else None


BINARY_SENSOR = Component(
    domain="binary_sensor",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Binary sensor",
    named_by_class=True,
)
