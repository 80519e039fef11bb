"""Switches: sockets and everything else that is on or off."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.entities.domain import Domain

SWITCH = Domain(
    name="switch",
    states=frozenset({"on", "off"}),
    device_classes=frozenset({"outlet", "switch"}),
    actions=(
        ActionDescription(domain="switch", name="turn_on", description="Turns on one or more switches."),
        ActionDescription(domain="switch", name="turn_off", description="Turns off one or more switches."),
        ActionDescription(domain="switch", name="toggle", description="Toggles one or more switches on or off."),
    ),
)
