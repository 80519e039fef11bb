"""The triggers, conditions and steps that Hearth has: one module each, listed here."""

from __future__ import annotations

from hub.blueprints.conditions import logic, time, trigger
from hub.blueprints.conditions import numeric_state as numeric_state_condition
from hub.blueprints.conditions import state as state_condition
from hub.blueprints.conditions import sun as sun_condition
from hub.blueprints.conditions import template as template_condition
from hub.blueprints.conditions import zone as zone_condition
from hub.blueprints.elements import Kinds
from hub.blueprints.steps import action, agent, choose, condition, delay, event, sequence, stop, variables, wait
from hub.blueprints.triggers import device as device_trigger
from hub.blueprints.triggers import event as event_trigger
from hub.blueprints.triggers import hub as hub_trigger
from hub.blueprints.triggers import numeric_state as numeric_state_trigger
from hub.blueprints.triggers import state as state_trigger
from hub.blueprints.triggers import sun as sun_trigger
from hub.blueprints.triggers import template as template_trigger
from hub.blueprints.triggers import time as time_trigger
from hub.blueprints.triggers import zone as zone_trigger

__all__ = ["KINDS"]

_TRIGGERS = (
    state_trigger.KIND,
    event_trigger.KIND,
    time_trigger.KIND,
    time_trigger.PATTERN,
    hub_trigger.KIND,
    numeric_state_trigger.KIND,
    template_trigger.KIND,
    sun_trigger.KIND,
    zone_trigger.KIND,
    device_trigger.KIND,
)
_CONDITIONS = (
    state_condition.KIND,
    numeric_state_condition.KIND,
    template_condition.KIND,
    *logic.KINDS,
    trigger.KIND,
    time.KIND,
    sun_condition.KIND,
    zone_condition.KIND,
)
_STEPS = (
    delay.KIND,
    *wait.KINDS,
    condition.KIND,
    event.KIND,
    *choose.KINDS,
    variables.KIND,
    agent.KIND,
    stop.KIND,
    sequence.KIND,
    action.KIND,
)

KINDS = Kinds(
    triggers={kind.name: kind for kind in _TRIGGERS},
    conditions={kind.name: kind for kind in _CONDITIONS},
    steps=_STEPS,
)
