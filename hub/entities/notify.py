"""Notifications: to a person's device as an entity, and those that stay in the dashboard until they are dismissed."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Domain
from hub.entities.selectors import OBJECT, TEXT


class NotifyFeature(IntFlag):
    """What a message may have besides its text."""

    TITLE = 1


def _persistent(name: str, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(
        domain="persistent_notification", name=name, fields=fields, description=description, entity=False
    )


NOTIFY = Domain(
    name="notify",
    features=NotifyFeature,
    actions=(
        ActionDescription(
            domain="notify",
            name="send_message",
            description="Sends a message.",
            fields=(
                Field(name="message", selector=TEXT, required=True),
                Field(name="title", selector=TEXT, features=NotifyFeature.TITLE),
            ),
        ),
        ActionDescription(
            domain="notify",
            name="persistent_notification",
            entity=False,
            description="Shows a notification in the dashboard.",
            fields=(
                Field(
                    name="message",
                    selector=TEXT,
                    required=True,
                    example="The garage door has been open for 10 minutes.",
                ),
                Field(name="title", selector=TEXT, example="Your Garage Door Friend"),
                Field(name="data", selector=OBJECT, description="notification_id, to replace it later."),
            ),
        ),
    ),
)

PERSISTENT_NOTIFICATION = Domain(
    name="persistent_notification",
    actions=(
        _persistent(
            "create",
            "Shows a notification in the dashboard.",
            Field(name="message", selector=TEXT, required=True, example="The cellar is wet."),
            Field(name="title", selector=TEXT, example="Water"),
            Field(
                name="notification_id", selector=TEXT, example="cellar", description="It replaces one of the same id."
            ),
        ),
        _persistent(
            "dismiss",
            "Takes a notification away.",
            Field(name="notification_id", selector=TEXT, required=True, example="cellar"),
        ),
        _persistent("dismiss_all", "Takes all notifications away."),
    ),
)
