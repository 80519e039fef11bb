"""What an entity is called that has no name of its own: by its device class."""

from __future__ import annotations

from collections.abc import Mapping

_OTHER_THAN_SPELT: Mapping[str, Mapping[str, str]] = {
    "binary_sensor": {"battery_charging": "Charging"},
    "media_player": {"tv": "TV"},
    "sensor": {
        "aqi": "Air quality index",
        "energy_distance": "Energy per distance",
        "energy_storage": "Stored energy",
        "monetary": "Monetary balance",
        "ph": "pH",
        "pm1": "PM1",
        "pm10": "PM10",
        "pm25": "PM2.5",
        "pm4": "PM4",
        "volume_storage": "Stored volume",
    },
}


def class_name(domain: str, device_class: str) -> str:
    """Return the English name of a device class (``sensor``, ``pm25``: ``PM2.5``); numbers have the names of sensors."""
    known = _OTHER_THAN_SPELT.get("sensor" if domain == "number" else domain, {})
    return known.get(device_class) or device_class.replace("_", " ").capitalize()
