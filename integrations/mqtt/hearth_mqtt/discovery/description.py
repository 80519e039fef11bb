"""What the hub is told of an entity and its device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth_mqtt.discovery.identities import Identity
from hearth_mqtt.discovery.model import Component, Model
from hub import DeviceDescription, EntityDescription, class_name

_SAME_NAME = (
    "configuration_url",
    "hw_version",
    "manufacturer",
    "model",
    "model_id",
    "name",
    "serial_number",
    "sw_version",
)


def describe_entity(
    component: Component, config: Mapping[str, Any], model: Model, identity: Identity, *, available: bool
) -> EntityDescription:
    """Return the description of an entity. Only what announced a unique id of its own belongs to a device."""
    device = config.get("device") if identity.announced else None
    return EntityDescription(
        domain=component.domain,
        unique_id=identity.unique_id,
        name=_name(component, config, model),
        has_entity_name=True,
        device=describe_device(device) if device else None,
        device_class=model.device_class,
        unit=model.unit,
        features=model.features,
        attributes=model.capabilities,
        icon=config.get("icon"),
        entity_category=config.get("entity_category"),
        enabled_by_default=config["enabled_by_default"],
        object_id=_object_id(config),
        available=available,
        assumed_state=model.assumed_state,
        picture=config.get("entity_picture"),
    )


def describe_device(device: Mapping[str, Any]) -> DeviceDescription:
    """Return the description of a device."""
    return DeviceDescription(
        identifiers=tuple(device["identifiers"]),
        connections=tuple((kind, _address(kind, value)) for kind, value in device["connections"]),
        via=device.get("via_device"),
        area=device.get("suggested_area"),
        **{key: device.get(key) for key in _SAME_NAME},
    )


def _name(component: Component, config: Mapping[str, Any], model: Model) -> str | None:
    """Return the name; null means the device's, and none at all the device class's."""
    if "name" in config:
        return config["name"] or None
    if component.named_by_class and model.device_class not in (None, "enum"):
        return class_name(component.domain, str(model.device_class))
    return component.default_name


def _object_id(config: Mapping[str, Any]) -> str | None:
    wanted: str | None = config.get("default_entity_id")
    return wanted.partition(".")[2] or wanted if wanted else config.get("object_id")


def _address(kind: str, value: str) -> str:
    """Return a MAC address as ``aa:bb:cc:dd:ee:ff``, any other address as it is."""
    digits = value.lower().replace(":", "").replace("-", "").replace(".", "")
    if kind != "mac" or len(digits) != 12:
        return value
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))
