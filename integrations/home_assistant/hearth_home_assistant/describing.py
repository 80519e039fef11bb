"""What Home Assistant knows of an entity, as the hub's description and report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hearth_home_assistant.codec import EntityState
from hearth_home_assistant.registry import DeviceRow, EntityRow, Home
from hub import DOMAINS, UNAVAILABLE, UNKNOWN, DeviceDescription, EntityDescription, Report

_DESCRIBED = frozenset(
    {
        "friendly_name",
        "supported_features",
        "device_class",
        "unit_of_measurement",
        "icon",
        "assumed_state",
        "entity_picture",
    }
)
"""Attributes that the description holds: the hub adds them itself."""
_SECRET = frozenset({"access_token"})
_NOTES = frozenset({"restored"})
_UNREPORTED = _DESCRIBED | _SECRET | _NOTES

Capabilities = Mapping[str, frozenset[str]]
CAPABILITIES: Capabilities = {
    name: frozenset(attribute.name for attribute in domain.attributes if attribute.capability)
    for name, domain in DOMAINS.items()
}
"""The static attributes of each domain."""


def is_described_by(domain: str, attributes: Iterable[str]) -> bool:
    """Say whether one of these attributes belongs to the description of an entity of this domain."""
    static = CAPABILITIES.get(domain, frozenset())
    return any(name in _DESCRIBED or name in static for name in attributes)


def is_available(state: EntityState) -> bool:
    """Say whether Home Assistant can reach it."""
    return state.state != UNAVAILABLE


def describe(
    unique_id: str,
    entity_id: str,
    row: EntityRow | None,
    state: EntityState,
    home: Home,
    *,
    known: EntityDescription | None = None,
) -> EntityDescription:
    """Return the description of an entity from its registry row and its state.

    An entity that cannot be reached tells less of itself: then what is ``known`` of it stays.
    """
    domain, _, object_id = entity_id.partition(".")
    attributes = state.attributes
    device = home.devices.get(row.device_id or "") if row else None
    silent = known is not None and not is_available(state)
    own_area = home.areas.get(row.area_id or "") if row else None
    name, has_entity_name = _name(row, device, attributes)
    return EntityDescription(
        domain=domain,
        unique_id=unique_id,
        name=name,
        has_entity_name=has_entity_name,
        device=describe_device(device, home) if device else None,
        device_class=_text(attributes.get("device_class")) or (known.device_class if known and silent else None),
        unit=_text(attributes.get("unit_of_measurement")) or (known.unit if known and silent else None),
        features=int(attributes.get("supported_features") or 0),
        attributes=known.attributes if known and silent else _capabilities(domain, attributes),
        icon=_text(attributes.get("icon")) or (known.icon if known and silent else None),
        entity_category=row.entity_category if row else None,
        object_id=object_id,
        available=known.available if known else is_available(state),
        assumed_state=attributes.get("assumed_state") is True,
        picture=_picture(attributes),
        area=own_area.name if own_area else None,
    )


def describe_device(device: DeviceRow, home: Home) -> DeviceDescription:
    """Return the description of a device, known here by the id that Home Assistant gave it."""
    area = home.areas.get(device.area_id or "")
    return DeviceDescription(
        identifiers=(device.id,),
        connections=device.connections,
        name=device.name,
        manufacturer=device.manufacturer,
        model=device.model,
        model_id=device.model_id,
        sw_version=device.sw_version,
        hw_version=device.hw_version,
        serial_number=device.serial_number,
        configuration_url=device.configuration_url,
        via=device.via_device_id,
        area=area.name if area else None,
    )


def report(unique_id: str, state: EntityState) -> Report:
    """Return the report of a state of an entity that can be reached."""
    own = {key: value for key, value in state.attributes.items() if key not in _UNREPORTED}
    return Report(unique_id=unique_id, state=None if state.state == UNKNOWN else state.state, attributes=own)


def describe_instance(
    instance: str, url: str, config: Mapping[str, Any], left_out: Mapping[str, int]
) -> tuple[EntityDescription, Report]:
    """Return the sensor that counts what is not here, on a device that is Home Assistant itself."""
    device = DeviceDescription(
        identifiers=(instance,),
        name=_text(config.get("location_name")) or "Home Assistant",
        manufacturer="Home Assistant",
        sw_version=_text(config.get("version")),
        configuration_url=url,
    )
    description = EntityDescription(
        domain="sensor",
        unique_id=f"{instance}:left_out",
        name="Entities left out",
        device=device,
        icon="mdi:filter-off-outline",
        attributes={"state_class": "measurement"},
        entity_category="diagnostic",
    )
    count = Report(unique_id=description.unique_id, state=str(sum(left_out.values())), attributes=dict(left_out))
    return description, count


def _name(row: EntityRow | None, device: DeviceRow | None, attributes: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Return the name, and whether the device's goes before it. One that a user chose in Home Assistant stands alone."""
    shown = _text(attributes.get("friendly_name"))
    if row is not None and row.name is None and row.has_entity_name and device is not None:
        return row.original_name, True
    own = (row.name or row.original_name) if row else None
    return shown or own, False


def _capabilities(domain: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    static = CAPABILITIES.get(domain, frozenset()) - _UNREPORTED
    return {key: attributes[key] for key in attributes if key in static}


def _picture(attributes: Mapping[str, Any]) -> str | None:
    """Return the address of its picture, unless only Home Assistant itself could open it."""
    picture = attributes.get("entity_picture")
    return picture if isinstance(picture, str) and picture.startswith(("https://", "http://")) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
