"""Lights: switched, dimmed, white of any warmth, or coloured."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from hearth_demo.home.parts.part import Part, Reports, number
from hearth_demo.words import Words


class JsonLight(Part):
    """A light that speaks the JSON form: commands and states are documents, as zigbee2mqtt's are."""

    platform = "light"

    def __init__(
        self, key: str = "light", name: Words | None = None, *, modes: tuple[str, ...], on: bool = False, **extra: Any
    ) -> None:
        super().__init__(key, name, **extra)
        self.on = on
        self._modes = modes
        self._mode = modes[0]
        self._brightness = 190
        self._kelvin = 2700
        self._color = (255, 140, 40)

    def config(self, language: str) -> dict[str, Any]:
        config: dict[str, Any] = {
            "schema": "json",
            "state_topic": f"~/{self.key}",
            "command_topic": f"~/{self.key}/set",
            "brightness": self._modes != ("onoff",),
            "supported_color_modes": list(self._modes),
        }
        if "color_temp" in self._modes:
            config |= {"color_temp_kelvin": True, "min_kelvin": 2200, "max_kelvin": 6500}
        return config

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set",)

    def level(self) -> float:
        """Return how bright it shines, 0 to 1."""
        return self._brightness / 255 if self.on else 0.0

    def handle(self, topic: str, payload: str) -> None:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            command = json.loads(payload)
            if isinstance(command, dict):
                self._obey(command)

    def reports(self) -> Reports:
        state: dict[str, Any] = {"state": "ON" if self.on else "OFF", "color_mode": self._mode}
        if self._modes != ("onoff",):
            state["brightness"] = self._brightness
        if self._mode == "color_temp":
            state["color_temp"] = self._kelvin
        if self._mode == "rgb":
            state["color"] = dict(zip("rgb", self._color, strict=True))
        return {self.key: state}

    def _obey(self, command: Mapping[str, Any]) -> None:
        if "brightness" in command:
            self._brightness = int(number(command["brightness"], 1, 255))
        if "color_temp" in command and "color_temp" in self._modes:
            self._mode, self._kelvin = "color_temp", int(number(command["color_temp"], 2200, 6500))
        if "color" in command and "rgb" in self._modes:
            red, green, blue = (int(number(command["color"][channel], 0, 255)) for channel in "rgb")
            self._mode, self._color = "rgb", (red, green, blue)
        self.on = command.get("state", "ON") == "ON"


class PlainLight(Part):
    """A light with a topic for each thing, as simple firmware has it: on and off, and brightness in percent."""

    platform = "light"

    def __init__(
        self, key: str = "light", name: Words | None = None, *, dimmable: bool = True, on: bool = False, **extra: Any
    ) -> None:
        super().__init__(key, name, **extra)
        self.on = on
        self._dimmable = dimmable
        self._percent = 80

    def config(self, language: str) -> dict[str, Any]:
        config = {"state_topic": f"~/{self.key}", "command_topic": f"~/{self.key}/set"}
        if not self._dimmable:
            return config
        return {
            **config,
            "brightness_state_topic": f"~/{self.key}/brightness",
            "brightness_command_topic": f"~/{self.key}/brightness/set",
            "brightness_scale": 100,
            "on_command_type": "brightness",
        }

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set", f"{self.key}/brightness/set") if self._dimmable else (f"{self.key}/set",)

    def level(self) -> float:
        """Return how bright it shines, 0 to 1."""
        return self._percent / 100 if self.on else 0.0

    def handle(self, topic: str, payload: str) -> None:
        if topic == f"{self.key}/set" and payload in ("ON", "OFF"):
            self.on = payload == "ON"
        elif topic.endswith("/brightness/set"):
            with contextlib.suppress(ValueError):
                self._percent = int(number(payload, 1, 100))
                self.on = True

    def reports(self) -> Reports:
        reports: dict[str, Any] = {self.key: "ON" if self.on else "OFF"}
        return {**reports, f"{self.key}/brightness": str(self._percent)} if self._dimmable else reports
