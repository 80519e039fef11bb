"""Valves for water or gas. 100 is open, 0 is closed. Opening one for gas is sensitive."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import PERCENT


class ValveFeature(IntFlag):
    """What a valve can do."""

    OPEN = 1
    CLOSE = 2
    SET_POSITION = 4
    STOP = 8


_DANGEROUS = frozenset({"gas"})


def _action(
    name: str, features: ValveFeature, description: str, *fields: Field, opens: bool = False
) -> ActionDescription:
    return ActionDescription(
        domain="valve",
        name=name,
        features=features,
        fields=fields,
        description=description,
        sensitive_classes=_DANGEROUS if opens else frozenset(),
    )


VALVE = Domain(
    name="valve",
    states=frozenset({"closed", "closing", "open", "opening"}),
    features=ValveFeature,
    device_classes=frozenset({"gas", "water"}),
    attributes=(Attribute(name="current_position", description="how far it is open", unit="%"),),
    actions=(
        _action("open_valve", ValveFeature.OPEN, "Opens a valve.", opens=True),
        _action("close_valve", ValveFeature.CLOSE, "Closes a valve."),
        _action(
            "set_valve_position",
            ValveFeature.SET_POSITION,
            "Moves a valve to a position.",
            Field(name="position", selector=PERCENT, required=True, description="0 is closed, 100 is open."),
            opens=True,
        ),
        _action("stop_valve", ValveFeature.STOP, "Stops the movement of a valve."),
        _action(
            "toggle",
            ValveFeature.OPEN | ValveFeature.CLOSE,
            "Opens a closed valve and closes an open one.",
            opens=True,
        ),
    ),
)
