"""Looks for what announces itself on the local network by zeroconf (mDNS)."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence

from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from hub.adapters.interfaces import DiscoveredDevice, FoundService, Integration
from hub.adapters.manifest import Manifest
from hub.core.clock import Clock
from hub.discovery.matching import matching

_RESOLVERS = 4
_RESOLVE_MILLISECONDS = 3000
_RETRY_SECONDS = 60.0
_MOST_SERVICES = 1000
_TYPE = re.compile(r"_[\w-]{1,63}\._(tcp|udp)\.local\.")
_log = logging.getLogger(__name__)


class Browser:
    """Browses for the service types that manifests name, and reports what an integration makes of each service.

    ``prepare`` is awaited before an integration is loaded: one that is isolated is asked in its own process.
    ``interfaces`` are IPv4 addresses of this machine; None is all of them, loopback included. At most 1,000 services are
    followed; further ones are dropped and counted.
    """

    def __init__(
        self,
        *,
        manifests: Iterable[Manifest],
        load: Callable[[str], Integration | None],
        prepare: Callable[[str], Awaitable[None]] | None = None,
        found: Callable[[DiscoveredDevice], None],
        gone: Callable[[str, str], None],
        clock: Clock,
        interfaces: Sequence[str] | None = None,
    ) -> None:
        self._manifests = tuple(manifests)
        self._load = load
        self._prepare = prepare
        self._found = found
        self._gone = gone
        self._clock = clock
        self._interfaces = interfaces
        self._services: dict[str, set[tuple[str, str]]] = {}
        self._waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue(maxsize=_MOST_SERVICES)
        self.dropped = 0

    async def run(self) -> None:
        """Browse until cancelled; where the network does not allow it, try again every minute."""
        types = _types(self._manifests)
        while types:
            try:
                await self._browse(types)
            except OSError as error:
                _log.warning("Cannot look for devices (%s): is UDP port 5353 open, and the network up?", error)
            for name in list(self._services):
                self._forget(name)
            await self._clock.sleep(_RETRY_SECONDS)

    async def _browse(self, types: list[str]) -> None:
        choice = InterfaceChoice.All if self._interfaces is None else list(self._interfaces)
        zeroconf = AsyncZeroconf(interfaces=choice, ip_version=IPVersion.V4Only)
        browser = AsyncServiceBrowser(zeroconf.zeroconf, types, handlers=[self._changed])
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(_RESOLVERS):
                    group.create_task(self._resolve_all(zeroconf.zeroconf), name=f"discovery:zeroconf:{number}")
        finally:
            await browser.async_cancel()
            await zeroconf.async_close()

    def _changed(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is ServiceStateChange.Removed:
            self._forget(name)
        elif (name in self._services or len(self._services) < _MOST_SERVICES) and not self._waiting.full():
            self._services.setdefault(name, set())
            self._waiting.put_nowait((service_type, name))
        else:
            self.dropped += 1

    def _forget(self, name: str) -> None:
        for integration, unique_id in self._services.pop(name, ()):
            self._gone(integration, unique_id)

    async def _resolve_all(self, zeroconf: Zeroconf) -> None:
        while True:
            service_type, name = await self._waiting.get()
            info = AsyncServiceInfo(service_type, name)
            if await info.async_request(zeroconf, _RESOLVE_MILLISECONDS) and name in self._services:
                await self._offer(name, info)

    async def _offer(self, name: str, info: AsyncServiceInfo) -> None:
        service = _service(info)
        if service is None:
            return
        found = [await self._device(domain, service) for domain in matching(self._manifests, service)]
        devices = [device for device in found if device is not None]
        if name not in self._services:
            return  # it went while an integration looked at it
        known, self._services[name] = (
            self._services[name],
            {(device.integration, device.unique_id) for device in devices},
        )
        for integration, unique_id in known - self._services[name]:
            self._gone(integration, unique_id)
        for device in devices:
            self._found(device)

    async def _device(self, domain: str, service: FoundService) -> DiscoveredDevice | None:
        if self._prepare is not None:
            await self._prepare(domain)
        integration = self._load(domain)
        if integration is None or integration.from_service is None:
            return None
        try:
            device = integration.from_service(service)
            return await device if isinstance(device, Awaitable) else device
        except Exception:  # noqa: BLE001 - boundary: what the network announces must not stop discovery
            _log.exception("The integration %s failed on the service %r", domain, service.name)
            return None


def _types(manifests: Iterable[Manifest]) -> list[str]:
    """The types to browse for; one that cannot exist is left out, as browsing for it would fail altogether."""
    types = {(matcher.type, manifest.domain) for manifest in manifests for matcher in manifest.zeroconf}
    for service_type, domain in types:
        if not _TYPE.fullmatch(service_type):
            _log.error("Expected a service type such as _http._tcp.local. from %s, got %r", domain, service_type)
    return sorted({service_type for service_type, _ in types if _TYPE.fullmatch(service_type)})


def _service(info: AsyncServiceInfo) -> FoundService | None:
    addresses = tuple(info.parsed_addresses(IPVersion.V4Only))
    if not addresses or not info.port:
        return None
    properties = {_text(key): _text(value or b"") for key, value in info.properties.items()}
    return FoundService(
        type=info.type, name=info.name, host=addresses[0], addresses=addresses, port=info.port, properties=properties
    )


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
