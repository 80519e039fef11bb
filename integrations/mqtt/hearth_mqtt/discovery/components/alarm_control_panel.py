"""alarm_control_panel: armed in one way or another, with a code that is checked here or by the device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery.common_schema import (
    READ_ONLY,
    RETAINED,
    TEMPLATE,
    boolean,
    entity_schema,
    keyed,
    string,
    to_publish,
)
from hearth_mqtt.discovery.components.reading import one_of, reading
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import Act, Component, Model
from hub import AlarmControlPanelFeature, InvalidInput

_STATES = (
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
)
_FEATURES = {
    "arm_home": AlarmControlPanelFeature.ARM_HOME,
    "arm_away": AlarmControlPanelFeature.ARM_AWAY,
    "arm_night": AlarmControlPanelFeature.ARM_NIGHT,
    "arm_vacation": AlarmControlPanelFeature.ARM_VACATION,
    "arm_custom_bypass": AlarmControlPanelFeature.ARM_CUSTOM_BYPASS,
    "trigger": AlarmControlPanelFeature.TRIGGER,
}
_COMMANDS = ("disarm", *_FEATURES)
_REMOTE_CODE, _REMOTE_CODE_TEXT = "REMOTE_CODE", "REMOTE_CODE_TEXT"
"""A code that the device checks: any digits, any text."""

_SCHEMA = entity_schema(
    READ_ONLY,
    RETAINED,
    {
        vol.Required("command_topic"): to_publish,
        vol.Optional("code_arm_required", default=True): boolean,
        vol.Optional("code_disarm_required", default=True): boolean,
        vol.Optional("code_trigger_required", default=True): boolean,
        vol.Optional("supported_features", default=list(_FEATURES)): [vol.In(list(_FEATURES))],
    },
    {vol.Optional(f"payload_{command}", default=command.upper()): string for command in _COMMANDS},
    keyed({"code": string, "command_template": TEMPLATE}),
)


def _build(declaration: Declaration) -> Model:
    config = declaration.config
    features = AlarmControlPanelFeature(0)
    for name in config["supported_features"]:
        features |= _FEATURES[name]
    shown = {
        "code_format": _code_format(config.get("code")),
        "changed_by": None,
        "code_arm_required": config["code_arm_required"],
    }
    meanings: dict[str, str | None] = {"None": None, **{state: state for state in _STATES}}
    decode = reading(declaration.reader("value_template"), one_of("state", meanings), f"one of {', '.join(_STATES)}")
    return Model(
        show=lambda facts: (facts["state"], shown),
        listens=((config["state_topic"], decode),),
        actions={_action(command): _send(declaration, command) for command in _COMMANDS},
        initial={"state": None},
        features=int(features),
    )


def _action(command: str) -> str:
    return f"alarm_{command}"


def _send(declaration: Declaration, command: str) -> Act:
    config, write = declaration.config, declaration.writer("command_template")
    action = config[f"payload_{command}"]
    value = None if declaration.has("command_template") else action  # a template says it with ``action``
    needs_code = config[f"code_{command.partition('_')[0]}_required"]

    def act(data: Mapping[str, Any], _: Facts) -> Effect:
        code = None if data.get("code") in (None, "") else str(data["code"])
        if needs_code and not _is_right(code, config.get("code")):
            raise InvalidInput("Expected the alarm's code", path=("code",))
        return declaration.publish("command_topic", write(value, action=action, code=code))

    return act


def _is_right(code: str | None, wanted: str | None) -> bool:
    if wanted in (_REMOTE_CODE, _REMOTE_CODE_TEXT):
        return code is not None
    return wanted is None or code == wanted


def _code_format(code: str | None) -> str | None:
    if code is None:
        return None
    return "number" if code == _REMOTE_CODE or code.isdigit() else "text"


ALARM_CONTROL_PANEL = Component(
    domain="alarm_control_panel",
    schema=_SCHEMA,
    build=_build,
    default_name="MQTT Alarm",
    own_attributes=frozenset({"changed_by", "code_arm_required", "code_format"}),
)
