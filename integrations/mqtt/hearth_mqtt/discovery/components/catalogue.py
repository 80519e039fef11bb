"""The components that are understood, by the name in their discovery topic. A new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hearth_mqtt.discovery.components.binary_sensor import BINARY_SENSOR
from hearth_mqtt.discovery.components.button import BUTTON
from hearth_mqtt.discovery.components.climate import CLIMATE
from hearth_mqtt.discovery.components.cover import COVER
from hearth_mqtt.discovery.components.event import EVENT
from hearth_mqtt.discovery.components.fan import FAN
from hearth_mqtt.discovery.components.light import light_of
from hearth_mqtt.discovery.components.lock import LOCK
from hearth_mqtt.discovery.components.number import NUMBER
from hearth_mqtt.discovery.components.select import SELECT
from hearth_mqtt.discovery.components.sensor import SENSOR
from hearth_mqtt.discovery.components.switch import SWITCH
from hearth_mqtt.discovery.components.text import TEXT
from hearth_mqtt.discovery.model import Component

_COMPONENTS: Mapping[str, Component] = {
    component.domain: component
    for component in (
        BINARY_SENSOR,
        BUTTON,
        CLIMATE,
        COVER,
        EVENT,
        FAN,
        LOCK,
        NUMBER,
        SELECT,
        SENSOR,
        SWITCH,
        TEXT,
    )
}
_BY_SCHEMA: Mapping[str, Callable[[Mapping[str, Any]], Component | None]] = {"light": light_of}


def component_of(name: str, config: Mapping[str, Any]) -> Component | None:
    """Return the component of this name that a configuration is for, or None if there is none."""
    choose = _BY_SCHEMA.get(name)
    return choose(config) if choose else _COMPONENTS.get(name)


def is_known(name: str) -> bool:
    """Say whether there is a component of this name."""
    return name in _COMPONENTS or name in _BY_SCHEMA
