"""Timers: they run for a duration, and say so when it is over."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain


def _action(name: str, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(domain="timer", name=name, fields=fields, description=description)


TIMER = Domain(
    name="timer",
    states=frozenset({"active", "idle", "paused"}),
    attributes=(
        Attribute(name="duration", description="how long it runs, as H:MM:SS"),
        Attribute(name="remaining", description="how much of that is left, as H:MM:SS"),
        Attribute(name="finishes_at", description="when it is over"),
        Attribute(name="restore", description="whether it goes on after a restart"),
        Attribute(name="editable", description="whether it was made in the dashboard"),
    ),
    actions=(
        _action(
            "start",
            "Starts a timer, or lets it go on.",
            Field(
                name="duration",
                selector={"duration": {}},
                example="00:01:00 or 60",
                description="How long; without it as long as it is set to.",
            ),
        ),
        _action("pause", "Pauses a running timer."),
        _action("cancel", "Ends a timer before its time is over."),
        _action("finish", "Ends a timer as if its time were over."),
        _action(
            "change",
            "Makes a running timer longer or shorter.",
            Field(
                name="duration",
                selector={"duration": {"allow_negative": True}},
                required=True,
                example="00:01:00, 60 or -60",
                description="By how much.",
            ),
        ),
    ),
)
