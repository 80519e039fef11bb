"""Numbers of the hub's own."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import number


def _action(name: str, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(domain="input_number", name=name, fields=fields, description=description)


INPUT_NUMBER = Domain(
    name="input_number",
    attributes=(
        Attribute(name="initial", description="the value it begins with", capability=True),
        Attribute(name="min", description="its lowest value", capability=True),
        Attribute(name="max", description="its highest value", capability=True),
        Attribute(name="step", description="the smallest change", capability=True),
        Attribute(name="mode", description="how to show it: box or slider", capability=True),
        Attribute(name="editable", description="whether it was made in the dashboard"),
    ),
    actions=(
        _action(
            "set_value",
            "Sets the value of a number of the hub's own.",
            Field(name="value", selector=number(step=0.001, mode="box"), required=True),
        ),
        _action("increment", "Increases a number of the hub's own by one step."),
        _action("decrement", "Decreases a number of the hub's own by one step."),
    ),
)
