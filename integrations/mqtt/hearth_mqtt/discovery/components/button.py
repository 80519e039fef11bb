"""button: a command without a state but when it was last pressed here."""

from __future__ import annotations

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    RETAINED,
    TEMPLATE,
    device_class,
    entity_schema,
    keyed,
    string,
    to_publish,
)
from hearth_mqtt.discovery.components.once import once
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.model import Component, Model
from hub import DOMAINS

_SCHEMA = entity_schema(
    RETAINED,
    {vol.Required("command_topic"): to_publish, vol.Optional("payload_press", default="PRESS"): string},
    keyed({"command_template": TEMPLATE, "device_class": device_class(DOMAINS["button"].device_classes)}),
)


def _build(declaration: Declaration) -> Model:
    write = declaration.writer("command_template")
    return once(declaration, "press", lambda _: write(declaration.config["payload_press"]))


BUTTON = Component(domain="button", schema=_SCHEMA, build=_build, default_name="MQTT Button", named_by_class=True)
