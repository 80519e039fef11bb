"""Climate devices: thermostats, air conditioners, heat pumps. Temperatures are in the unit that the hub is set to."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import TEXT, number, select

HVAC_MODES = ("off", "auto", "cool", "dry", "fan_only", "heat_cool", "heat")
HVAC_ACTIONS = ("cooling", "defrosting", "drying", "fan", "heating", "idle", "off", "preheating")


class ClimateFeature(IntFlag):
    """What a climate device can do."""

    TARGET_TEMPERATURE = 1
    TARGET_TEMPERATURE_RANGE = 2
    TARGET_HUMIDITY = 4
    FAN_MODE = 8
    PRESET_MODE = 16
    SWING_MODE = 32
    TURN_OFF = 128
    TURN_ON = 256
    SWING_HORIZONTAL_MODE = 512


_TEMPERATURE = number(0, 250, step=0.1, mode="box")


def _temperature(name: str, features: ClimateFeature, description: str) -> Field:
    return Field(name=name, selector=_TEMPERATURE, features=features, description=description)


def _set_mode(kind: str, features: ClimateFeature, example: str) -> ActionDescription:
    return ActionDescription(
        domain="climate",
        name=f"set_{kind}",
        features=features,
        description=f"Sets the {kind.replace('_', ' ')} of a climate device.",
        fields=(Field(name=kind, selector=TEXT, required=True, example=example),),
    )


CLIMATE = Domain(
    name="climate",
    states=frozenset(HVAC_MODES),
    features=ClimateFeature,
    attributes=(
        Attribute(name="hvac_modes", description="the modes it has", capability=True),
        Attribute(name="min_temp", description="lowest target temperature", capability=True),
        Attribute(name="max_temp", description="highest target temperature", capability=True),
        Attribute(name="target_temp_step", description="smallest change of the target temperature", capability=True),
        Attribute(name="min_humidity", description="lowest target humidity", unit="%", capability=True),
        Attribute(name="max_humidity", description="highest target humidity", unit="%", capability=True),
        Attribute(name="fan_modes", description="the fan modes it has", capability=True),
        Attribute(name="preset_modes", description="the presets it has", capability=True),
        Attribute(name="swing_modes", description="the swing modes it has", capability=True),
        Attribute(name="swing_horizontal_modes", description="the horizontal swing modes it has", capability=True),
        Attribute(name="current_temperature", description="measured temperature"),
        Attribute(name="temperature", description="target temperature"),
        Attribute(name="target_temp_high", description="upper target temperature"),
        Attribute(name="target_temp_low", description="lower target temperature"),
        Attribute(name="current_humidity", description="measured humidity", unit="%"),
        Attribute(name="humidity", description="target humidity", unit="%"),
        Attribute(name="hvac_action", description="what it is doing now: heating, idle, ..."),
        Attribute(name="fan_mode", description="the fan mode in force"),
        Attribute(name="preset_mode", description="the preset in force"),
        Attribute(name="swing_mode", description="the swing mode in force"),
        Attribute(name="swing_horizontal_mode", description="the horizontal swing mode in force"),
    ),
    actions=(
        ActionDescription(
            domain="climate",
            name="turn_on",
            features=ClimateFeature.TURN_ON,
            description="Turns on a climate device.",
        ),
        ActionDescription(
            domain="climate",
            name="turn_off",
            features=ClimateFeature.TURN_OFF,
            description="Turns off a climate device.",
        ),
        ActionDescription(
            domain="climate",
            name="toggle",
            features=ClimateFeature.TURN_OFF | ClimateFeature.TURN_ON,
            description="Toggles a climate device on or off.",
        ),
        ActionDescription(
            domain="climate",
            name="set_hvac_mode",
            description="Sets the mode of a climate device.",
            fields=(Field(name="hvac_mode", selector=select(*HVAC_MODES), required=True),),
        ),
        ActionDescription(
            domain="climate",
            name="set_temperature",
            features=ClimateFeature.TARGET_TEMPERATURE | ClimateFeature.TARGET_TEMPERATURE_RANGE,
            description="Sets the target temperature of a climate device.",
            at_least_one=("temperature", "target_temp_high", "target_temp_low"),
            fields=(
                _temperature("temperature", ClimateFeature.TARGET_TEMPERATURE, "The temperature to reach."),
                _temperature(
                    "target_temp_high", ClimateFeature.TARGET_TEMPERATURE_RANGE, "The upper end of a range to keep to."
                ),
                _temperature(
                    "target_temp_low", ClimateFeature.TARGET_TEMPERATURE_RANGE, "The lower end of a range to keep to."
                ),
                Field(name="hvac_mode", selector=select(*HVAC_MODES), description="The mode to change to first."),
            ),
        ),
        ActionDescription(
            domain="climate",
            name="set_humidity",
            features=ClimateFeature.TARGET_HUMIDITY,
            description="Sets the target humidity of a climate device.",
            fields=(Field(name="humidity", selector=number(30, 99, unit="%"), required=True),),
        ),
        _set_mode("preset_mode", ClimateFeature.PRESET_MODE, "away"),
        _set_mode("fan_mode", ClimateFeature.FAN_MODE, "low"),
        _set_mode("swing_mode", ClimateFeature.SWING_MODE, "on"),
        _set_mode("swing_horizontal_mode", ClimateFeature.SWING_HORIZONTAL_MODE, "on"),
    ),
)
