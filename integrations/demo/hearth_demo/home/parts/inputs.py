"""What a device can be set to, and what it is told by hand: number, select, text, button, doorbell."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

from hearth_demo.home.parts.part import Part, Reports, number
from hearth_demo.words import Words


class Number(Part):
    """A quantity that moves to what it was set to with ``speed`` a second."""

    platform = "number"

    def __init__(
        self, key: str, name: Words | None = None, *, value: float, low: float, high: float, speed: float, **extra: Any
    ) -> None:
        super().__init__(key, name, **extra)
        self._value = self._target = value
        self._low, self._high, self._speed = low, high, speed

    def config(self, language: str) -> dict[str, Any]:
        topic = f"~/{self.key}"
        return {"command_topic": f"{topic}/set", "state_topic": topic, "min": self._low, "max": self._high}

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set",)

    def handle(self, topic: str, payload: str) -> None:
        with contextlib.suppress(ValueError):
            self._target = number(payload, self._low, self._high)

    def step(self, seconds: float) -> None:
        reach = self._speed * seconds
        self._value += max(-reach, min(reach, self._target - self._value))

    def reports(self) -> Reports:
        return {self.key: f"{self._value:.0f}"}


class Select(Part):
    """One of several words, each in the home's language."""

    platform = "select"

    def __init__(self, key: str, name: Words | None = None, *, options: tuple[Words, ...], language: str) -> None:
        super().__init__(key, name)
        self._options = [option.spoken(language) for option in options]
        self._chosen = self._options[0]

    def config(self, language: str) -> dict[str, Any]:
        return {"command_topic": f"~/{self.key}/set", "state_topic": f"~/{self.key}", "options": self._options}

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set",)

    def handle(self, topic: str, payload: str) -> None:
        if payload in self._options:
            self._chosen = payload

    def reports(self) -> Reports:
        return {self.key: self._chosen}


class Text(Part):
    """A line of text, kept as it was written."""

    platform = "text"
    _longest = 200

    def __init__(self, key: str, name: Words | None = None, *, text: str = "", **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self._text = text

    def config(self, language: str) -> dict[str, Any]:
        topic = f"~/{self.key}"
        return {"command_topic": f"{topic}/set", "state_topic": topic, "min": 0, "max": self._longest}

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set",)

    def handle(self, topic: str, payload: str) -> None:
        self._text = payload[: self._longest]

    def reports(self) -> Reports:
        return {self.key: self._text}


class Doorbell(Part):
    """Somebody rings now and then: about every ``every`` seconds."""

    platform = "event"

    def __init__(
        self, key: str, name: Words | None = None, *, every: float, source: random.Random, **extra: Any
    ) -> None:
        super().__init__(key, name, **extra)
        self._every = every
        self._random = source
        self._due = source.expovariate(1 / every)
        self._rung = 0

    def config(self, language: str) -> dict[str, Any]:
        return {"state_topic": f"~/{self.key}", "event_types": ["press"], "device_class": "doorbell"}

    def ring(self) -> None:
        """Ring now."""
        self._rung += 1

    def step(self, seconds: float) -> None:
        self._due -= seconds
        if self._due <= 0:
            self._due = self._random.expovariate(1 / self._every)
            self.ring()

    def occurrences(self) -> list[tuple[str, Any]]:
        rung, self._rung = self._rung, 0
        return [(self.key, {"event_type": "press"})] * rung


class Button(Part):
    """Does something when it is pressed."""

    platform = "button"

    def __init__(self, key: str, name: Words | None = None, *, press: Callable[[], None], **extra: Any) -> None:
        super().__init__(key, name, **extra)
        self._press = press

    def config(self, language: str) -> dict[str, Any]:
        return {"command_topic": f"~/{self.key}/set"}

    @property
    def told_at(self) -> tuple[str, ...]:
        return (f"{self.key}/set",)

    def handle(self, topic: str, payload: str) -> None:
        if payload == "PRESS":
            self._press()
