"""Plugs: a switch and what flows through it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hearth_demo.home.parts.part import Part, Reports
from hearth_demo.home.parts.readings import STATE
from hearth_demo.words import Words


class Switch(Part):
    """On or off, in the device's common document."""

    platform = "switch"

    def __init__(self, key: str = "switch", name: Words | None = None, *, on: bool = False, **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self.on = on
        self._since = 0.0

    def config(self, language: str) -> dict[str, Any]:
        return {
            "state_topic": f"~/{STATE}",
            "value_template": f"{{{{ value_json.{self.key} }}}}",
            "command_topic": f"~/{self.key}/set",
        }

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set",)

    def on_for(self) -> float | None:
        """Return for how many seconds it has been on, or None while it is off."""
        return self._since if self.on else None

    def handle(self, topic: str, payload: str) -> None:
        if payload in ("ON", "OFF") and self.on != (payload == "ON"):
            self.on, self._since = payload == "ON", 0.0

    def step(self, seconds: float) -> None:
        self._since += seconds

    def reports(self) -> Reports:
        return {STATE: {self.key: "ON" if self.on else "OFF"}}


class Load:
    """What is plugged in: ``watts`` while it works, ``idle`` while it waits, in turns of ``works`` and ``waits`` seconds.

    ``on_for`` says for how many seconds it has had power, None while it has none.
    """

    def __init__(
        self,
        on_for: Callable[[], float | None],
        source: random.Random,
        *,
        watts: float,
        idle: float = 0.0,
        works: float = 1.0,
        waits: float = 0.0,
    ) -> None:
        self._on_for = on_for
        self._random = source
        self._watts, self._idle = watts, idle
        self._works, self._waits = works, waits

    def power(self) -> float:
        """Return the power drawn now, in watts."""
        on_for = self._on_for()
        if on_for is None:
            return 0.0
        works = on_for % (self._works + self._waits) < self._works
        usual = self._watts if works else self._idle
        return max(0.0, self._random.gauss(usual, usual * 0.02))
