"""Sensors: a measured number with its unit, a word out of a list, a time, or any text."""

from __future__ import annotations

from hub.entities.domain import Attribute, Domain

NON_NUMERIC_CLASSES = frozenset({"date", "enum", "timestamp"})
"""Device classes whose states are no numbers."""

NUMERIC_CLASSES = frozenset(
    [
        "absolute_humidity",
        "apparent_power",
        "aqi",
        "area",
        "atmospheric_pressure",
        "battery",
        "blood_glucose_concentration",
        "carbon_dioxide",
        "carbon_monoxide",
        "conductivity",
        "current",
        "data_rate",
        "data_size",
        "distance",
        "duration",
        "energy",
        "energy_distance",
        "energy_storage",
        "frequency",
        "gas",
        "humidity",
        "illuminance",
        "irradiance",
        "moisture",
        "monetary",
        "nitrogen_dioxide",
        "nitrogen_monoxide",
        "nitrous_oxide",
        "ozone",
        "ph",
        "pm1",
        "pm10",
        "pm25",
        "pm4",
        "power",
        "power_factor",
        "precipitation",
        "precipitation_intensity",
        "pressure",
        "reactive_energy",
        "reactive_power",
        "signal_strength",
        "sound_pressure",
        "speed",
        "sulphur_dioxide",
        "temperature",
        "temperature_delta",
        "volatile_organic_compounds",
        "volatile_organic_compounds_parts",
        "voltage",
        "volume",
        "volume_flow_rate",
        "volume_storage",
        "water",
        "weight",
        "wind_direction",
        "wind_speed",
    ]
)
"""Device classes whose states are numbers; numbers (see number.py) have the same."""

SENSOR = Domain(
    name="sensor",
    device_classes=NUMERIC_CLASSES | NON_NUMERIC_CLASSES,
    attributes=(
        Attribute(name="state_class", description="measurement, total or total_increasing", capability=True),
        Attribute(name="options", description="the words that the state may be", capability=True),
        Attribute(name="last_reset", description="when a total last began at zero"),
    ),
)
