"""climate: modes, temperatures, humidity, fans and presets."""

from __future__ import annotations

from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    TEMPLATE,
    boolean,
    entity_schema,
    keyed,
    listed,
    string,
    to_publish,
    to_subscribe,
    words,
)
from hearth_mqtt.discovery.components.climate_codec import Climate
from hearth_mqtt.discovery.components.climate_parts import PARTS
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.model import Component, Model, listen, toggling


def _check(config: dict[str, Any]) -> dict[str, Any]:
    if ("preset_mode_command_topic" in config) != ("preset_modes" in config):
        raise vol.Invalid("expected preset_mode_command_topic and preset_modes together")
    if "none" in config.setdefault("preset_modes", []):
        raise vol.Invalid("expected preset_modes without none, which is always there")
    if not config["min_humidity"] < config["max_humidity"] <= 100:
        raise vol.Invalid("expected min_humidity < max_humidity <= 100")
    if "target_humidity_state_topic" in config and "target_humidity_command_topic" not in config:
        raise vol.Invalid("expected target_humidity_command_topic together with target_humidity_state_topic")
    return config


_MODES = vol.All(listed, [string])
_NUMBER = vol.Coerce(float)

_SCHEMA = entity_schema(
    {
        vol.Optional("fan_modes", default=["auto", "low", "medium", "high"]): _MODES,
        vol.Optional("max_humidity", default=99.0): vol.All(_NUMBER, vol.Range(min=0)),
        vol.Optional("min_humidity", default=30.0): vol.All(_NUMBER, vol.Range(min=0)),
        vol.Optional("modes", default=["auto", "off", "cool", "heat", "dry", "fan_only"]): _MODES,
        vol.Optional("optimistic", default=False): boolean,
        vol.Optional("payload_off", default="OFF"): string,
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("precision", default=0.1): vol.All(_NUMBER, vol.In([0.1, 0.5, 1.0])),
        vol.Optional("retain", default=False): boolean,
        vol.Optional("swing_horizontal_modes", default=["on", "off"]): _MODES,
        vol.Optional("swing_modes", default=["on", "off"]): _MODES,
        vol.Optional("temp_step", default=1.0): _NUMBER,
        vol.Optional("temperature_unit", default="C"): words("c", "f", "°c", "°f"),
    },
    keyed({part.state_topic: to_subscribe for part in PARTS}),
    keyed({part.state_template: TEMPLATE for part in PARTS}),
    keyed({part.command_topic: to_publish for part in PARTS if part.commanded}),
    keyed({part.command_template: TEMPLATE for part in PARTS if part.commanded}),
    keyed(
        {
            "initial": _NUMBER,
            "max_temp": _NUMBER,
            "min_temp": _NUMBER,
            "power_command_template": TEMPLATE,
            "power_command_topic": to_publish,
            "preset_modes": _MODES,
            "value_template": TEMPLATE,
        }
    ),
    check=_check,
)


def _build(declaration: Declaration) -> Model:
    climate = Climate(declaration)
    return Model(
        show=climate.show,
        listens=listen(declaration, *((part.state_topic, climate.decoder(part)) for part in PARTS)),
        actions={
            "set_temperature": climate.set_temperature,
            "set_humidity": climate.setter("humidity"),
            "set_hvac_mode": climate.setter("hvac_mode"),
            "set_fan_mode": climate.setter("fan_mode"),
            "set_preset_mode": climate.setter("preset_mode"),
            "set_swing_mode": climate.setter("swing_mode"),
            "set_swing_horizontal_mode": climate.setter("swing_horizontal_mode"),
            "turn_on": climate.turn_on,
            "turn_off": climate.turn_off,
            "toggle": toggling(climate.turn_on, climate.turn_off, lambda facts: facts["hvac_mode"] != "off"),
        },
        initial=climate.initial,
        features=int(climate.features),
        capabilities=climate.capabilities,
    )


CLIMATE = Component(
    domain="climate",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT HVAC",
    own_attributes=frozenset(
        [
            "current_humidity",
            "current_temperature",
            "fan_mode",
            "fan_modes",
            "humidity",
            "hvac_action",
            "hvac_modes",
            "max_humidity",
            "max_temp",
            "min_humidity",
            "min_temp",
            "preset_mode",
            "preset_modes",
            "swing_horizontal_mode",
            "swing_horizontal_modes",
            "swing_mode",
            "swing_modes",
            "target_temp_high",
            "target_temp_low",
            "target_temp_step",
            "temperature",
        ]
    ),
)
