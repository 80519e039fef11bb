"""The commands of a light with the basic schema: each part to its topic, in Home Assistant's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth_mqtt.discovery.components.light_facts import COLORED
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import NOTHING, Effect, Facts
from hub import ColorMode, kelvin_to_mired

_VARIABLES: Mapping[ColorMode, tuple[str, ...]] = {  # what a colour's template sees besides the text
    ColorMode.HS: ("hue", "sat"),
    ColorMode.XY: ("x", "y"),
    ColorMode.RGB: ("red", "green", "blue"),
    ColorMode.RGBW: ("red", "green", "blue", "white"),
    ColorMode.RGBWW: ("red", "green", "blue", "cold_white", "warm_white"),
}
_CHANNELED = (ColorMode.RGB, ColorMode.RGBW, ColorMode.RGBWW)


class BasicCommands:
    """Writes a basic light's commands."""

    def __init__(self, declaration: Declaration, modes: list[ColorMode]) -> None:
        self._declaration = declaration
        self._config = declaration.config
        self._modes = modes
        self._mode_is_assumed = declaration.optimistic("color_mode_state_topic")
        self._has_brightness = declaration.has("brightness_command_topic")

    def turn_on(self, data: Mapping[str, Any], facts: Facts) -> Effect:
        kind = self._config["on_command_type"]
        if kind == "brightness" and "brightness" not in data and "white" not in data:
            data = {**data, "brightness": facts["brightness"] or 255}
        effect = self._switch("payload_on") if kind == "first" else NOTHING
        effect += self._color(data, facts) + self._brightness(data, facts) + self._color_temp(data)
        effect += self._effect(data) + self._white(data)
        effect += self._switch("payload_on") if kind == "last" else NOTHING
        return effect + self._assumed_on(True)

    def turn_off(self, _: Mapping[str, Any], __: Facts) -> Effect:
        return self._switch("payload_off") + self._assumed_on(False)

    def _switch(self, key: str) -> Effect:
        return self._declaration.publish("command_topic", self._config[key])

    def _assumed_on(self, on: bool) -> Effect:
        return Effect((), {"on": on}) if self._declaration.optimistic() else NOTHING

    def _color(self, data: Mapping[str, Any], facts: Facts) -> Effect:
        effect = NOTHING
        for mode in COLORED:
            if f"{mode}_color" in data and mode in self._modes:
                color = data[f"{mode}_color"]
                effect += self._send_color(
                    mode, self._dimmed(mode, color, data.get("brightness") or facts["brightness"])
                )
                effect += self._assume(mode.value, color, mode)
        return effect

    def _dimmed(self, mode: ColorMode, color: tuple[float, ...], brightness: int | None) -> tuple[float, ...]:
        """Dim a colour's channels where there is no topic for brightness."""
        if mode not in _CHANNELED or self._has_brightness:
            return color
        return tuple(int(part * (brightness or 255) / 255) for part in color)

    def _send_color(self, mode: ColorMode, color: tuple[float, ...]) -> Effect:
        write = self._declaration.writer(f"{mode}_command_template")
        text = ",".join(str(part) for part in color)
        return self._declaration.publish(
            f"{mode}_command_topic", write(text, **dict(zip(_VARIABLES[mode], color, strict=True)))
        )

    def _brightness(self, data: Mapping[str, Any], facts: Facts) -> Effect:
        if "brightness" not in data:
            return NOTHING
        brightness: int = data["brightness"]
        assumed = self._assume_brightness(brightness)
        if self._has_brightness:
            scale = self._config["brightness_scale"]
            value = max(min(round(brightness / 255 * scale), scale), 1)
            payload = self._declaration.writer("brightness_command_template")(value)
            return self._declaration.publish("brightness_command_topic", payload) + assumed
        mode = next((mode for mode in _CHANNELED if mode in self._modes), None)
        if mode is None or f"{mode}_color" in data:
            return NOTHING
        full = (255,) * len(_VARIABLES[mode])
        return self._send_color(mode, self._dimmed(mode, facts[mode.value] or full, brightness)) + assumed

    def _assume_brightness(self, brightness: int) -> Effect:
        state_topic = "brightness_state_topic" if self._has_brightness else "rgb_state_topic"
        return Effect((), {"brightness": brightness}) if self._declaration.optimistic(state_topic) else NOTHING

    def _color_temp(self, data: Mapping[str, Any]) -> Effect:
        if "color_temp_kelvin" not in data or ColorMode.COLOR_TEMP not in self._modes:
            return NOTHING
        kelvin = data["color_temp_kelvin"]
        value = kelvin if self._config["color_temp_kelvin"] else kelvin_to_mired(kelvin)
        payload = self._declaration.writer("color_temp_command_template")(value)
        sent = self._declaration.publish("color_temp_command_topic", payload)
        return sent + self._assume("color_temp", kelvin, ColorMode.COLOR_TEMP)

    def _effect(self, data: Mapping[str, Any]) -> Effect:
        name = data.get("effect")
        if name is None or name not in self._config.get("effect_list", ()):
            return NOTHING
        payload = self._declaration.writer("effect_command_template")(name)
        return self._declaration.publish("effect_command_topic", payload) + self._assume("effect", name, None)

    def _white(self, data: Mapping[str, Any]) -> Effect:
        if data.get("white") is None:
            return NOTHING
        scale = self._config["white_scale"]
        payload = str(min(round(data["white"] / 255 * scale), scale))
        mode = {"mode": ColorMode.WHITE} if self._mode_is_assumed else {}
        sent = self._declaration.publish("white_command_topic", payload)
        return sent + self._assume_brightness(data["white"]) + Effect((), mode)

    def _assume(self, fact: str, value: Any, mode: ColorMode | None) -> Effect:
        if not self._declaration.optimistic(f"{fact}_state_topic"):
            return NOTHING
        return Effect((), {fact: value, **({"mode": mode} if mode and self._mode_is_assumed else {})})
