"""Schedules: on during blocks of the week."""

from __future__ import annotations

from hub.core.actions import ActionDescription, ResponseMode
from hub.entities.domain import Attribute, Domain

SCHEDULE = Domain(
    name="schedule",
    states=frozenset({"on", "off"}),
    attributes=(
        Attribute(name="next_event", description="when it next changes"),
        Attribute(name="editable", description="whether it was made in the dashboard"),
    ),
    actions=(
        ActionDescription(
            domain="schedule",
            name="get_schedule",
            response=ResponseMode.ONLY,
            description="Returns the blocks of a schedule: by entity, a list for each day of the week.",
        ),
    ),
)
