"""The dialog that adds one device with its register map."""

from __future__ import annotations

from hearth_modbus.config import Transport
from hearth_modbus.profiles import shipped
from hub import Field

FORM = (
    Field(
        name="transport",
        selector={
            "select": {
                "options": [
                    {"value": Transport.TCP.value, "label": "TCP"},
                    {"value": Transport.TLS.value, "label": "TLS"},
                    {"value": Transport.RTU.value, "label": "RTU, serial"},
                    {"value": Transport.RTU_OVER_TCP.value, "label": "RTU over TCP"},
                ]
            }
        },
        default=Transport.TCP.value,
        label="Connection",
        description="TCP for devices and gateways in the network, RTU for a serial port of this machine",
    ),
    Field(name="host", selector={"text": {}}, label="Host", description="Name or address; not for a serial port"),
    Field(
        name="port",
        selector={"number": {"min": 1, "max": 65_535, "mode": "box"}},
        label="Port",
        description="502, or 802 with TLS, if left empty",
    ),
    Field(name="serial_port", selector={"text": {}}, label="Serial port", description="Such as /dev/ttyUSB0"),
    Field(
        name="baudrate",
        selector={"number": {"min": 300, "max": 4_000_000, "mode": "box"}},
        label="Baud rate",
        description="9600 if left empty",
    ),
    Field(
        name="parity",
        selector={
            "select": {
                "options": [
                    {"value": "N", "label": "None"},
                    {"value": "E", "label": "Even"},
                    {"value": "O", "label": "Odd"},
                ]
            }
        },
        label="Parity",
        description="None if left empty",
    ),
    Field(
        name="unit_id",
        selector={"number": {"min": 0, "max": 255, "mode": "box"}},
        default=1,
        label="Unit",
        description="The device's number, also called slave address",
    ),
    Field(name="name", selector={"text": {}}, label="Name", description="What to call the device"),
    Field(
        name="profile",
        selector={"select": {"options": shipped(), "custom_value": True}},
        label="Profile",
        description="A known device, or the path of a file with a register map",
    ),
    Field(
        name="registers",
        selector={"text": {"multiline": True}},
        label="Registers",
        description="Besides or instead of a profile, as YAML: - {name: Power, kind: input, address: 12, type: float32, unit: W}",
    ),
)
