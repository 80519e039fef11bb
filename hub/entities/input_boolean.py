"""Switches of the hub's own: something is so, or not."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.entities.domain import Attribute, Domain


def _action(name: str, description: str) -> ActionDescription:
    return ActionDescription(domain="input_boolean", name=name, description=description)


INPUT_BOOLEAN = Domain(
    name="input_boolean",
    states=frozenset({"on", "off"}),
    attributes=(Attribute(name="editable", description="whether it was made in the dashboard"),),
    actions=(
        _action("turn_on", "Turns a switch of the hub's own on."),
        _action("turn_off", "Turns a switch of the hub's own off."),
        _action("toggle", "Toggles a switch of the hub's own on or off."),
    ),
)
