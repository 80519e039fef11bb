"""button: a command without a state but when it was last pressed here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    TEMPLATE,
    boolean,
    device_class,
    entity_schema,
    keyed,
    string,
    to_publish,
)
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import Component, Model
from hub import DOMAINS

_SCHEMA = entity_schema(
    {
        vol.Required("command_topic"): to_publish,
        vol.Optional("payload_press", default="PRESS"): string,
        vol.Optional("retain", default=False): boolean,
    },
    keyed({"command_template": TEMPLATE, "device_class": device_class(DOMAINS["button"].device_classes)}),
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    write = declaration.writer("command_template")

    def press(_: Mapping[str, Any], __: Facts) -> Effect:
        now = dt.datetime.fromtimestamp(declaration.now(), dt.UTC).isoformat(timespec="microseconds")
        return declaration.publish("command_topic", write(config["payload_press"]), {"pressed": now})

    return Model(
        show=lambda facts: (facts["pressed"], {}),
        actions={"press": press},
        initial={"pressed": None},
        device_class=config.get("device_class"),
        remembered=True,
    )


BUTTON = Component(domain="button", schema=_SCHEMA, build=_build, default_name="MQTT Button", named_by_class=True)
