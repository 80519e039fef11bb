"""scene: a command without a state but when it was last turned on here."""

from __future__ import annotations

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import RETAINED, entity_schema, string, to_publish
from hearth_mqtt.discovery.components.once import once
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.model import Component, Model

_SCHEMA = entity_schema(
    RETAINED,
    {vol.Required("command_topic"): to_publish, vol.Optional("payload_on", default="ON"): string},
)


def _build(declaration: Declaration) -> Model:
    return once(declaration, "turn_on", lambda _: str(declaration.config["payload_on"]))


SCENE = Component(domain="scene", schema=_SCHEMA, build=_build, default_name="MQTT Scene")
