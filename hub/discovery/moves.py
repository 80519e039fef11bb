"""Configured devices that are found at another address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from hub.adapters.entries import ConfigEntries
from hub.adapters.interfaces import ConfigEntry, DiscoveredDevice, Integration, Probed
from hub.discovery.probing import probe
from hub.errors import NotFound

_log = logging.getLogger(__name__)


class Moves:
    """Brings an entry up to date when its device moved.

    An announcement is no proof: anybody can send one, and a probe may carry the device's secrets. So the new address is
    tried only when nothing answers at the old one, and taken only if the device there has the entry's unique id. At most
    32 announcements wait; further ones are dropped, and come again.
    """

    def __init__(self, entries: ConfigEntries, load: Callable[[str], Integration | None], timeout: float) -> None:
        self._entries = entries
        self._load = load
        self._timeout = timeout
        self._waiting: asyncio.Queue[tuple[str, DiscoveredDevice]] = asyncio.Queue(maxsize=32)

    def seen(self, entry: ConfigEntry, device: DiscoveredDevice) -> None:
        """Note where a configured device was found."""
        if entry.source not in ("yaml", "default") and _changes(entry, device) and not self._waiting.full():
            self._waiting.put_nowait((entry.entry_id, device))

    async def run(self) -> None:
        """Look into what was noted, one after another, until cancelled."""
        while True:
            entry_id, device = await self._waiting.get()
            try:
                await self._look(self._entries.get(entry_id), device)
            except NotFound:
                continue  # it was removed meanwhile
            finally:
                self._waiting.task_done()

    async def _look(self, entry: ConfigEntry, device: DiscoveredDevice) -> None:
        integration = self._load(entry.integration)
        changes = _changes(entry, device)
        if integration is None or integration.probe is None or not changes:
            return
        if await self._is_at(integration, entry, {}) or not await self._is_at(integration, entry, changes):
            return
        self._entries.update(entry.entry_id, data={**self._entries.get(entry.entry_id).data, **changes})
        _log.info("%s moved: %s of its entry changed", entry.title, ", ".join(changes))

    async def _is_at(self, integration: Integration, entry: ConfigEntry, changes: dict[str, Any]) -> bool:
        outcome = await probe(integration, {**entry.data, **changes}, self._timeout)
        return isinstance(outcome, Probed) and outcome.unique_id == entry.unique_id


def _changes(entry: ConfigEntry, device: DiscoveredDevice) -> dict[str, Any]:
    return {key: value for key, value in device.data.items() if key in entry.data and entry.data[key] != value}
