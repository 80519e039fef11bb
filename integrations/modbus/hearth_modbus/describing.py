"""Registers as the hub's devices and entities."""

from __future__ import annotations

from typing import Any

from hearth_modbus.config import DeviceSettings, LinkSettings
from hearth_modbus.registers import Register, Type
from hub import DeviceDescription, EntityDescription


def describe_device(device: DeviceSettings, link: LinkSettings) -> DeviceDescription:
    """Return a unit as a device."""
    return DeviceDescription(
        identifiers=(f"{link.address}/{device.unit_id}",),
        name=device.name,
        manufacturer=device.manufacturer,
        model=device.model,
        area=device.area,
    )


def unique_id(register: Register, device: DeviceSettings, link: LinkSettings) -> str:
    """Return what tells the entity of a register from all others."""
    return f"{link.address}/{device.unit_id}/{register.key}"


def describe(register: Register, device: DeviceSettings, link: LinkSettings) -> EntityDescription:
    """Return the entity of a register; it can be reached once it has been read."""
    shows_number = register.domain in ("sensor", "number")
    return EntityDescription(
        domain=register.domain,
        unique_id=unique_id(register, device, link),
        name=register.name,
        device=describe_device(device, link),
        device_class="enum" if register.domain == "sensor" and register.options else register.device_class,
        unit=register.unit if shows_number else None,
        attributes=_attributes(register),
        icon=register.icon,
        entity_category=register.category,
        available=False,
    )


def _attributes(register: Register) -> dict[str, Any]:
    match register.domain:
        case "number":
            return {"min": register.min, "max": register.max, "step": _step(register), "mode": "auto"}
        case "select":
            return {"options": list(register.options.values())}
        case "text":
            return {"min": 0, "max": 2 * register.length, "mode": "text"}
        case "sensor" if register.options:
            return {"options": list(register.options.values())}
        case "sensor" if register.type is not Type.STRING:
            return {"state_class": register.state_class} if register.state_class else {}
        case _:
            return {}


def _step(register: Register) -> float:
    """Return the smallest change: what the user says, or what one more in the register is."""
    if register.step is not None:
        return register.step
    if register.type.is_integer:
        return float(abs(register.scale))
    return float(10 ** -(register.precision if register.precision is not None else 2))
