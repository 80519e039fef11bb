"""The components that make entities, by the name in their discovery topic. A new one is a module and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from hearth_mqtt.discovery.model import Component

_MODULES: Mapping[str, str] = {
    "alarm_control_panel": "alarm_control_panel",
    "binary_sensor": "binary_sensor",
    "button": "button",
    "camera": "camera",
    "climate": "climate",
    "cover": "cover",
    "date": "moments",
    "datetime": "moments",
    "device_tracker": "device_tracker",
    "event": "event",
    "fan": "fan",
    "humidifier": "humidifier",
    "image": "image",
    "lawn_mower": "lawn_mower",
    "light": "light",
    "lock": "lock",
    "notify": "notify",
    "number": "number",
    "scene": "scene",
    "select": "select",
    "sensor": "sensor",
    "siren": "siren",
    "switch": "switch",
    "text": "text",
    "time": "moments",
    "update": "update",
    "vacuum": "vacuum",
    "valve": "valve",
    "water_heater": "water_heater",
}
COMPONENTS = frozenset(_MODULES)
"""The names of the components that make entities."""


def component_of(name: str, config: Mapping[str, Any]) -> Component | None:
    """Return the component of this name that a configuration is for, or None if there is none.

    Its module is imported when it is first needed: a home has few of them, and all together take a tenth of the start.
    """
    if name not in _MODULES:
        return None
    module = import_module(f"hearth_mqtt.discovery.components.{_MODULES[name]}")
    component: Component | None = module.light_of(config) if name == "light" else getattr(module, name.upper())
    return component
