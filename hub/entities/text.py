"""Texts: a setting of a device that is text."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import TEXT as TEXT_SELECTOR

TEXT = Domain(
    name="text",
    attributes=(
        Attribute(name="min", description="the fewest characters", capability=True),
        Attribute(name="max", description="the most characters", capability=True),
        Attribute(name="mode", description="text or password", capability=True),
        Attribute(name="pattern", description="a regular expression that it matches", capability=True),
    ),
    actions=(
        ActionDescription(
            domain="text",
            name="set_value",
            description="Sets the value of a text.",
            fields=(Field(name="value", selector=TEXT_SELECTOR, required=True, example="Hello world!"),),
        ),
    ),
)
