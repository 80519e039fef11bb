"""Buttons of the hub's own: their state is when they were last pressed, as an ISO time."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.entities.domain import Attribute, Domain

INPUT_BUTTON = Domain(
    name="input_button",
    attributes=(Attribute(name="editable", description="whether it was made in the dashboard"),),
    actions=(ActionDescription(domain="input_button", name="press", description="Presses a button of the hub's own."),),
)
