"""Alarm panels: armed in several ways, or disarmed. Disarming is sensitive."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import TEXT


class AlarmControlPanelFeature(IntFlag):
    """What an alarm panel can do besides being disarmed."""

    ARM_HOME = 1
    ARM_AWAY = 2
    ARM_NIGHT = 4
    TRIGGER = 8
    ARM_CUSTOM_BYPASS = 16
    ARM_VACATION = 32


_F = AlarmControlPanelFeature
_CODE = Field(name="code", selector=TEXT, example="1234", description="The code, if the panel wants one.")


def _action(name: str, features: int, description: str, *, sensitive: bool = False) -> ActionDescription:
    return ActionDescription(
        domain="alarm_control_panel",
        name=name,
        features=features,
        fields=(_CODE,),
        description=description,
        sensitive=sensitive,
    )


ALARM_CONTROL_PANEL = Domain(
    name="alarm_control_panel",
    states=frozenset(
        [
            "armed_away",
            "armed_custom_bypass",
            "armed_home",
            "armed_night",
            "armed_vacation",
            "arming",
            "disarmed",
            "disarming",
            "pending",
            "triggered",
        ]
    ),
    features=AlarmControlPanelFeature,
    attributes=(
        Attribute(name="code_format", description="number or text, if it wants a code"),
        Attribute(name="changed_by", description="who or what used it last"),
        Attribute(name="code_arm_required", description="whether arming wants the code too"),
    ),
    actions=(
        _action("alarm_disarm", 0, "Disarms an alarm.", sensitive=True),
        _action("alarm_arm_home", _F.ARM_HOME, "Arms an alarm for when somebody is at home."),
        _action("alarm_arm_away", _F.ARM_AWAY, "Arms an alarm for when nobody is at home."),
        _action("alarm_arm_night", _F.ARM_NIGHT, "Arms an alarm for the night."),
        _action("alarm_arm_vacation", _F.ARM_VACATION, "Arms an alarm for a long absence."),
        _action("alarm_arm_custom_bypass", _F.ARM_CUSTOM_BYPASS, "Arms an alarm with some of its sensors left out."),
        _action("alarm_trigger", _F.TRIGGER, "Sets an alarm off."),
    ),
)
