"""Hearth: the facade for integration authors. Names resolve on first use, so that importing ``hub`` loads nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.adapters.interfaces import (
        Actuator,
        Adapter,
        AdapterHost,
        AreaDescription,
        ConfigEntry,
        DeviceDescription,
        DiscoveredDevice,
        EntityCall,
        EntityDescription,
        FoundService,
        Integration,
        Listener,
        Message,
        MessageAdapter,
        Messenger,
        Picture,
        PictureSource,
        Probed,
        Report,
        Storage,
    )
    from hub.adapters.manifest import Manifest
    from hub.adapters.messages import MessagePump, ProtocolAdapter, ProtocolMessages
    from hub.core.actions import ActionDescription, ResponseMode
    from hub.core.clock import Clock
    from hub.core.fields import Field, duration, schema
    from hub.core.ids import slugify
    from hub.core.ports import Principal
    from hub.core.state import UNAVAILABLE, UNKNOWN
    from hub.entities import (
        DOMAINS,
        AlarmControlPanelFeature,
        CameraFeature,
        ClimateFeature,
        ColorMode,
        CoverFeature,
        Domain,
        FanFeature,
        HumidifierFeature,
        LawnMowerFeature,
        LightFeature,
        LockFeature,
        MediaPlayerFeature,
        NotifyFeature,
        SirenFeature,
        TodoListFeature,
        UpdateFeature,
        VacuumFeature,
        ValveFeature,
        WaterHeaterFeature,
        WeatherFeature,
        class_name,
        light_attributes,
        light_capabilities,
        normalise_light,
    )
    from hub.entities.colors import (
        hs_to_rgb,
        kelvin_to_mired,
        mired_to_kelvin,
        rgb_to_hs,
        rgb_to_xy,
        rgbw_to_rgb,
        rgbww_to_rgb,
        xy_to_rgb,
    )
    from hub.errors import (
        ActionTimeout,
        AuthenticationFailed,
        ConfigError,
        ConnectionLost,
        DeviceRefused,
        HubError,
        InvalidInput,
        NotFound,
        Refused,
        TemplateError,
    )
    from hub.plugins.marker import hook

API = 1
"""The version of what is exported here; a manifest declares the range it works with."""

__version__ = "0.1.0"

_MODULES = {
    "hub.adapters.interfaces": (
        "Actuator Adapter AdapterHost AreaDescription ConfigEntry DeviceDescription DiscoveredDevice EntityCall "
        "EntityDescription FoundService Integration Listener Message MessageAdapter Messenger Picture PictureSource Probed Report Storage"
    ),
    "hub.adapters.manifest": "Manifest",
    "hub.adapters.messages": "MessagePump ProtocolAdapter ProtocolMessages",
    "hub.core.actions": "ActionDescription ResponseMode",
    "hub.core.clock": "Clock",
    "hub.core.fields": "Field duration schema",
    "hub.core.ids": "slugify",
    "hub.core.ports": "Principal",
    "hub.core.state": "UNAVAILABLE UNKNOWN",
    "hub.entities": (
        "DOMAINS AlarmControlPanelFeature CameraFeature ClimateFeature ColorMode CoverFeature Domain FanFeature "
        "HumidifierFeature LawnMowerFeature LightFeature LockFeature MediaPlayerFeature NotifyFeature SirenFeature "
        "TodoListFeature UpdateFeature VacuumFeature ValveFeature WaterHeaterFeature WeatherFeature class_name "
        "light_attributes light_capabilities normalise_light"
    ),
    "hub.entities.colors": (
        "hs_to_rgb kelvin_to_mired mired_to_kelvin rgb_to_hs rgb_to_xy rgbw_to_rgb rgbww_to_rgb xy_to_rgb"
    ),
    "hub.errors": (
        "ActionTimeout AuthenticationFailed ConfigError ConnectionLost DeviceRefused HubError InvalidInput NotFound "
        "Refused TemplateError"
    ),
    "hub.plugins.marker": "hook",
}
_WHERE = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [
    "API",
    "DOMAINS",
    "UNAVAILABLE",
    "UNKNOWN",
    "ActionDescription",
    "ActionTimeout",
    "Actuator",
    "Adapter",
    "AdapterHost",
    "AlarmControlPanelFeature",
    "AreaDescription",
    "AuthenticationFailed",
    "CameraFeature",
    "ClimateFeature",
    "Clock",
    "ColorMode",
    "ConfigEntry",
    "ConfigError",
    "ConnectionLost",
    "CoverFeature",
    "DeviceDescription",
    "DeviceRefused",
    "DiscoveredDevice",
    "Domain",
    "EntityCall",
    "EntityDescription",
    "FanFeature",
    "Field",
    "FoundService",
    "HubError",
    "HumidifierFeature",
    "Integration",
    "InvalidInput",
    "LawnMowerFeature",
    "LightFeature",
    "Listener",
    "LockFeature",
    "Manifest",
    "MediaPlayerFeature",
    "Message",
    "MessageAdapter",
    "MessagePump",
    "Messenger",
    "NotFound",
    "NotifyFeature",
    "Picture",
    "PictureSource",
    "Principal",
    "Probed",
    "ProtocolAdapter",
    "ProtocolMessages",
    "Refused",
    "Report",
    "ResponseMode",
    "SirenFeature",
    "Storage",
    "TemplateError",
    "TodoListFeature",
    "UpdateFeature",
    "VacuumFeature",
    "ValveFeature",
    "WaterHeaterFeature",
    "WeatherFeature",
    "__version__",
    "class_name",
    "duration",
    "hook",
    "hs_to_rgb",
    "kelvin_to_mired",
    "light_attributes",
    "light_capabilities",
    "mired_to_kelvin",
    "normalise_light",
    "rgb_to_hs",
    "rgb_to_xy",
    "rgbw_to_rgb",
    "rgbww_to_rgb",
    "schema",
    "slugify",
    "xy_to_rgb",
]


def __getattr__(name: str) -> Any:
    try:
        module = _WHERE[name]
    except KeyError:
        raise AttributeError(f"module 'hub' has no attribute {name!r}") from None
    value = globals()[name] = getattr(import_module(module), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
