"""What can be configured: how to reach the devices, and the register map of each."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import voluptuous as vol

from hearth_modbus.planner import MOST_WORDS
from hearth_modbus.registers import REGISTER, Register
from hub import InvalidInput

PORT, TLS_PORT = 502, 802


class Transport(StrEnum):
    """How requests travel."""

    TCP = "tcp"
    TLS = "tls"
    RTU = "rtu"
    RTU_OVER_TCP = "rtu_over_tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """The way to the devices: a host and port, or a serial port. ``timeout`` is how long one answer may take.

    ``ca`` is a file of certificates to trust instead of the system's, ``certificate`` and ``key`` files of the hub's own.
    """

    transport: Transport = Transport.TCP
    host: str = ""
    port: int = PORT
    serial_port: str = ""
    baudrate: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1
    timeout: float = 3.0
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    @property
    def address(self) -> str:
        """Where that is, for people."""
        return self.serial_port if self.transport is Transport.RTU else f"{self.host}:{self.port}"

    @property
    def is_exposed(self) -> bool:
        """Whether everybody on a network can read and write along."""
        return self.transport in (Transport.TCP, Transport.RTU_OVER_TCP) and not _is_loopback(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """One device behind the link.

    ``poll`` is how often registers are read that do not say so themselves, in seconds; ``gap`` and ``most`` are of the planner;
    ``always_many`` writes single values with the request for several, as some devices know no other. ``profile`` names a
    register map of its own (see profiles.py).
    """

    unit_id: int = 1
    name: str = ""
    area: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    poll: float = 10.0
    gap: int = 0
    most: int = MOST_WORDS
    always_many: bool = False
    profile: str | None = None
    registers: tuple[Register, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """An entry's data. ``devices`` are as they were written: their profiles are still to be read."""

    link: LinkSettings
    devices: tuple[Mapping[str, Any], ...] = field(default=())

    @staticmethod
    def parse(data: Mapping[str, Any]) -> Settings:
        """Return the settings in an entry's data.

        Raises InvalidInput with the path to what is wrong.
        """
        checked = checked_with(SCHEMA, data, "the Modbus settings")
        link = {key: value for key, value in checked.items() if key != "devices"}
        if "port" not in link and checked["transport"] is Transport.TLS:
            link["port"] = TLS_PORT
        return Settings(link=LinkSettings(**link), devices=tuple(checked["devices"]))


def checked_with(schema: vol.Schema, data: Any, what: str) -> dict[str, Any]:
    """Return data as a schema lets it through.

    Raises InvalidInput with the path to what is wrong.
    """
    try:
        checked: dict[str, Any] = schema(data)
    except vol.Invalid as error:
        first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
        raise InvalidInput(f"{first} in {what}", path=tuple(str(part) for part in first.path)) from None
    return checked


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _without_blanks(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a form sends for fields that were left empty."""
    return {key: value for key, value in data.items() if value is not None and value != ""}


def _agree(data: dict[str, Any]) -> dict[str, Any]:
    needed = "serial_port" if data["transport"] is Transport.RTU else "host"
    if needed not in data:
        raise vol.Invalid(f"expected a {needed} for the transport {data['transport']}", path=[needed])
    if ("certificate" in data) != ("key" in data):
        raise vol.Invalid("expected a certificate and its key, or neither", path=["key"])
    ids = [device["unit_id"] for device in data["devices"]]
    if len(set(ids)) < len(ids):
        raise vol.Invalid("expected each unit_id once", path=["devices"])
    return data


SECONDS = vol.All(vol.Any(int, float), vol.Coerce(float))
MAP_OPTIONS = {
    "name": vol.All(str, str.strip, vol.Length(min=1, max=100)),
    "manufacturer": str,
    "model": str,
    "poll": vol.All(SECONDS, vol.Range(0.1, 86_400)),
    "gap": vol.All(int, vol.Range(0, 100)),
    "most": vol.All(int, vol.Range(4, MOST_WORDS)),
    "always_many": bool,
    vol.Optional("registers", default=list): [REGISTER],
}
"""What a device and a profile both say."""
DEVICE_OPTIONS = {
    **MAP_OPTIONS,
    vol.Optional("unit_id", default=1): vol.All(int, vol.Range(0, 255)),
    "area": str,
    "profile": vol.All(str, str.strip, vol.Length(min=1)),
}
DEVICE = vol.Schema(vol.All(dict, _without_blanks, DEVICE_OPTIONS))
OPTIONS = {
    vol.Optional("transport", default=Transport.TCP): vol.Coerce(Transport),
    "host": vol.All(str, str.strip, vol.Length(min=1)),
    "port": vol.All(int, vol.Range(1, 65_535)),
    "serial_port": vol.All(str, str.strip, vol.Length(min=1)),
    "baudrate": vol.All(int, vol.Range(300, 4_000_000)),
    "bytesize": vol.In((7, 8)),
    "parity": vol.In(("N", "E", "O")),
    "stopbits": vol.In((1, 2)),
    "timeout": vol.All(SECONDS, vol.Range(0.05, 60)),
    "ca": str,
    "certificate": str,
    "key": str,
    vol.Required("devices"): vol.All([DEVICE], vol.Length(min=1)),
}
SCHEMA = vol.Schema(vol.All(dict, _without_blanks, OPTIONS, _agree))
