"""switch: on or off, told and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, device_class, entity_schema, keyed, string
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import ON_OFF, Act, Component, Model, listen, toggling
from hub import DOMAINS

_SCHEMA = entity_schema(
    COMMANDED,
    {
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("payload_off", default="OFF"): string,
    },
    keyed(
        {
            "command_template": TEMPLATE,
            "device_class": device_class(DOMAINS["switch"].device_classes),
            "state_off": string,
            "state_on": string,
            "value_template": TEMPLATE,
        }
    ),
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    read, write = declaration.reader("value_template"), declaration.writer("command_template")
    optimistic = declaration.optimistic()
    meanings = {
        "None": None,
        config.get("state_off") or config["payload_off"]: False,
        config.get("state_on") or config["payload_on"]: True,
    }

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = read(incoming)
        return {"on": meanings[text]} if text in meanings else None

    def turn(on: bool) -> Act:
        payload, assumed = config["payload_on" if on else "payload_off"], {"on": on} if optimistic else None

        def act(_: Mapping[str, Any], __: Facts) -> Effect:
            return declaration.publish("command_topic", write(payload), assumed)

        return act

    return Model(
        show=lambda facts: (ON_OFF[facts["on"]], {}),
        listens=listen(declaration, ("state_topic", decode)),
        actions={
            "turn_on": turn(True),
            "turn_off": turn(False),
            "toggle": toggling(turn(True), turn(False), lambda facts: bool(facts["on"])),
        },
        initial={"on": None},
        device_class=config.get("device_class"),
        assumed_state=optimistic,
    )


SWITCH = Component(domain="switch", schema=_SCHEMA, build=_build, default_name="MQTT Switch")
