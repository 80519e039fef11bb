"""Lets others find the hub on the local network by zeroconf (mDNS)."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping, Sequence

from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from hub.core.clock import Clock
from hub.database import uninterrupted
from hub.discovery.reach import Reach

TYPE = "_hearth._tcp.local."
_CHECK_SECONDS = 60.0
_MOST_NAME = 63  # bytes, as DNS has it
_log = logging.getLogger(__name__)


class Announcement:
    """Announces the hub as ``_hearth._tcp.local.`` at the addresses where others reach it; where none do, nowhere.

    ``properties`` are for everybody to read. When the addresses change, what is announced does within a minute.
    """

    def __init__(
        self, reach: Reach, *, name: Callable[[], str], properties: Callable[[], Mapping[str, str]], clock: Clock
    ) -> None:
        self._reach = reach
        self._name = name
        self._properties = properties
        self._clock = clock

    async def run(self) -> None:
        """Announce until cancelled, then take leave; return at once if the hub is for this machine alone."""
        while self._reach.is_open():
            addresses = await asyncio.to_thread(self._reach.addresses)
            if addresses:
                try:
                    await self._announce(addresses)
                except OSError as error:
                    _log.warning("Cannot announce the hub (%s): is UDP port 5353 open, and the network up?", error)
            await self._clock.sleep(_CHECK_SECONDS)

    async def _announce(self, addresses: Sequence[str]) -> None:
        """Announce until the addresses are others."""
        network = _network(addresses)
        try:
            await (await network.async_register_service(self._service(addresses), allow_name_change=True))
            _log.info("Announced as %s at %s", TYPE, ", ".join(addresses))
            while await asyncio.to_thread(self._reach.addresses) == addresses:
                await self._clock.sleep(_CHECK_SECONDS)
        finally:
            await uninterrupted(network.async_close())  # cut short, it would leave its sockets open

    def _service(self, addresses: Sequence[str]) -> AsyncServiceInfo:
        label = _shortened(self._name().replace(".", " ")) or "Hearth"
        return AsyncServiceInfo(
            TYPE,
            f"{label}.{TYPE}",
            port=self._reach.port(),
            properties=dict(self._properties()),
            parsed_addresses=list(addresses),
            server=f"{socket.gethostname().partition('.')[0].lower()}.local.",
        )


def _network(addresses: Sequence[str]) -> AsyncZeroconf:
    """Multicast by IPv4 where there is any; the answer names every address all the same."""
    ipv4 = [address for address in addresses if ":" not in address]
    version = IPVersion.V4Only if ipv4 else IPVersion.V6Only
    return AsyncZeroconf(interfaces=ipv4 or list(addresses), ip_version=version)


def _shortened(text: str) -> str:
    return text.encode()[:_MOST_NAME].decode(errors="ignore").strip()
