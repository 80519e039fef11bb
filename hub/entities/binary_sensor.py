"""Binary sensors: something is so (on) or not (off); the device class says what."""

from __future__ import annotations

from hub.entities.domain import Domain

BINARY_SENSOR = Domain(
    name="binary_sensor",
    states=frozenset({"on", "off"}),
    device_classes=frozenset(
        [
            "battery",
            "battery_charging",
            "carbon_monoxide",
            "cold",
            "connectivity",
            "door",
            "garage_door",
            "gas",
            "heat",
            "light",
            "lock",
            "moisture",
            "motion",
            "moving",
            "occupancy",
            "opening",
            "plug",
            "power",
            "presence",
            "problem",
            "running",
            "safety",
            "smoke",
            "sound",
            "tamper",
            "update",
            "vibration",
            "window",
        ]
    ),
)
