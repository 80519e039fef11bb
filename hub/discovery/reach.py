"""Where other machines reach the hub."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from hub.config.machine import machine_addresses, machine_names
from hub.config.settings import Settings
from hub.gateway.addresses import is_loopback


class Reach:
    """The hub as others see it: ``bound`` returns the addresses that it listens on, ``port`` the port."""

    def __init__(self, settings: Settings, bound: Callable[[], Sequence[str]], port: Callable[[], int]) -> None:
        self._settings = settings
        self._bound = bound
        self._port = port

    def is_open(self) -> bool:
        """Say whether the hub is meant for other machines too."""
        return not is_loopback(self._settings.host)

    def addresses(self) -> tuple[str, ...]:
        """Return this machine's addresses at which others reach the hub; none while it listens on loopback only."""
        bound = [ipaddress.ip_address(address) for address in self._bound()]
        wide = {address.version for address in bound if address.is_unspecified}
        single = [str(address) for address in bound if not address.is_unspecified and not address.is_loopback]
        return (*single, *(one for one in machine_addresses() if ipaddress.ip_address(one).version in wide))

    def port(self) -> int:
        """Return the port."""
        return self._port()

    def name(self) -> str | None:
        """Return the name under which others find the hub: one from its settings, or the machine's ``name.local``."""
        names = (*self._settings.server_names, *reversed(machine_names()))
        return next(iter(names), None)

    def url(self) -> str | None:
        """Return the address for others' browsers; None where there is none."""
        addresses = self.addresses()
        if not addresses:
            return None
        host = self.name() or addresses[0]
        return f"https://[{host}]:{self.port()}" if ":" in host else f"https://{host}:{self.port()}"

    def hosts(self) -> frozenset[str]:
        """Return the names under which requests may ask for the hub; by the machine's own only if others reach it."""
        names = {"localhost", self._settings.host.lower(), *self._settings.server_names}
        return frozenset(names.union(machine_names()) if self.is_open() else names)
