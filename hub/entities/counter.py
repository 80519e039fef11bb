"""Counters."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import number


def _action(name: str, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(domain="counter", name=name, fields=fields, description=description)


COUNTER = Domain(
    name="counter",
    attributes=(
        Attribute(name="initial", description="the value it begins with", capability=True),
        Attribute(name="step", description="by how much it counts", capability=True),
        Attribute(name="minimum", description="its lowest value", capability=True),
        Attribute(name="maximum", description="its highest value", capability=True),
        Attribute(name="editable", description="whether it was made in the dashboard"),
    ),
    actions=(
        _action("increment", "Counts up by one step."),
        _action("decrement", "Counts down by one step."),
        _action("reset", "Sets a counter to its first value."),
        _action(
            "set_value",
            "Sets the value of a counter.",
            Field(name="value", selector=number(0, mode="box"), required=True),
        ),
    ),
)
