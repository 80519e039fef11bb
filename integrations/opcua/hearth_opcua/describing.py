"""Items as the hub's devices and entities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth_opcua.items import Item, Type
from hub import DeviceDescription, EntityDescription

_LONGEST_TEXT = 255  # the hub shows no longer ones


def unique_id(address: str, node: str) -> str:
    """Return what tells the entity of a node from all others."""
    return f"{address} {node}"


def server_device(address: str, name: str, build: Mapping[str, str]) -> DeviceDescription:
    """Return the server as a device; ``build`` is what it says of its make."""
    return DeviceDescription(
        identifiers=(address,),
        name=name,
        manufacturer=build.get("ManufacturerName") or None,
        model=build.get("ProductName") or None,
        sw_version=build.get("SoftwareVersion") or None,
    )


def root_device(address: str, node: str, name: str) -> DeviceDescription:
    """Return a browsed object as a device behind the server."""
    return DeviceDescription(identifiers=(unique_id(address, node),), name=name, via=address)


def describe(item: Item, address: str, device: DeviceDescription) -> EntityDescription:
    """Return the entity of an item; a variable can be reached once its value has come."""
    return EntityDescription(
        domain=item.domain,
        unique_id=unique_id(address, item.node),
        name=item.name,
        device=device,
        device_class=item.device_class,
        unit=item.unit if item.domain in ("sensor", "number") else None,
        attributes=_attributes(item),
        icon=item.icon,
        entity_category=item.category,
        available=item.type is Type.METHOD,
    )


def _attributes(item: Item) -> dict[str, Any]:
    match item.domain:
        case "number":
            return {"min": item.min, "max": item.max, "step": _step(item), "mode": "auto"}
        case "select":
            return {"options": list(item.options.values())}
        case "text":
            return {"min": 0, "max": _LONGEST_TEXT, "mode": "text"}
        case "sensor" if item.options:
            return {"options": list(item.options.values())}
        case "sensor" if item.state_class is not None:
            return {"state_class": item.state_class}
        case _:
            return {}


def _step(item: Item) -> float:
    if item.step is not None:
        return item.step
    if item.type.range is not None:
        return abs(item.scale)
    return float(10 ** -(item.precision if item.precision is not None else 2))
