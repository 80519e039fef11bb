"""Choices of the hub's own: one of several words."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import BOOLEAN, TEXT, TEXTS

_CYCLE = Field(name="cycle", selector=BOOLEAN, default=True, description="Whether to go on at the other end.")


def _action(name: str, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(domain="input_select", name=name, fields=fields, description=description)


INPUT_SELECT = Domain(
    name="input_select",
    attributes=(
        Attribute(name="options", description="the options it has", capability=True),
        Attribute(name="editable", description="whether it was made in the dashboard"),
    ),
    actions=(
        _action("select_first", "Selects the first option."),
        _action("select_last", "Selects the last option."),
        _action("select_next", "Selects the next option.", _CYCLE),
        _action("select_previous", "Selects the previous option.", _CYCLE),
        _action(
            "select_option",
            "Selects an option.",
            Field(name="option", selector=TEXT, required=True, example="Item A"),
        ),
        _action(
            "set_options",
            "Gives a choice other options.",
            Field(name="options", selector=TEXTS, required=True, example=["Item A", "Item B", "Item C"]),
        ),
    ),
)
