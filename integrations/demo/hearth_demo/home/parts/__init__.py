"""The parts that the home's devices are made of: one class for each kind of entity."""

from hearth_demo.home.parts.heating import Thermostat
from hearth_demo.home.parts.inputs import Button, Doorbell, Number, Select, Text
from hearth_demo.home.parts.light import JsonLight, PlainLight
from hearth_demo.home.parts.moving import Blinds, Fan, Lock
from hearth_demo.home.parts.part import Part, Reports
from hearth_demo.home.parts.power import Load, Switch
from hearth_demo.home.parts.readings import BinarySensor, Pulse, Sensor

__all__ = [
    "BinarySensor",
    "Blinds",
    "Button",
    "Doorbell",
    "Fan",
    "JsonLight",
    "Load",
    "Lock",
    "Number",
    "Part",
    "PlainLight",
    "Pulse",
    "Reports",
    "Select",
    "Sensor",
    "Switch",
    "Text",
    "Thermostat",
]
