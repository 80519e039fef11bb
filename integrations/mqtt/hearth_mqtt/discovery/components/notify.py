"""notify: messages for somebody; its state is when the last one was sent from here."""

from __future__ import annotations

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import RETAINED, TEMPLATE, entity_schema, keyed, to_publish
from hearth_mqtt.discovery.components.once import once
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.model import Component, Model

_SCHEMA = entity_schema(
    RETAINED,
    {vol.Required("command_topic"): to_publish},
    keyed({"command_template": TEMPLATE}),
)


def _build(declaration: Declaration) -> Model:
    write = declaration.writer("command_template")
    return once(declaration, "send_message", lambda data: write(data["message"]))


NOTIFY = Component(domain="notify", schema=_SCHEMA, build=_build, default_name="MQTT notify")
