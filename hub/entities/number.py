"""Numbers: a setting of a device that is a number."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities import selectors
from hub.entities.domain import Attribute, Domain
from hub.entities.sensor import NUMERIC_CLASSES

NUMBER = Domain(
    name="number",
    device_classes=NUMERIC_CLASSES,
    attributes=(
        Attribute(name="min", description="its lowest value", capability=True),
        Attribute(name="max", description="its highest value", capability=True),
        Attribute(name="step", description="the smallest change", capability=True),
        Attribute(name="mode", description="how to show it: auto, box or slider", capability=True),
    ),
    actions=(
        ActionDescription(
            domain="number",
            name="set_value",
            description="Sets the value of a number.",
            fields=(Field(name="value", selector=selectors.number(step="any", mode="box"), required=True, example=42),),
        ),
    ),
)
