"""Entity domains as data: what their states may be, their attributes, features and actions."""

from hub.entities.catalogue import DOMAINS
from hub.entities.class_names import class_name
from hub.entities.climate import ClimateFeature
from hub.entities.cover import CoverFeature
from hub.entities.domain import Attribute, Domain
from hub.entities.fan import FanFeature
from hub.entities.generic import is_generic, translate
from hub.entities.light import ColorMode, LightFeature
from hub.entities.light_attributes import light_attributes, light_capabilities
from hub.entities.light_parameters import normalise_light
from hub.entities.limits import check_limits, choices_of, range_of
from hub.entities.lock import LockFeature
from hub.entities.media_player import MediaPlayerFeature
from hub.entities.offers import action_table

__all__ = [
    "DOMAINS",
    "Attribute",
    "ClimateFeature",
    "ColorMode",
    "CoverFeature",
    "Domain",
    "FanFeature",
    "LightFeature",
    "LockFeature",
    "MediaPlayerFeature",
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
