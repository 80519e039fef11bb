"""What long work tells of how far it is; who shows it, and where, is the caller's affair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What is counted."""

    BYTES = "bytes"
    STEPS = "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """``done`` of ``total``; ``task`` names the work, and a new name begins a new count. ``detail`` is what it is at."""

    task: str
    done: int
    total: int
    unit: Unit = Unit.STEPS
    detail: str = ""


Progress = Callable[[Advance], None]


def silent(advance: Advance) -> None:
    """Show nothing."""
