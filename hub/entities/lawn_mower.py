"""Lawn mowers that drive by themselves."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.entities.domain import Domain


class LawnMowerFeature(IntFlag):
    """What a lawn mower can do."""

    START_MOWING = 1
    PAUSE = 2
    DOCK = 4


def _action(name: str, features: LawnMowerFeature, description: str) -> ActionDescription:
    return ActionDescription(domain="lawn_mower", name=name, features=features, description=description)


LAWN_MOWER = Domain(
    name="lawn_mower",
    states=frozenset({"docked", "error", "mowing", "paused", "returning"}),
    features=LawnMowerFeature,
    actions=(
        _action("start_mowing", LawnMowerFeature.START_MOWING, "Starts or resumes mowing."),
        _action("pause", LawnMowerFeature.PAUSE, "Pauses mowing."),
        _action("dock", LawnMowerFeature.DOCK, "Ends mowing and sends a lawn mower to its dock."),
    ),
)
