"""What moves: blinds, a lock's bolt, a fan. It takes its time, and says so meanwhile."""

from __future__ import annotations

import contextlib
from typing import Any

from hearth_demo.home.parts.part import Part, Reports, number
from hearth_demo.words import Words


class Blinds(Part):
    """A cover that needs ``travel`` seconds from shut (0) to open (100)."""

    platform = "cover"

    def __init__(self, key: str = "blinds", name: Words | None = None, *, travel: float = 12.0, **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self._speed = 100.0 / travel
        self._position = 100.0
        self._target = 100.0

    def config(self, language: str) -> dict[str, Any]:
        return {
            "command_topic": f"~/{self.key}/set",
            "state_topic": f"~/{self.key}",
            "position_topic": f"~/{self.key}/position",
            "set_position_topic": f"~/{self.key}/position/set",
        }

    @property
    def told_at(self) -> tuple[str, ...]:
        return f"{self.key}/set", f"{self.key}/position/set"

    def handle(self, topic: str, payload: str) -> None:
        if topic.endswith("/position/set"):
            with contextlib.suppress(ValueError):
                self._target = number(payload, 0.0, 100.0)
        else:
            self._target = {"OPEN": 100.0, "CLOSE": 0.0, "STOP": self._position}.get(payload, self._target)

    def step(self, seconds: float) -> None:
        way, reach = self._target - self._position, self._speed * seconds
        self._position += max(-reach, min(reach, way))

    def reports(self) -> Reports:
        return {self.key: self._state(), f"{self.key}/position": str(round(self._position))}

    def _state(self) -> str:
        if self._target != self._position:
            return "opening" if self._target > self._position else "closing"
        return "open" if self._position > 0 else "closed"


class Lock(Part):
    """A bolt that needs ``travel`` seconds."""

    platform = "lock"

    def __init__(self, key: str = "lock", name: Words | None = None, *, travel: float = 1.5, **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self._travel = travel
        self._left = 0.0
        self._locked = True

    def config(self, language: str) -> dict[str, Any]:
        return {"command_topic": f"~/{self.key}/set", "state_topic": f"~/{self.key}"}

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set",)

    def handle(self, topic: str, payload: str) -> None:
        if payload in ("LOCK", "UNLOCK") and self._locked != (payload == "LOCK"):
            self._locked, self._left = payload == "LOCK", self._travel

    def step(self, seconds: float) -> None:
        self._left = max(0.0, self._left - seconds)

    def reports(self) -> Reports:
        moving, still = ("LOCKING", "LOCKED") if self._locked else ("UNLOCKING", "UNLOCKED")
        return {self.key: moving if self._left > 0 else still}


class Fan(Part):
    """A fan with three speeds that can turn to and fro."""

    platform = "fan"

    def __init__(self, key: str = "fan", name: Words | None = None, **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self.on = False
        self._speed = 1
        self._oscillating = False

    def config(self, language: str) -> dict[str, Any]:
        topic = f"~/{self.key}"
        return {
            "command_topic": f"{topic}/set",
            "state_topic": topic,
            "percentage_command_topic": f"{topic}/speed/set",
            "percentage_state_topic": f"{topic}/speed",
            "speed_range_min": 1,
            "speed_range_max": 3,
            "oscillation_command_topic": f"{topic}/oscillation/set",
            "oscillation_state_topic": f"{topic}/oscillation",
        }

    @property
    def told_at(self) -> tuple[str, ...]:
        return tuple(f"{self.key}{part}/set" for part in ("", "/speed", "/oscillation"))

    def handle(self, topic: str, payload: str) -> None:
        if topic.endswith("/speed/set"):
            with contextlib.suppress(ValueError):
                speed = int(number(payload, 0, 3))
                self.on, self._speed = speed > 0, speed or self._speed
        elif topic.endswith("/oscillation/set"):
            self._oscillating = payload == "oscillate_on"
        elif payload in ("ON", "OFF"):
            self.on = payload == "ON"

    def reports(self) -> Reports:
        return {
            self.key: "ON" if self.on else "OFF",
            f"{self.key}/speed": str(self._speed if self.on else 0),
            f"{self.key}/oscillation": "oscillate_on" if self._oscillating else "oscillate_off",
        }
