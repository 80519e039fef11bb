"""Texts of the hub's own."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import TEXT

INPUT_TEXT = Domain(
    name="input_text",
    attributes=(
        Attribute(name="min", description="the fewest characters", capability=True),
        Attribute(name="max", description="the most characters", capability=True),
        Attribute(name="pattern", description="a regular expression that it matches", capability=True),
        Attribute(name="mode", description="text or password", capability=True),
        Attribute(name="editable", description="whether it was made in the dashboard"),
    ),
    actions=(
        ActionDescription(
            domain="input_text",
            name="set_value",
            description="Sets the value of a text of the hub's own.",
            fields=(Field(name="value", selector=TEXT, required=True, example="This is an example text"),),
        ),
    ),
)
