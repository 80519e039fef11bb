"""light with the template schema: templates write the commands and read each part of the state."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, entity_schema, keyed
from hearth_mqtt.discovery.components.light_facts import LIGHT_KEYS, OWN_ATTRIBUTES, light_model
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Component, Model, listen
from hub import ColorMode, LightFeature, hs_to_rgb, kelvin_to_mired, mired_to_kelvin, rgb_to_hs

_log = logging.getLogger(__name__)

_COLORS = ("red_template", "green_template", "blue_template")
_STATES: Mapping[str, bool | None] = {"on": True, "off": False, "None": None}

_SCHEMA = entity_schema(
    COMMANDED,
    LIGHT_KEYS,
    {vol.Required("command_off_template"): TEMPLATE, vol.Required("command_on_template"): TEMPLATE},
    keyed(
        dict.fromkeys(
            ("brightness_template", "color_temp_template", "effect_template", "state_template", *_COLORS), TEMPLATE
        )
    ),
)


def _build(declaration: Declaration) -> Model:
    light = _TemplateLight(declaration)
    return light_model(
        declaration,
        light.modes,
        light.features,
        light.turn_on,
        light.turn_off,
        listens=listen(declaration, ("state_topic", light.decode)),
        assumed_state=light.optimistic,
    )


class _TemplateLight:
    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration
        self._config = config = declaration.config
        self._has_color = all(key in config for key in _COLORS)
        self.modes = self._modes()
        self.features = int(LightFeature.FLASH | LightFeature.TRANSITION)
        self.features |= int(LightFeature.EFFECT) if "effect_list" in config else 0
        self.optimistic = declaration.optimistic() or "state_template" not in config
        self._read = {
            key: declaration.reader(key)
            for key in ("state_template", "brightness_template", "color_temp_template", "effect_template", *_COLORS)
            if key in config
        }
        self._write = {key: declaration.writer(f"command_{key}_template") for key in ("on", "off")}

    def _modes(self) -> list[ColorMode]:
        colored = {ColorMode.COLOR_TEMP: "color_temp_template" in self._config, ColorMode.HS: self._has_color}
        modes = [mode for mode, there in colored.items() if there]
        return modes or [ColorMode.BRIGHTNESS if "brightness_template" in self._config else ColorMode.ONOFF]

    def decode(self, incoming: Incoming, facts: Facts) -> Facts | None:
        texts = {key: text for key, read in self._read.items() if (text := read(incoming))}
        changes: dict[str, Any] = {}
        if texts.get("state_template") in _STATES:
            changes["on"] = _STATES[texts["state_template"]]
        try:
            changes |= self._decode_numbers(texts, facts)
        except (ArithmeticError, ValueError):
            _log.warning("Expected numbers for brightness and colours on %s, got %r", incoming.topic, texts)
        effect = texts.get("effect_template")
        if effect and effect in self._config.get("effect_list", ()):
            changes["effect"] = effect
        return changes or None

    def _decode_numbers(self, texts: Mapping[str, str], facts: Facts) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if "brightness_template" in texts and int(texts["brightness_template"]):
            changes["brightness"] = int(texts["brightness_template"])
        if "color_temp_template" in texts:
            changes["color_temp"] = self._kelvin(texts["color_temp_template"])
        if self._has_color and all(key in texts for key in _COLORS):
            parts = [texts[key] for key in _COLORS]
            changes["hs"] = None if parts == ["None"] * 3 else rgb_to_hs(*(int(part) for part in parts))
        if len(self.modes) > 1:
            changes["mode"] = ColorMode.HS if changes.get("hs", facts["hs"]) else ColorMode.COLOR_TEMP
        return changes

    def _kelvin(self, text: str) -> int | None:
        if text == "None":
            return None
        return int(text) if self._config["color_temp_kelvin"] else mired_to_kelvin(int(text))

    def turn_on(self, data: Mapping[str, Any], facts: Facts) -> Effect:
        values: dict[str, Any] = {"state": True}
        assumed: dict[str, Any] = {"on": True}
        if "brightness" in data:
            values["brightness"] = assumed["brightness"] = data["brightness"]
        if "color_temp_kelvin" in data:
            kelvin = data["color_temp_kelvin"]
            values["color_temp"] = kelvin if self._config["color_temp_kelvin"] else kelvin_to_mired(kelvin)
            assumed |= {"color_temp": kelvin, "hs": None, "mode": ColorMode.COLOR_TEMP}
        if "hs_color" in data:
            values |= self._channels(data, facts)
            assumed |= {"hs": data["hs_color"], "color_temp": None, "mode": ColorMode.HS}
        values |= {key: data[key] for key in ("effect", "flash", "transition") if key in data}
        assumed |= {"effect": data["effect"]} if "effect" in data else {}
        return self._send("on", values, assumed)

    def turn_off(self, data: Mapping[str, Any], _: Facts) -> Effect:
        transition = {"transition": data["transition"]} if "transition" in data else {}
        return self._send("off", {"state": False, **transition}, {"on": False})

    def _channels(self, data: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
        """Return a colour's parts; they are dimmed where the light has no brightness of its own."""
        hue, saturation = data["hs_color"]
        brightness = 255
        if "brightness_template" not in self._config:
            brightness = data.get("brightness") or facts["brightness"] or 255
        red, green, blue = hs_to_rgb(hue, saturation, brightness)
        return {"red": red, "green": green, "blue": blue, "hue": hue, "sat": saturation}

    def _send(self, key: str, values: Mapping[str, Any], assumed: Mapping[str, Any]) -> Effect:
        payload = self._write[key](None, **values)
        return self._declaration.publish("command_topic", payload, assumed if self.optimistic else None)


TEMPLATE_LIGHT = Component(
    domain="light",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Template Light",
    own_attributes=OWN_ATTRIBUTES,
)
