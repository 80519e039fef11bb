"""Events: something that happens at a device, such as a button pressed. The state is when, as an ISO time."""

from __future__ import annotations

from hub.entities.domain import Attribute, Domain

EVENT = Domain(
    name="event",
    device_classes=frozenset({"button", "doorbell", "motion"}),
    attributes=(
        Attribute(name="event_types", description="what may happen", capability=True),
        Attribute(name="event_type", description="what happened last"),
    ),
)
