"""What a climate device's messages and actions mean, by the table of its parts."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from hearth_mqtt.discovery.components.climate_parts import BY_FACT, PARTS, Kind, Part
from hearth_mqtt.discovery.components.temperatures import Scale
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import NOTHING, Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Act, Decode
from hub import ClimateFeature, InvalidInput

_log = logging.getLogger(__name__)

_ACTIONS = frozenset({"cooling", "defrosting", "drying", "fan", "heating", "idle", "off", "preheating"})
_INITIAL_TEMPERATURE = 21.0  # °C, as in Home Assistant, where no topic tells the target
_NO_PRESET = "none"
_LOWEST, _HIGHEST = 7, 35  # °C
_TURN_ON_TO = ("heat_cool", "heat", "cool")


class Climate:
    """A climate device's declaration, with what its decoders and actions share. Temperatures are shown in °C."""

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self._config = declaration.config
        self._scale = Scale(unit=self._config["temperature_unit"], precision=self._config["precision"])
        self.features = self._features()
        self.capabilities = self._capabilities()
        self.initial = self._initial()

    def decoder(self, part: Part) -> Decode:
        """Return what reads a part's messages."""
        read = self._declaration.reader(part.state_template, "value_template")
        parse = {
            Kind.TEMPERATURE: self._parse_number,
            Kind.NUMBER: self._parse_number,
            Kind.MODE: self._parse_mode,
            Kind.PRESET: self._parse_preset,
            Kind.ACTION: self._parse_action,
        }[part.kind]

        def decode(incoming: Incoming, _: Facts) -> Facts | None:
            text = read(incoming)
            if not text:
                return None
            changes = parse(part, text)
            if changes is None:
                _log.warning("Expected another %s on %s, got %r", part.fact, incoming.topic, text[:80])
            return changes

        return decode

    def setter(self, fact: str) -> Act:
        """Return the action that sets one part to the value that its data has under the same name."""
        return lambda data, _: self._set(BY_FACT[fact], data[fact])

    def set_temperature(self, data: Mapping[str, Any], _: Facts) -> Effect:
        effect = NOTHING
        for fact in ("hvac_mode", "temperature", "target_temp_low", "target_temp_high"):
            if data.get(fact) is not None:
                effect += self._set(BY_FACT[fact], data[fact])
        return effect

    def turn_on(self, _: Mapping[str, Any], __: Facts) -> Effect:
        if self._declaration.has("power_command_topic"):
            return self._power("payload_on")
        modes = [mode for mode in self._config["modes"] if mode != "off"]
        preferred = modes if len(modes) == 1 else [mode for mode in _TURN_ON_TO if mode in modes]
        if not preferred:
            raise InvalidInput(f"Expected a mode to turn on to, got a device with {', '.join(self._config['modes'])}")
        return self._set(BY_FACT["hvac_mode"], preferred[0])

    def turn_off(self, _: Mapping[str, Any], __: Facts) -> Effect:
        if self._declaration.has("power_command_topic"):
            return self._power("payload_off") + Effect((), {"hvac_mode": "off"} if self._config["optimistic"] else {})
        if "off" not in self._config["modes"]:
            raise InvalidInput(f"Expected the mode off, got a device with {', '.join(self._config['modes'])}")
        return self._set(BY_FACT["hvac_mode"], "off")

    def show(self, facts: Facts) -> tuple[str | None, Mapping[str, Any]]:
        """Return the mode, and what else is known."""
        shown: dict[str, Any] = {"current_temperature": facts["current_temperature"]}
        for part in PARTS:
            if part.feature & self.features or (not part.commanded and facts[part.fact] is not None):
                shown[part.fact] = facts[part.fact]
        return facts["hvac_mode"], shown

    def _features(self) -> ClimateFeature:
        features = ClimateFeature.TURN_ON | ClimateFeature.TURN_OFF
        for part in PARTS:
            by_state = part.by_state and self._declaration.has(part.state_topic)
            if by_state or self._declaration.has(part.command_topic):
                features |= part.feature
        return features

    def _capabilities(self) -> dict[str, Any]:
        config, features = self._config, self.features
        shown: dict[str, Any] = {
            "hvac_modes": config["modes"],
            "min_temp": self._scale.shown(config["min_temp"]) if "min_temp" in config else _LOWEST,
            "max_temp": self._scale.shown(config["max_temp"]) if "max_temp" in config else _HIGHEST,
            "target_temp_step": config["temp_step"],
        }
        if features & ClimateFeature.TARGET_HUMIDITY:
            shown |= {key: config[key] for key in ("min_humidity", "max_humidity")}
        if features & ClimateFeature.FAN_MODE:
            shown["fan_modes"] = config["fan_modes"]
        if features & ClimateFeature.PRESET_MODE:
            shown["preset_modes"] = [_NO_PRESET, *config["preset_modes"]] if config["preset_modes"] else []
        if features & ClimateFeature.SWING_MODE:
            shown["swing_modes"] = config["swing_modes"]
        if features & ClimateFeature.SWING_HORIZONTAL_MODE:
            shown["swing_horizontal_modes"] = config["swing_horizontal_modes"]
        return shown

    def _initial(self) -> dict[str, Any]:
        first = self._scale.shown(self._config["initial"]) if "initial" in self._config else _INITIAL_TEMPERATURE
        facts: dict[str, Any] = dict.fromkeys(part.fact for part in PARTS)
        for part in PARTS:
            if part.commanded and self._declaration.optimistic(part.state_topic):
                facts[part.fact] = first if part.kind is Kind.TEMPERATURE else part.default
        return {**facts, "preset_mode": _NO_PRESET if self.features & ClimateFeature.PRESET_MODE else None}

    def _parse_number(self, part: Part, text: str) -> Facts | None:
        if text == "None":
            return {part.fact: None}
        try:
            value = float(text)
        except ValueError:
            return None
        if not math.isfinite(value):
            return None
        return {part.fact: self._scale.shown(value) if part.kind is Kind.TEMPERATURE else value}

    def _parse_mode(self, part: Part, text: str) -> Facts | None:
        if text == "None":
            return {part.fact: None}
        return {part.fact: text} if text in self._config[part.choices] else None

    def _parse_preset(self, part: Part, text: str) -> Facts | None:
        if text in ("None", _NO_PRESET):
            return {part.fact: _NO_PRESET}
        return {part.fact: text} if text in self._config["preset_modes"] else None

    def _parse_action(self, part: Part, text: str) -> Facts | None:
        if text == "None":
            return {part.fact: None}
        return {part.fact: text} if text in _ACTIONS else None

    def _set(self, part: Part, value: Any) -> Effect:
        write = self._declaration.writer(part.command_template)
        sent = self._scale.sent(value) if part.kind is Kind.TEMPERATURE else value
        assumed = {part.fact: value} if self._declaration.optimistic(part.state_topic) else None
        return self._declaration.publish(part.command_topic, write(sent), assumed)

    def _power(self, key: str) -> Effect:
        payload = self._declaration.writer("power_command_template")(self._config[key])
        return self._declaration.publish("power_command_topic", payload)
