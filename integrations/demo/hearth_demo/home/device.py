"""A simulated device: its parts behind one MQTT connection, and the power cuts that it suffers."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hearth_demo.home.parts import Part
from hearth_demo.words import Words


class Form(StrEnum):
    """How a device announces itself: a message for each entity, the same in short, or one for the whole device."""

    ENTITIES = "entities"
    SHORT = "short"
    DEVICE = "device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a device is. ``area`` is a key of the layout, ``mqtt`` the protocol's version that its firmware speaks."""

    key: str
    name: Words
    area: str
    model: str
    manufacturer: str = "Hearth Demo Works"
    form: Form = Form.ENTITIES
    mqtt: int = 5


class Outages:
    """Power cuts: after about ``up`` seconds the device is gone for about ``down``."""

    def __init__(self, source: random.Random, *, up: float, down: float) -> None:
        self._random = source
        self._up, self._down = up, down
        self.powered = True
        self._left = self._about(up)

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        self._left -= seconds
        if self._left <= 0:
            self.powered = not self.powered
            self._left = self._about(self._up if self.powered else self._down)

    def _about(self, seconds: float) -> float:
        return seconds * self._random.uniform(0.7, 1.3)


class Device:
    """One device. ``changed`` is set when it may have something to say, ``powered`` or ``dark`` as there is power or none."""

    def __init__(self, identity: Identity, parts: Sequence[Part], outages: Outages | None = None) -> None:
        self.identity = identity
        self.parts = tuple(parts)
        self.changed = asyncio.Event()
        self.powered = asyncio.Event()
        self.powered.set()
        self.dark = asyncio.Event()
        self._outages = outages

    @property
    def base(self) -> str:
        """The topic that all its topics begin with."""
        return f"hearth-demo/{self.identity.key}"

    @property
    def told_at(self) -> list[str]:
        """The topics on which it listens."""
        return [f"{self.base}/{topic}" for part in self.parts for topic in part.told_at]

    def reports(self) -> dict[str, str]:
        """Return everything that it has to say now: payload by topic. Documents of parts on one topic become one."""
        documents: dict[str, Any] = {}
        for part in self.parts:
            for topic, said in part.reports().items():
                shared = {**documents.get(topic, {}), **said} if isinstance(said, Mapping) else said
                documents[topic] = shared
        return {f"{self.base}/{topic}": _payload(said) for topic, said in documents.items()}

    def occurrences(self) -> list[tuple[str, str]]:
        """Return what has happened since the last call."""
        return [(f"{self.base}/{topic}", _payload(said)) for part in self.parts for topic, said in part.occurrences()]

    def handle(self, topic: str, payload: str) -> None:
        """Do what a message asks."""
        below = topic.removeprefix(f"{self.base}/")
        for part in self.parts:
            if below in part.told_at:
                part.handle(below, payload)
        self.changed.set()

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        if self._outages is not None:
            self._outages.step(seconds)
            states = (self.powered, self.dark) if self._outages.powered else (self.dark, self.powered)
            self._power(*states)
        for part in self.parts:
            part.step(seconds)
        self.changed.set()

    def _power(self, now: asyncio.Event, before: asyncio.Event) -> None:
        now.set()
        before.clear()


def _payload(said: Any) -> str:
    return said if isinstance(said, str) else json.dumps(said)
