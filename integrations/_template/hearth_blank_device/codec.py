"""The device's lines, and what they mean. Pure: no sockets here, so tests need none."""

from __future__ import annotations

from hub import DeviceDescription, DeviceRefused, EntityCall, EntityDescription, Report

LONGEST_LINE = 1024


def entities(serial: str) -> tuple[EntityDescription, ...]:
    """Return what a device of this serial number has."""
    device = DeviceDescription(identifiers=(serial,), name=f"Blank device {serial}", serial_number=serial)
    return (
        EntityDescription(
            domain="sensor",
            unique_id=f"{serial}-temperature",
            name="Temperature",
            device=device,
            device_class="temperature",
            unit="°C",
            attributes={"state_class": "measurement"},
        ),
        EntityDescription(domain="switch", unique_id=f"{serial}-relay", name="Relay", device=device),
    )


def parse(line: bytes) -> tuple[str, str]:
    """Return the name and the value in a line; a device may send anything, so nothing is raised."""
    name, _, value = line.decode("utf-8", "replace").strip().partition(" ")
    return name, value.strip()


def report(serial: str, name: str, value: str) -> Report | None:
    """Return what a line reports, or None if it says nothing that is known."""
    if name == "temperature" and _is_number(value):
        return Report(unique_id=f"{serial}-temperature", state=value)
    if name == "relay" and value in ("on", "off"):
        return Report(unique_id=f"{serial}-relay", state=value)
    return None


def command(call: EntityCall) -> bytes:
    """Return the line that carries out an action.

    Raises DeviceRefused for one that the device does not know.
    """
    lines = {"switch.turn_on": b"relay on\n", "switch.turn_off": b"relay off\n"}
    try:
        return lines[call.action]
    except KeyError:
        raise DeviceRefused(f"Expected one of {', '.join(lines)}, got {call.action}") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
