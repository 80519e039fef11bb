"""lawn_mower: what it is doing, and a topic for each thing it can be told to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    RETAINED,
    TEMPLATE,
    boolean,
    entity_schema,
    keyed,
    to_publish,
    to_subscribe,
)
from hearth_mqtt.discovery.components.reading import one_of, reading
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import Act, Component, Model, listen
from hub import LawnMowerFeature

_ACTIVITIES = ("docked", "error", "mowing", "paused", "returning")
_COMMANDS = {
    "dock": (LawnMowerFeature.DOCK, "docked"),
    "pause": (LawnMowerFeature.PAUSE, "paused"),
    "start_mowing": (LawnMowerFeature.START_MOWING, "mowing"),
}

_SCHEMA = entity_schema(
    RETAINED,
    {vol.Optional("optimistic", default=False): boolean},
    keyed({"activity_state_topic": to_subscribe, "activity_value_template": TEMPLATE}),
    keyed({f"{command}_command_topic": to_publish for command in _COMMANDS}),
    keyed({f"{command}_command_template": TEMPLATE for command in _COMMANDS}),
)


def _build(declaration: Declaration) -> Model:
    optimistic = declaration.optimistic("activity_state_topic")
    features = LawnMowerFeature(0)
    for command, (feature, _) in _COMMANDS.items():
        features |= feature if declaration.has(f"{command}_command_topic") else LawnMowerFeature(0)
    meanings: dict[str, str | None] = {"None": None, "none": None, **{each: each for each in _ACTIVITIES}}
    read = declaration.reader("activity_value_template")
    decode = reading(read, one_of("activity", meanings), f"one of {', '.join(_ACTIVITIES)}")
    return Model(
        show=lambda facts: (facts["activity"], {}),
        listens=listen(declaration, ("activity_state_topic", decode)),
        actions={command: _send(declaration, command, optimistic=optimistic) for command in _COMMANDS},
        initial={"activity": None},
        features=int(features),
        assumed_state=optimistic,
    )


def _send(declaration: Declaration, command: str, *, optimistic: bool) -> Act:
    write = declaration.writer(f"{command}_command_template")
    assumed = {"activity": _COMMANDS[command][1]} if optimistic else None

    def act(_: Mapping[str, Any], __: Facts) -> Effect:
        return declaration.publish(f"{command}_command_topic", write(command), assumed)

    return act


LAWN_MOWER = Component(domain="lawn_mower", schema=_SCHEMA, build=_build, default_name="MQTT Lawn Mower")
