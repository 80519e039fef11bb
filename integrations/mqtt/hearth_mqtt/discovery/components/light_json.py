"""light with the json schema: one object says everything, both ways. What zigbee2mqtt speaks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.discovery.common_schema import COMMANDED, boolean, entity_schema, keyed, listed, whole, words
from hearth_mqtt.discovery.components.light_facts import LIGHT_KEYS, OWN_ATTRIBUTES, light_model
from hearth_mqtt.discovery.components.scaling import from_brightness, to_brightness
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Model, listen
from hub import ColorMode, LightFeature, kelvin_to_mired, mired_to_kelvin

_log = logging.getLogger(__name__)

_CHANNELS: Mapping[ColorMode, str] = {  # the keys of a colour, in the order of its numbers
    ColorMode.HS: "hs",
    ColorMode.XY: "xy",
    ColorMode.RGB: "rgb",
    ColorMode.RGBW: "rgbw",
    ColorMode.RGBWW: "rgbcw",
}
_STATES: Mapping[Any, bool | None] = {"ON": True, "OFF": False, None: None}


def valid_modes(modes: list[str]) -> list[ColorMode]:
    """Return colour modes that go together: ``onoff`` and ``brightness`` stand alone, ``white`` needs a colour."""
    known = set(modes)
    if len(known) > 1 and known & {"onoff", "brightness"}:
        raise vol.Invalid("expected onoff and brightness to be the only colour mode")
    if "white" in known and not known & {mode.value for mode in _CHANNELS}:
        raise vol.Invalid("expected white together with a colour")
    return [ColorMode(mode) for mode in dict.fromkeys(modes)]


_SCHEMA = entity_schema(
    COMMANDED,
    LIGHT_KEYS,
    {
        vol.Optional("brightness", default=False): boolean,
        vol.Optional("brightness_scale", default=255): whole(1),
        vol.Optional("effect", default=False): boolean,
        vol.Optional("flash", default=True): boolean,
        vol.Optional("flash_time_long", default=10): whole(),
        vol.Optional("flash_time_short", default=2): whole(),
        vol.Optional("transition", default=True): boolean,
        vol.Optional("white_scale", default=255): whole(1),
    },
    keyed(
        {
            "supported_color_modes": vol.All(
                listed,
                [words(*(mode.value for mode in ColorMode if mode is not ColorMode.UNKNOWN))],
                vol.Length(min=1),
                valid_modes,
            )
        }
    ),
)


def _build(declaration: Declaration) -> Model:
    light = _JsonLight(declaration)
    return light_model(
        declaration,
        light.modes,
        light.features,
        light.turn_on,
        light.turn_off,
        listens=listen(declaration, ("state_topic", light.decode)),
        assumed_state=light.optimistic,
    )


class _JsonLight:
    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self._config = config = declaration.config
        default = ColorMode.BRIGHTNESS if config["brightness"] else ColorMode.ONOFF
        self.modes: list[ColorMode] = config.get("supported_color_modes") or [default]
        self.optimistic = declaration.optimistic()
        offered = {
            "effect": LightFeature.EFFECT,
            "flash": LightFeature.FLASH,
            "transition": LightFeature.TRANSITION,
        }
        self.features = sum(int(feature) for key, feature in offered.items() if config[key])

    def decode(self, incoming: Incoming, _: Facts) -> Facts | None:
        values = incoming.json
        if not isinstance(values, dict):
            return None
        changes: dict[str, Any] = {}
        if values.get("state", "") in _STATES:
            changes["on"] = _STATES[values["state"]]
        if "color_mode" in values:
            changes |= self._decode_color(values, incoming.topic)
        if values.get("brightness") and self.modes != [ColorMode.ONOFF]:
            changes |= self._decode_brightness(values["brightness"], incoming.topic)
        if self.features & LightFeature.EFFECT and "effect" in values:
            changes["effect"] = values["effect"]
        return changes or None

    def _decode_color(self, values: Mapping[str, Any], topic: str) -> dict[str, Any]:
        mode = values["color_mode"]
        if mode not in self.modes:
            _log.warning("Expected a colour mode of %s on %s, got %r", ", ".join(self.modes), topic, mode)
            return {}
        mode = ColorMode(mode)
        try:
            if mode is ColorMode.COLOR_TEMP:
                value = values["color_temp"]
                return {
                    "mode": mode,
                    mode.value: int(value) if self._config["color_temp_kelvin"] else mired_to_kelvin(value),
                }
            if mode in _CHANNELS:
                return {"mode": mode, mode.value: _color(mode, values["color"])}
        except (ArithmeticError, KeyError, TypeError, ValueError):
            _log.warning("Expected a colour as %s on %s, got %r", mode, topic, dict(values))
            return {}
        return {"mode": mode}

    def _decode_brightness(self, value: Any, topic: str) -> dict[str, Any]:
        try:
            return {"brightness": to_brightness(self._config["brightness_scale"], float(value))}
        except (OverflowError, TypeError, ValueError):
            _log.warning("Expected a brightness on %s, got %r", topic, value)
            return {}

    def turn_on(self, data: Mapping[str, Any], _: Facts) -> Effect:
        message: dict[str, Any] = {"state": "ON"}
        assumed: dict[str, Any] = {"on": True}
        mode = next((mode for mode in _CHANNELS if f"{mode}_color" in data), None)
        if mode is not None:
            color = self._scaled(mode, data)
            message["color"] = dict(zip(_CHANNELS[mode], color, strict=True))
            assumed |= {"mode": mode, mode.value: color}
        self._add_flash_and_transition(message, data)
        if "brightness" in data and self._has_brightness(mode):
            message["brightness"] = from_brightness(self._config["brightness_scale"], data["brightness"])
            assumed["brightness"] = data["brightness"]
        if "color_temp_kelvin" in data:
            kelvin = data["color_temp_kelvin"]
            message["color_temp"] = kelvin if self._config["color_temp_kelvin"] else kelvin_to_mired(kelvin)
            assumed |= {"mode": ColorMode.COLOR_TEMP, "color_temp": kelvin}
        if "effect" in data:
            message["effect"] = assumed["effect"] = data["effect"]
        if data.get("white") is not None:
            message["white"] = from_brightness(self._config["white_scale"], data["white"])
            assumed |= {"mode": ColorMode.WHITE, "brightness": data["white"]}
        return self._send(message, assumed)

    def turn_off(self, data: Mapping[str, Any], _: Facts) -> Effect:
        message: dict[str, Any] = {"state": "OFF"}
        self._add_flash_and_transition(message, data)
        return self._send(message, {"on": False})

    def _has_brightness(self, mode: ColorMode | None) -> bool:
        """Say whether brightness is sent apart: without it, it is part of the colour's channels."""
        return bool(self._config["brightness"]) or mode not in (ColorMode.RGB, ColorMode.RGBW, ColorMode.RGBWW)

    def _scaled(self, mode: ColorMode, data: Mapping[str, Any]) -> tuple[float, ...]:
        color: tuple[float, ...] = data[f"{mode}_color"]
        if self._has_brightness(mode):
            return color
        return tuple(round(part / 255 * data.get("brightness", 255)) for part in color)

    def _add_flash_and_transition(self, message: dict[str, Any], data: Mapping[str, Any]) -> None:
        if "transition" in data and self.features & LightFeature.TRANSITION:
            message["transition"] = data["transition"]
        if "flash" in data and self.features & LightFeature.FLASH:
            message["flash"] = self._config[f"flash_time_{data['flash']}"]

    def _send(self, message: Mapping[str, Any], assumed: Mapping[str, Any]) -> Effect:
        payload = orjson.dumps(message).decode()
        return self._declaration.publish("command_topic", payload, assumed if self.optimistic else None)


def _color(mode: ColorMode, color: Mapping[str, Any]) -> tuple[float, ...]:
    parts: Iterable[float] = (float(color[channel]) for channel in _CHANNELS[mode])
    return tuple(parts) if mode in (ColorMode.HS, ColorMode.XY) else tuple(int(part) for part in parts)


JSON_LIGHT = Component(
    domain="light",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT JSON Light",
    own_attributes=OWN_ATTRIBUTES,
)
