"""Covers: blinds, curtains, garage doors, gates. 100 is open, 0 is closed. Opening what one walks or drives through is sensitive."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import PERCENT


class CoverFeature(IntFlag):
    """What a cover can do."""

    OPEN = 1
    CLOSE = 2
    SET_POSITION = 4
    STOP = 8
    OPEN_TILT = 16
    CLOSE_TILT = 32
    STOP_TILT = 64
    SET_TILT_POSITION = 128


_ENTRANCES = frozenset({"door", "garage", "gate"})


def _action(
    name: str, features: CoverFeature, description: str, *fields: Field, opens: bool = False
) -> ActionDescription:
    return ActionDescription(
        domain="cover",
        name=name,
        features=features,
        fields=fields,
        description=description,
        sensitive_classes=_ENTRANCES if opens else frozenset(),
    )


COVER = Domain(
    name="cover",
    states=frozenset({"open", "opening", "closed", "closing"}),
    features=CoverFeature,
    device_classes=frozenset(
        ["awning", "blind", "curtain", "damper", "door", "garage", "gate", "shade", "shutter", "window"]
    ),
    attributes=(
        Attribute(name="current_position", description="how far it is open", unit="%"),
        Attribute(name="current_tilt_position", description="how far its slats are open", unit="%"),
    ),
    actions=(
        _action("open_cover", CoverFeature.OPEN, "Opens a cover.", opens=True),
        _action("close_cover", CoverFeature.CLOSE, "Closes a cover."),
        _action(
            "toggle",
            CoverFeature.OPEN | CoverFeature.CLOSE,
            "Opens a closed cover and closes an open one.",
            opens=True,
        ),
        _action(
            "set_cover_position",
            CoverFeature.SET_POSITION,
            "Moves a cover to a position.",
            Field(name="position", selector=PERCENT, required=True, description="0 is closed, 100 is open."),
            opens=True,
        ),
        _action("stop_cover", CoverFeature.STOP, "Stops the movement of a cover."),
        _action("open_cover_tilt", CoverFeature.OPEN_TILT, "Tilts a cover open."),
        _action("close_cover_tilt", CoverFeature.CLOSE_TILT, "Tilts a cover closed."),
        _action("toggle_cover_tilt", CoverFeature.OPEN_TILT | CoverFeature.CLOSE_TILT, "Toggles a cover's tilt."),
        _action(
            "set_cover_tilt_position",
            CoverFeature.SET_TILT_POSITION,
            "Moves a cover's slats to a position.",
            Field(name="tilt_position", selector=PERCENT, required=True, description="0 is closed, 100 is open."),
        ),
        _action("stop_cover_tilt", CoverFeature.STOP_TILT, "Stops the movement of a cover's slats."),
    ),
)
