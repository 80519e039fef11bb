"""Entity domains as data: what their states may be, their attributes, features and actions."""

from hub.entities.alarm_control_panel import AlarmControlPanelFeature
from hub.entities.camera import CameraFeature
from hub.entities.catalogue import DOMAINS
from hub.entities.class_names import class_name
from hub.entities.climate import ClimateFeature
from hub.entities.cover import CoverFeature
from hub.entities.domain import Attribute, Domain
from hub.entities.fan import FanFeature
from hub.entities.generic import is_generic, translate
from hub.entities.humidifier import HumidifierFeature
from hub.entities.lawn_mower import LawnMowerFeature
from hub.entities.light import ColorMode, LightFeature
from hub.entities.light_attributes import light_attributes, light_capabilities
from hub.entities.light_parameters import normalise_light
from hub.entities.limits import check_limits, choices_of, range_of
from hub.entities.lock import LockFeature
from hub.entities.media_player import MediaPlayerFeature
from hub.entities.notify import NotifyFeature
from hub.entities.offers import action_table
from hub.entities.siren import SirenFeature
from hub.entities.todo import TodoListFeature
from hub.entities.update import UpdateFeature
from hub.entities.vacuum import VacuumFeature
from hub.entities.valve import ValveFeature
from hub.entities.water_heater import WaterHeaterFeature
from hub.entities.weather import WeatherFeature

__all__ = [
    "DOMAINS",
    "AlarmControlPanelFeature",
    "Attribute",
    "CameraFeature",
    "ClimateFeature",
    "ColorMode",
    "CoverFeature",
    "Domain",
    "FanFeature",
    "HumidifierFeature",
    "LawnMowerFeature",
    "LightFeature",
    "LockFeature",
    "MediaPlayerFeature",
    "NotifyFeature",
    "SirenFeature",
    "TodoListFeature",
    "UpdateFeature",
    "VacuumFeature",
    "ValveFeature",
    "WaterHeaterFeature",
    "WeatherFeature",
    "action_table",
    "check_limits",
    "choices_of",
    "class_name",
    "is_generic",
    "light_attributes",
    "light_capabilities",
    "normalise_light",
    "range_of",
    "translate",
]
