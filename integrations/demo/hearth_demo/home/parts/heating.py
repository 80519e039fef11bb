"""The thermostat: it steers a room's radiator."""

from __future__ import annotations

import contextlib
from typing import Any

from hearth_demo.home.parts.part import Part, Reports, number
from hearth_demo.home.world import Room
from hearth_demo.words import Words


class Thermostat(Part):
    """Heats a room towards its target."""

    platform = "climate"

    def __init__(self, key: str = "thermostat", name: Words | None = None, *, room: Room, **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self._room = room
        self._on = True
        self._target = 21.0
        self._steer()

    def config(self, language: str) -> dict[str, Any]:
        topic = f"~/{self.key}"
        return {
            "modes": ["off", "heat"],
            "mode_command_topic": f"{topic}/mode/set",
            "mode_state_topic": f"{topic}/mode",
            "temperature_command_topic": f"{topic}/target/set",
            "temperature_state_topic": f"{topic}/target",
            "current_temperature_topic": f"{topic}/current",
            "action_topic": f"{topic}/action",
            "min_temp": 7,
            "max_temp": 28,
            "temp_step": 0.5,
            "temperature_unit": "C",
        }

    @property
    def told_at(self) -> tuple[str, ...]:
        return f"{self.key}/mode/set", f"{self.key}/target/set"

    def handle(self, topic: str, payload: str) -> None:
        if topic.endswith("/target/set"):
            with contextlib.suppress(ValueError):
                self._target = number(payload, 7.0, 28.0)
        elif payload in ("off", "heat"):
            self._on = payload == "heat"
        self._steer()

    def reports(self) -> Reports:
        action = "heating" if self._room.wants_heat else "idle"
        return {
            f"{self.key}/mode": "heat" if self._on else "off",
            f"{self.key}/target": f"{self._target:.1f}",
            f"{self.key}/current": f"{self._room.temperature:.1f}",
            f"{self.key}/action": action if self._on else "off",
        }

    def _steer(self) -> None:
        self._room.target = self._target if self._on else None
