"""water_heater: an operation mode, a target temperature and power."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    RETAINED,
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
from hearth_mqtt.discovery.components.reading import Parse, one_of, reading
from hearth_mqtt.discovery.components.temperatures import Scale
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import NOTHING, Effect, Facts
from hearth_mqtt.discovery.model import Act, Component, Model, listen
from hub import WaterHeaterFeature

_MODES = ["eco", "electric", "gas", "heat_pump", "high_demand", "performance", "off"]
_NUMBER = vol.Coerce(float)
_LOWEST, _HIGHEST = 43.3, 60.0  # °C: 110 and 140 °F, as in Home Assistant

_SCHEMA = entity_schema(
    RETAINED,
    {
        vol.Optional("modes", default=_MODES): vol.All(listed, [string]),
        vol.Optional("optimistic", default=False): boolean,
        vol.Optional("payload_off", default="OFF"): string,
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("precision", default=0.1): vol.All(_NUMBER, vol.In([0.1, 0.5, 1.0])),
        vol.Optional("temperature_unit", default="C"): words("c", "f", "°c", "°f"),
    },
    keyed(
        dict.fromkeys(("mode_command_topic", "power_command_topic", "temperature_command_topic"), to_publish)
        | dict.fromkeys(("current_temperature_topic", "mode_state_topic", "temperature_state_topic"), to_subscribe)
        | dict.fromkeys(("initial", "max_temp", "min_temp"), _NUMBER)
    ),
    keyed(
        dict.fromkeys(
            (
                "current_temperature_template",
                "mode_command_template",
                "mode_state_template",
                "power_command_template",
                "temperature_command_template",
                "temperature_state_template",
                "value_template",
            ),
            TEMPLATE,
        )
    ),
)


class _WaterHeater:
    """A water heater's declaration, with what its decoders and actions share. Temperatures are shown in °C."""

    def __init__(self, declaration: Declaration) -> None:
        config = self._config = declaration.config
        self._declaration = declaration
        self._scale = Scale(unit=config["temperature_unit"], precision=config["precision"])

    @property
    def features(self) -> WaterHeaterFeature:
        has, features = self._declaration.has, WaterHeaterFeature(0)
        if has("temperature_state_topic") or has("temperature_command_topic"):
            features |= WaterHeaterFeature.TARGET_TEMPERATURE
        if has("mode_state_topic") or has("mode_command_topic"):
            features |= WaterHeaterFeature.OPERATION_MODE
        return features | (WaterHeaterFeature.ON_OFF if has("power_command_topic") else WaterHeaterFeature(0))

    @property
    def capabilities(self) -> dict[str, Any]:
        config, shown = self._config, self._scale.shown
        found = {
            "min_temp": shown(config["min_temp"]) if "min_temp" in config else _LOWEST,
            "max_temp": shown(config["max_temp"]) if "max_temp" in config else _HIGHEST,
        }
        return {**found, "operation_list": config["modes"]} if self._has_modes else found

    @property
    def initial(self) -> dict[str, Any]:
        optimistic, config = self._declaration.optimistic, self._config
        first = self._scale.shown(config["initial"]) if "initial" in config else _LOWEST
        return {
            "mode": "off" if optimistic("mode_state_topic") else None,
            "temperature": first if optimistic("temperature_state_topic") else None,
            "current_temperature": None,
        }

    def temperature(self, fact: str) -> Parse:
        """Return what parses a temperature of the device."""

        def parse(text: str) -> Facts | None:
            if text == "None":
                return {fact: None}
            try:
                value = float(text)
            except ValueError:
                return None
            return {fact: self._scale.shown(value)} if math.isfinite(value) else None

        return parse

    def set_temperature(self, data: Mapping[str, Any], facts: Facts) -> Effect:
        effect = self.set_mode(data, facts) if data.get("operation_mode") is not None else NOTHING
        value = data.get("temperature")
        return effect if value is None else effect + self._set("temperature", value, self._scale.sent(value))

    def set_mode(self, data: Mapping[str, Any], _: Facts) -> Effect:
        return self._set("mode", data["operation_mode"], data["operation_mode"])

    def power(self, payload_key: str) -> Act:
        write = self._declaration.writer("power_command_template")
        return lambda _, __: self._declaration.publish("power_command_topic", write(self._config[payload_key]))

    def show(self, facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
        shown = {
            "current_temperature": facts["current_temperature"],
            "temperature": facts["temperature"],
            "target_temp_high": None,
            "target_temp_low": None,
        }
        return facts["mode"], {**shown, "operation_mode": facts["mode"]} if self._has_modes else shown

    @property
    def _has_modes(self) -> bool:
        return bool(self.features & WaterHeaterFeature.OPERATION_MODE)

    def _set(self, part: str, value: Any, sent: Any) -> Effect:
        payload = self._declaration.writer(f"{part}_command_template")(sent)
        assumed = {part: value} if self._declaration.optimistic(f"{part}_state_topic") else None
        return self._declaration.publish(f"{part}_command_topic", payload, assumed)


def _build(declaration: Declaration) -> Model:
    heater = _WaterHeater(declaration)
    modes: dict[str, str | None] = {"None": None, **{mode: mode for mode in declaration.config["modes"]}}

    def decoder(template: str, parse: Parse, expected: str) -> Any:
        return reading(declaration.reader(template, "value_template"), parse, expected)

    return Model(
        show=heater.show,
        listens=listen(
            declaration,
            ("mode_state_topic", decoder("mode_state_template", one_of("mode", modes), f"one of {', '.join(modes)}")),
            (
                "current_temperature_topic",
                decoder("current_temperature_template", heater.temperature("current_temperature"), "a temperature"),
            ),
            (
                "temperature_state_topic",
                decoder("temperature_state_template", heater.temperature("temperature"), "a temperature"),
            ),
        ),
        actions={
            "turn_on": heater.power("payload_on"),
            "turn_off": heater.power("payload_off"),
            "set_temperature": heater.set_temperature,
            "set_operation_mode": heater.set_mode,
        },
        initial=heater.initial,
        features=int(heater.features),
        capabilities=heater.capabilities,
    )


WATER_HEATER = Component(
    domain="water_heater",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Water Heater",
    own_attributes=frozenset(
        {"current_temperature", "max_temp", "min_temp", "operation_list", "operation_mode", "temperature"}
    ),
)
