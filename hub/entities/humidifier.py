"""Humidifiers and dehumidifiers."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import PERCENT, TEXT


class HumidifierFeature(IntFlag):
    """What a humidifier can do besides keeping a humidity."""

    MODES = 1


def _action(name: str, description: str, *fields: Field, features: int = 0) -> ActionDescription:
    return ActionDescription(domain="humidifier", name=name, features=features, fields=fields, description=description)


HUMIDIFIER = Domain(
    name="humidifier",
    states=frozenset({"on", "off"}),
    features=HumidifierFeature,
    device_classes=frozenset({"dehumidifier", "humidifier"}),
    attributes=(
        Attribute(name="min_humidity", description="lowest target humidity", unit="%", capability=True),
        Attribute(name="max_humidity", description="highest target humidity", unit="%", capability=True),
        Attribute(
            name="target_humidity_step",
            description="smallest change of the target humidity",
            unit="%",
            capability=True,
        ),
        Attribute(name="available_modes", description="the modes it has", capability=True),
        Attribute(name="action", description="what it is doing now: humidifying, drying, idle, off"),
        Attribute(name="current_humidity", description="measured humidity", unit="%"),
        Attribute(name="humidity", description="target humidity", unit="%"),
        Attribute(name="mode", description="the mode in force"),
    ),
    actions=(
        _action("turn_on", "Turns a humidifier on."),
        _action("turn_off", "Turns a humidifier off."),
        _action("toggle", "Toggles a humidifier on or off."),
        _action(
            "set_mode",
            "Sets the mode of a humidifier.",
            Field(name="mode", selector=TEXT, required=True, example="away"),
            features=HumidifierFeature.MODES,
        ),
        _action(
            "set_humidity",
            "Sets the target humidity of a humidifier.",
            Field(name="humidity", selector=PERCENT, required=True),
        ),
    ),
)
