"""Vacuum cleaners that drive by themselves."""

from __future__ import annotations

from enum import IntFlag

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import OBJECT, TEXT


class VacuumFeature(IntFlag):
    """What a vacuum cleaner can do."""

    PAUSE = 4
    STOP = 8
    RETURN_HOME = 16
    FAN_SPEED = 32
    BATTERY = 64
    SEND_COMMAND = 256
    LOCATE = 512
    CLEAN_SPOT = 1024
    MAP = 2048
    STATE = 4096
    START = 8192


_F = VacuumFeature


def _action(name: str, features: VacuumFeature, description: str, *fields: Field) -> ActionDescription:
    return ActionDescription(domain="vacuum", name=name, features=features, fields=fields, description=description)


VACUUM = Domain(
    name="vacuum",
    states=frozenset({"cleaning", "docked", "error", "idle", "paused", "returning"}),
    features=VacuumFeature,
    attributes=(
        Attribute(name="fan_speed_list", description="the suction levels it has", capability=True),
        Attribute(name="fan_speed", description="the suction level in force"),
        Attribute(name="battery_level", description="how full its battery is", unit="%"),
        Attribute(name="cleaned_area", description="how much it has cleaned"),
        Attribute(name="status", description="what it says of itself, in words of its own"),
    ),
    actions=(
        _action("start", _F.START, "Starts or resumes cleaning."),
        _action("pause", _F.PAUSE, "Pauses cleaning."),
        _action("stop", _F.STOP, "Stops cleaning."),
        _action("return_to_base", _F.RETURN_HOME, "Sends a vacuum cleaner to its dock."),
        _action("clean_spot", _F.CLEAN_SPOT, "Cleans the spot where the vacuum cleaner is."),
        _action("locate", _F.LOCATE, "Makes a vacuum cleaner be heard."),
        _action(
            "set_fan_speed",
            _F.FAN_SPEED,
            "Sets the suction level of a vacuum cleaner.",
            Field(name="fan_speed", selector=TEXT, required=True, example="low"),
        ),
        _action(
            "send_command",
            _F.SEND_COMMAND,
            "Sends a command that only this vacuum cleaner knows.",
            Field(name="command", selector=TEXT, required=True, example="set_dnd_timer"),
            Field(name="params", selector=OBJECT, example='{"key": "value"}'),
        ),
    ),
)
