"""light with the basic schema: a topic for each part, with numbers separated by commas."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    COMMANDED,
    TEMPLATE,
    entity_schema,
    keyed,
    string,
    to_publish,
    to_subscribe,
    whole,
    words,
)
from hearth_mqtt.discovery.components.light_basic_commands import BasicCommands
from hearth_mqtt.discovery.components.light_facts import COLORED, LIGHT_KEYS, OWN_ATTRIBUTES, light_model
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Decode, Model, listen
from hub import ColorMode, LightFeature, mired_to_kelvin, rgbw_to_rgb, rgbww_to_rgb

_log = logging.getLogger(__name__)

_PARTS = ("brightness", "color_temp", "effect", "hs", "rgb", "rgbw", "rgbww", "xy")

_SCHEMA = entity_schema(
    COMMANDED,
    LIGHT_KEYS,
    {
        vol.Optional("brightness_scale", default=255): whole(1),
        vol.Optional("on_command_type", default="last"): words("last", "first", "brightness"),
        vol.Optional("payload_off", default="OFF"): string,
        vol.Optional("payload_on", default="ON"): string,
        vol.Optional("white_scale", default=255): whole(1),
    },
    keyed({f"{part}_command_topic": to_publish for part in _PARTS}),
    keyed({f"{part}_command_template": TEMPLATE for part in _PARTS}),
    keyed({f"{part}_state_topic": to_subscribe for part in _PARTS}),
    keyed({f"{part}_value_template": TEMPLATE for part in _PARTS}),
    keyed(
        {
            "color_mode_state_topic": to_subscribe,
            "color_mode_value_template": TEMPLATE,
            "state_value_template": TEMPLATE,
            "white_command_topic": to_publish,
        }
    ),
)


def _build(declaration: Declaration) -> Model:
    modes = _modes(declaration)
    features = int(LightFeature.EFFECT) if declaration.has("effect_command_topic") else 0
    commands, states = BasicCommands(declaration, modes), _BasicStates(declaration)
    return light_model(
        declaration,
        modes,
        features,
        commands.turn_on,
        commands.turn_off,
        listens=listen(
            declaration,
            ("state_topic", states.decode_on()),
            ("color_mode_state_topic", states.decoder("color_mode", states.parse_mode)),
            ("brightness_state_topic", states.decoder("brightness", states.parse_brightness)),
            ("color_temp_state_topic", states.decoder("color_temp", states.parse_color_temp)),
            ("effect_state_topic", states.decoder("effect", lambda text: {"effect": text})),
            *((f"{mode}_state_topic", states.decoder(mode.value, states.parse_color(mode))) for mode in COLORED),
        ),
        assumed_state=declaration.optimistic(),
    )


def _modes(declaration: Declaration) -> list[ColorMode]:
    """Return the modes that have a topic for commands."""
    colors = (ColorMode.COLOR_TEMP, *COLORED)
    modes = [mode for mode in colors if declaration.has(f"{mode}_command_topic")]
    if declaration.has("white_command_topic") and set(modes) & set(COLORED):
        modes.append(ColorMode.WHITE)
    dimmable = declaration.has("brightness_command_topic")
    return modes or [ColorMode.BRIGHTNESS if dimmable else ColorMode.ONOFF]


class _BasicStates:
    """Reads a basic light's messages."""

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self._config = declaration.config
        self._color_tells_mode = declaration.optimistic("color_mode_state_topic")

    def decode_on(self) -> Decode:
        read = self._declaration.reader("state_value_template")
        meanings = {"None": None, self._config["payload_off"]: False, self._config["payload_on"]: True}

        def decode(incoming: Incoming, _: Facts) -> Facts | None:
            text = read(incoming)
            return {"on": meanings[text]} if text in meanings else None

        return decode

    def decoder(self, part: str, parse: Callable[[str], Facts | None]) -> Decode:
        read = self._declaration.reader(f"{part}_value_template")

        def decode(incoming: Incoming, _: Facts) -> Facts | None:
            text = read(incoming)
            if not text:
                return None
            try:
                return parse(text)
            except (ArithmeticError, TypeError, ValueError):
                _log.warning("Expected a %s on %s, got %r", part, incoming.topic, text[:80])
                return None

        return decode

    def parse_mode(self, text: str) -> Facts:
        return {"mode": ColorMode(text)}

    def parse_brightness(self, text: str) -> Facts | None:
        value = float(text)
        return {"brightness": min(round(value / self._config["brightness_scale"] * 255), 255)} if value else None

    def parse_color_temp(self, text: str) -> Facts:
        value = int(float(text))
        kelvin = value if self._config["color_temp_kelvin"] else mired_to_kelvin(value)
        return {"color_temp": kelvin, **self._mode(ColorMode.COLOR_TEMP)}

    def parse_color(self, mode: ColorMode) -> Callable[[str], Facts | None]:
        if mode in (ColorMode.HS, ColorMode.XY):
            return lambda text: {mode.value: _two(text), **self._mode(mode)}
        return lambda text: self._parse_channels(mode, text)

    def _parse_channels(self, mode: ColorMode, text: str) -> dict[str, Any] | None:
        color = tuple(int(part) for part in text.split(","))
        brightness = max(self._rgb(mode, color))
        if self._declaration.has("brightness_state_topic"):
            return {mode.value: color, **self._mode(mode)}
        if not brightness:
            return None
        full = tuple(min(round(part / brightness * 255), 255) for part in color)
        return {mode.value: full, "brightness": brightness, **self._mode(mode)}

    def _rgb(self, mode: ColorMode, color: tuple[int, ...]) -> tuple[int, ...]:
        if mode is ColorMode.RGBW:
            return rgbw_to_rgb(*color)
        if mode is ColorMode.RGBWW:
            red, green, blue, cold, warm = color
            low, high = self._config.get("min_kelvin", 2000), self._config.get("max_kelvin", 6535)
            return rgbww_to_rgb(red, green, blue, cold, warm, low, high)
        red, green, blue = color
        return red, green, blue

    def _mode(self, mode: ColorMode) -> Mapping[str, ColorMode]:
        return {"mode": mode} if self._color_tells_mode else {}


def _two(text: str) -> tuple[float, float]:
    first, second = (float(part) for part in text.split(","))
    return first, second


BASIC_LIGHT = Component(
    domain="light",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT LightEntity",
    own_attributes=OWN_ATTRIBUTES,
)
