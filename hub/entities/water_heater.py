"""Water heaters and boilers. Temperatures are in the unit that the hub is set to; the state is the operation mode."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import BOOLEAN, TEXT, number


class WaterHeaterFeature(IntFlag):
    """What a water heater can do."""

    TARGET_TEMPERATURE = 1
    OPERATION_MODE = 2
    AWAY_MODE = 4
    ON_OFF = 8


_F = WaterHeaterFeature


def _action(name: str, features: WaterHeaterFeature, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(
        domain="water_heater", name=name, features=features, fields=fields, description=description
    )


WATER_HEATER = Domain(
    name="water_heater",
    features=WaterHeaterFeature,
    attributes=(
        Attribute(name="min_temp", description="lowest target temperature", capability=True),
        Attribute(name="max_temp", description="highest target temperature", capability=True),
        Attribute(name="target_temp_step", description="smallest change of the target temperature", capability=True),
        Attribute(name="operation_list", description="the operation modes it has", capability=True),
        Attribute(name="current_temperature", description="measured temperature"),
        Attribute(name="temperature", description="target temperature"),
        Attribute(name="target_temp_high", description="upper target temperature"),
        Attribute(name="target_temp_low", description="lower target temperature"),
        Attribute(name="operation_mode", description="the operation mode in force: eco, electric, heat_pump, ..."),
        Attribute(name="away_mode", description="on while nobody is at home"),
    ),
    actions=(
        _action("turn_on", _F.ON_OFF, "Turns a water heater on."),
        _action("turn_off", _F.ON_OFF, "Turns a water heater off."),
        _action(
            "set_away_mode",
            _F.AWAY_MODE,
            "Turns the away mode of a water heater on or off.",
            Field(name="away_mode", selector=BOOLEAN, required=True),
        ),
        _action(
            "set_temperature",
            _F.TARGET_TEMPERATURE,
            "Sets the target temperature of a water heater.",
            Field(name="temperature", selector=number(0, 250, unit="°", step=0.5, mode="box"), required=True),
            Field(
                name="operation_mode",
                selector=TEXT,
                example="eco",
                description="The operation mode to change to first.",
            ),
        ),
        _action(
            "set_operation_mode",
            _F.OPERATION_MODE,
            "Sets the operation mode of a water heater.",
            Field(name="operation_mode", selector=TEXT, required=True, example="eco"),
        ),
    ),
)
