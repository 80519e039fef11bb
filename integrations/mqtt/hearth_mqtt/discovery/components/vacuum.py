"""vacuum: a cleaner that says all about itself in one object, and takes single words as commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    RETAINED,
    entity_schema,
    keyed,
    listed,
    string,
    to_publish,
    to_subscribe,
)
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Act, Component, Model, listen
from hub import InvalidInput, VacuumFeature

_ACTIVITIES = frozenset({"cleaning", "docked", "error", "idle", "paused", "returning"})
_STATUS = 128  # a feature bit that Home Assistant has retired, and still hands on
_FEATURES: dict[str, int] = {
    "start": VacuumFeature.START,
    "pause": VacuumFeature.PAUSE,
    "stop": VacuumFeature.STOP,
    "return_home": VacuumFeature.RETURN_HOME,
    "fan_speed": VacuumFeature.FAN_SPEED,
    "status": _STATUS,
    "send_command": VacuumFeature.SEND_COMMAND,
    "locate": VacuumFeature.LOCATE,
    "clean_spot": VacuumFeature.CLEAN_SPOT,
}
_USUAL = ["start", "stop", "return_home", "clean_spot"]
_COMMANDS = ("clean_spot", "locate", "pause", "return_to_base", "start", "stop")

_SCHEMA = entity_schema(
    RETAINED,
    {
        vol.Optional("fan_speed_list", default=list): vol.All(listed, [string]),
        vol.Optional("supported_features", default=_USUAL): vol.All(listed, [vol.In(list(_FEATURES))]),
    },
    {vol.Optional(f"payload_{command}", default=command): string for command in _COMMANDS},
    keyed(
        {
            "command_topic": to_publish,
            "send_command_topic": to_publish,
            "set_fan_speed_topic": to_publish,
            "state_topic": to_subscribe,
        }
    ),
)


def _build(declaration: Declaration) -> Model:
    features = int(VacuumFeature.STATE)
    for name in declaration.config["supported_features"]:
        features |= _FEATURES[name]
    has_speeds = bool(features & VacuumFeature.FAN_SPEED)
    return Model(
        show=lambda facts: (facts["activity"], {"fan_speed": facts["fan_speed"]} if has_speeds else {}),
        listens=listen(declaration, ("state_topic", _decode)),
        actions={
            **{command: _send(declaration, command) for command in _COMMANDS},
            "set_fan_speed": _set_fan_speed(declaration),
            "send_command": _send_command(declaration),
        },
        initial={"activity": None, "fan_speed": None},
        features=features,
        capabilities={"fan_speed_list": declaration.config["fan_speed_list"]} if has_speeds else {},
    )


def _decode(incoming: Incoming, facts: Facts) -> Facts | None:
    values = incoming.json
    if not isinstance(values, dict):
        return None
    changes: dict[str, Any] = {"fan_speed": values.get("fan_speed", facts["fan_speed"] or 0)}
    if "state" in values and (values["state"] is None or values["state"] in _ACTIVITIES):
        changes["activity"] = values["state"]
    return changes


def _send(declaration: Declaration, command: str) -> Act:
    payload = declaration.config[f"payload_{command}"]
    return lambda _, __: declaration.publish("command_topic", payload)


def _set_fan_speed(declaration: Declaration) -> Act:
    known = declaration.config["fan_speed_list"]

    def act(data: Mapping[str, Any], _: Facts) -> Effect:
        if data["fan_speed"] not in known:
            raise InvalidInput(f"Expected one of {', '.join(known)}, got {data['fan_speed']!r}", path=("fan_speed",))
        return declaration.publish("set_fan_speed_topic", data["fan_speed"])

    return act


def _send_command(declaration: Declaration) -> Act:
    def act(data: Mapping[str, Any], _: Facts) -> Effect:
        command, params = data["command"], data.get("params")
        payload = orjson.dumps({"command": command, **params}).decode() if isinstance(params, Mapping) else command
        return declaration.publish("send_command_topic", payload)

    return act


VACUUM = Component(
    domain="vacuum",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT State Vacuum",
    own_attributes=frozenset({"fan_speed"}),
)
