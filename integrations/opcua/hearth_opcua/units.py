"""What is measured, by its unit: servers name units and not what they are of."""

from __future__ import annotations

_CLASSES = {
    "temperature": ("°C", "°F", "K"),
    "pressure": ("Pa", "hPa", "kPa", "bar", "mbar", "psi"),
    "voltage": ("V", "mV"),
    "current": ("A", "mA"),
    "power": ("W", "kW", "MW"),
    "energy": ("Wh", "kWh", "MWh"),
    "apparent_power": ("VA", "kVA"),
    "frequency": ("Hz", "kHz"),
    "volume_flow_rate": ("m³/h", "L/min", "l/min"),
    "weight": ("kg", "g", "t"),
    "illuminance": ("lx",),
}
_BY_UNIT = {unit: name for name, units in _CLASSES.items() for unit in units}


def device_class_of(unit: str | None) -> str | None:
    """Return the device class that a unit tells, or None where several have it (``%``)."""
    return _BY_UNIT.get(unit or "")
