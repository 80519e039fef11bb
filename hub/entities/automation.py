"""Automations, as entities: on is enabled. The blueprint runner owns them."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import BOOLEAN


def _action(name: str, description: str, *fields: Field, entity: bool = True) -> ActionDescription:
    return ActionDescription(domain="automation", name=name, fields=fields, description=description, entity=entity)


AUTOMATION = Domain(
    name="automation",
    states=frozenset({"on", "off"}),
    attributes=(
        Attribute(name="id", description="the automation's id in its file", capability=True),
        Attribute(name="mode", description="what a trigger does during a run: single, restart, queued, parallel"),
        Attribute(name="current", description="how many runs are going on"),
        Attribute(name="max", description="how many runs there may be at once"),
        Attribute(name="last_triggered", description="when it last ran"),
    ),
    actions=(
        _action(
            "trigger",
            "Runs the steps of an automation.",
            Field(
                name="skip_condition",
                selector=BOOLEAN,
                default=True,
                description="Whether to pass its conditions over.",
            ),
        ),
        _action("toggle", "Toggles (enables / disables) an automation."),
        _action("turn_on", "Enables an automation."),
        _action(
            "turn_off",
            "Disables an automation.",
            Field(
                name="stop_actions",
                selector=BOOLEAN,
                default=True,
                description="Whether to end runs that are going on.",
            ),
        ),
        _action("reload", "Reads the automations from their files again.", entity=False),
    ),
)
