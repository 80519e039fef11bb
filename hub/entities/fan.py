"""Fans: on or off, with a speed in percent and presets."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import BOOLEAN, PERCENT, TEXT, select


class FanFeature(IntFlag):
    """What a fan can do."""

    SET_SPEED = 1
    OSCILLATE = 2
    DIRECTION = 4
    PRESET_MODE = 8
    TURN_OFF = 16
    TURN_ON = 32


def _action(name: str, features: int, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(domain="fan", name=name, features=features, fields=fields, description=description)


_STEP = Field(name="percentage_step", selector=PERCENT, description="How much to change the speed, in percent.")
_PRESET = Field(name="preset_mode", selector=TEXT, example="auto", required=True)

FAN = Domain(
    name="fan",
    states=frozenset({"on", "off"}),
    features=FanFeature,
    attributes=(
        Attribute(name="preset_modes", description="the presets it has", capability=True),
        Attribute(name="percentage", description="its speed", unit="%"),
        Attribute(name="percentage_step", description="the difference between two speeds", unit="%"),
        Attribute(name="preset_mode", description="the preset in force"),
        Attribute(name="oscillating", description="whether it turns to and fro"),
        Attribute(name="direction", description="forward or reverse"),
    ),
    actions=(
        _action(
            "turn_on",
            FanFeature.TURN_ON,
            "Turns a fan on.",
            Field(name="percentage", selector=PERCENT, features=FanFeature.SET_SPEED, description="Its speed."),
            Field(name="preset_mode", selector=TEXT, example="auto", features=FanFeature.PRESET_MODE),
        ),
        _action("turn_off", FanFeature.TURN_OFF, "Turns a fan off."),
        _action("toggle", 0, "Toggles a fan on or off."),
        _action("increase_speed", FanFeature.SET_SPEED, "Increases the speed of a fan.", _STEP),
        _action("decrease_speed", FanFeature.SET_SPEED, "Decreases the speed of a fan.", _STEP),
        _action(
            "set_percentage",
            FanFeature.SET_SPEED,
            "Sets the speed of a fan.",
            Field(name="percentage", selector=PERCENT, required=True, description="Its speed; 0 turns it off."),
        ),
        _action("set_preset_mode", FanFeature.PRESET_MODE, "Sets the preset of a fan.", _PRESET),
        _action(
            "oscillate",
            FanFeature.OSCILLATE,
            "Makes a fan turn to and fro, or stops that.",
            Field(name="oscillating", selector=BOOLEAN, required=True),
        ),
        _action(
            "set_direction",
            FanFeature.DIRECTION,
            "Sets the direction of a fan.",
            Field(name="direction", selector=select("forward", "reverse"), required=True),
        ),
    ),
)
