"""Buttons: their state is when they were last pressed here, as an ISO time."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.entities.domain import Domain

BUTTON = Domain(
    name="button",
    device_classes=frozenset({"identify", "restart", "update"}),
    actions=(ActionDescription(domain="button", name="press", description="Presses a button."),),
)
