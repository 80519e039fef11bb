"""What the hub's own certificate is for."""

from __future__ import annotations

import ipaddress

from hub.config.machine import is_host_name, machine_addresses, machine_names
from hub.config.settings import Settings

_HERE = ("localhost", "127.0.0.1", "::1")


def certificate_names(settings: Settings) -> frozenset[str]:
    """Return the names and addresses at which the hub is reached: this machine's, and those in its settings."""
    named = (*_HERE, *machine_names(), *machine_addresses(), *settings.server_names, settings.host.lower())
    return frozenset(name for name in named if _can_be_reached(name))


def _can_be_reached(name: str) -> bool:
    """Say whether it is a name or an address, and not ``0.0.0.0``, which means all of them."""
    try:
        return not ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return is_host_name(name)
