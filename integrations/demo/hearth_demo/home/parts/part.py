"""A part of a device: one entity, as firmware sees it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from hearth_demo.words import Words

Reports = Mapping[str, Any]
"""What a part says: topic below the device's, and text or a mapping that is sent as JSON (of several parts together)."""


class Part:
    """One entity of a device.

    ``key`` names it within the device and on its topics, ``name`` to people (None: it is called as the device is). Further
    keywords go into its announcement as they are.
    """

    platform: ClassVar[str]

    def __init__(self, key: str, name: Words | None = None, *, entity: str | None = None, **extra: Any) -> None:
        self.key = key
        self.name = name
        self.entity = entity or key
        self.extra = extra

    def config(self, language: str) -> dict[str, Any]:
        """Return what it announces besides name, device and availability; topics begin with ``~``."""
        return {}

    def reports(self) -> Reports:
        """Return everything that it has to say now."""
        return {}

    def occurrences(self) -> list[tuple[str, Any]]:
        """Return what has happened since the last call: said once, and not kept by the broker."""
        return []

    def handle(self, topic: str, payload: str) -> None:
        """Do what a message on ``topic`` (below the device's) asks. What makes no sense is passed over, as by a device."""

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass."""

    @property
    def told_at(self) -> tuple[str, ...]:
        """The topics, below the device's, on which it listens."""
        return ()


def number(value: Any, low: float, high: float) -> float:
    """Return what was sent as a number, as near as it may be.

    Raises ValueError or TypeError if it is none.
    """
    amount = float(value)
    if math.isnan(amount):
        raise ValueError("not a number")
    return max(low, min(high, amount))
