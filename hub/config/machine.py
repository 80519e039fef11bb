"""What the machine says of itself: its names, addresses, time zone and language."""

from __future__ import annotations

import ipaddress
import locale
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ifaddr

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def is_host_name(text: str) -> bool:
    """Say whether a text can be a host's name: letters, digits and hyphens, in lower case, between dots."""
    return _NAME.fullmatch(text) is not None


def machine_names() -> tuple[str, ...]:
    """Return the names of this machine: its own, and that by which multicast DNS knows it (``attic.local``)."""
    name = socket.gethostname().lower().rstrip(".")
    names = (name, f"{name.partition('.')[0]}.local")
    return tuple(dict.fromkeys(one for one in names if is_host_name(one)))


def machine_addresses() -> tuple[str, ...]:
    """Return the addresses at which other machines reach this one: neither loopback's nor link-local ones."""
    return tuple(sorted({str(address) for address in _addresses() if not _is_local(address)}))


def _addresses() -> Iterator[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            yield ipaddress.ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])


def _is_local(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_loopback or address.is_link_local


def machine_time_zone() -> str:
    """Return the name of the machine's time zone: that of ``TZ``, of ``/etc/localtime``, of ``/etc/timezone``, or UTC."""
    named = (os.environ.get("TZ", "").removeprefix(":"), _linked_zone(), _written_zone())
    return next((name for name in named if name and _is_zone(name)), "UTC")


def _linked_zone() -> str:
    try:
        parts = Path("/etc/localtime").resolve().parts
    except OSError:
        return ""
    return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else ""


def _written_zone() -> str:
    try:
        return Path("/etc/timezone").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_zone(name: str) -> bool:
    """Say whether it is a zone's name: TZ may hold a path, or a rule such as ``CET-1CEST`` as well."""
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def machine_language() -> str:
    """Return ``zh-Hans`` where the machine speaks Chinese, otherwise ``en``."""
    name = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh-Hans" if name.lower().startswith("zh") else "en"
