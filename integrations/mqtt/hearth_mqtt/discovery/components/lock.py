"""lock: locked, unlocked, and on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, entity_schema, keyed, pattern, string
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Act, Component, Model, listen
from hub import LockFeature

_STATES = ("jammed", "locked", "locking", "open", "opening", "unlocked", "unlocking")

_SCHEMA = entity_schema(
    COMMANDED,
    {vol.Optional(f"state_{state}", default=state.upper()): string for state in _STATES},
    {
        vol.Optional("payload_lock", default="LOCK"): string,
        vol.Optional("payload_reset", default="None"): string,
        vol.Optional("payload_unlock", default="UNLOCK"): string,
    },
    keyed({"code_format": pattern, "command_template": TEMPLATE, "payload_open": string, "value_template": TEMPLATE}),
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    read, write = declaration.reader("value_template"), declaration.writer("command_template")
    optimistic = declaration.optimistic()
    meanings: dict[str, str | None] = {config[f"state_{state}"]: state for state in reversed(_STATES)}
    meanings[config["payload_reset"]] = None

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = read(incoming)
        return {"state": meanings[text]} if text in meanings else None

    def send(key: str, state: str) -> Act:
        def act(data: Mapping[str, Any], _: Facts) -> Effect:
            payload = write(config[key], code=data.get("code"))
            return declaration.publish("command_topic", payload, {"state": state} if optimistic else None)

        return act

    code_format = {"code_format": config["code_format"]} if "code_format" in config else {}
    opening = {"open": send("payload_open", "open")} if "payload_open" in config else {}
    return Model(
        show=lambda facts: (facts["state"], code_format),
        listens=listen(declaration, ("state_topic", decode)),
        actions={"lock": send("payload_lock", "locked"), "unlock": send("payload_unlock", "unlocked"), **opening},
        initial={"state": "unlocked" if optimistic else None},
        features=int(LockFeature.OPEN) if opening else 0,
        assumed_state=optimistic,
    )


LOCK = Component(
    domain="lock",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Lock",
    own_attributes=frozenset({"changed_by", "code_format"}),
)
