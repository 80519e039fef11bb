"""A home in memory: the hub's registries, states and templates, and a real host for one adapter. No files, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

from hub.adapters.attribution import RecentActions
from hub.adapters.host import Host, HostServices
from hub.adapters.interfaces import ConfigEntry, DiscoveredDevice, Message
from hub.core.bus import EventBus, Unlisten
from hub.core.clock import Clock, SystemClock
from hub.core.ports import Migrate, Principal, ProtocolFactory, Store
from hub.core.records import AuditEntry
from hub.core.registry import Entity, Registries
from hub.core.state import State
from hub.core.states import States
from hub.templates import Templates


class MemoryStore:
    """A document in memory; written out when it is read, as a store on disk writes many changes at once."""

    def __init__(self) -> None:
        self._saved: tuple[int, Callable[[], dict[str, Any]]] | None = None

    def load(self, version: int, migrate: Migrate) -> dict[str, Any] | None:
        if self._saved is None:
            return None
        old, data = self._saved
        return data() if old == version else migrate(data(), old)

    def save(self, version: int, data: Callable[[], dict[str, Any]]) -> None:
        self._saved = (version, data)


class MemoryHome:
    """What an adapter's entities become in a hub, without the hub.

    ``host`` is the real one. ``discovered``, ``messages`` and ``audited`` collect what leaves it another way. A home made
    with the ``stores`` of another is that home after a restart.
    """

    def __init__(
        self, integration: str, *, clock: Clock | None = None, stores: dict[str, MemoryStore] | None = None
    ) -> None:
        self.clock = clock or SystemClock()
        self.stores = {} if stores is None else stores
        self.bus = EventBus()
        self.states = States(self.bus, self.clock)
        self.registries = Registries.open(self._store, self.bus, self.clock)
        self.discovered: list[DiscoveredDevice] = []
        self.messages: list[Message] = []
        self.audited: list[AuditEntry] = []
        self.health: tuple[bool, str | None] | None = None
        entry = ConfigEntry(entry_id="entry", integration=integration, title=integration)
        self.host = Host(entry, self._services(), self._set_health)

    def state_of(self, unique_id: str) -> State | None:
        """Return the state of the entity of this unique id, or None."""
        entity = self.entity_of(unique_id)
        return self.states.get(entity.entity_id) if entity else None

    def entity_of(self, unique_id: str) -> Entity | None:
        """Return what is remembered of the entity of this unique id, or None."""
        return next((entity for entity in self.registries.entities if entity.unique_id == unique_id), None)

    def _services(self) -> HostServices:
        return HostServices(
            bus=self.bus,
            states=self.states,
            registries=self.registries,
            recent=RecentActions(self.clock),
            clock=self.clock,
            listeners=_NoPort(),
            authenticator=_Nobody(),
            audit=_Audited(self.audited),
            renderer=Templates(self.states, self.registries, self.clock, UTC),
            store=self._store,
            discovered=self.discovered.append,
            withdrawn=lambda _, unique_id: self._withdraw(unique_id),
            message=lambda _, message: self.messages.append(message),
        )

    def _store(self, name: str) -> Store:
        return self.stores.setdefault(name, MemoryStore())

    def _withdraw(self, unique_id: str) -> None:
        self.discovered = [device for device in self.discovered if device.unique_id != unique_id]

    def _set_health(self, connected: bool, reason: str | None) -> None:
        self.health = (connected, reason)


class _NoPort:
    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        raise RuntimeError(f"Expected a hub with a port for {protocol}, got a home in memory")


class _Nobody:
    async def authenticate(self, name: str, secret: str) -> Principal | None:
        return None

    def on_revoked(self, session_id: str, callback: Callable[[], None]) -> Unlisten:
        return lambda: None


class _Audited:
    def __init__(self, entries: list[AuditEntry]) -> None:
        self._entries = entries

    def intent(self, entry: AuditEntry) -> int:
        self._entries.append(entry)
        return len(self._entries)

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        """Keep the intent as it was: the test reads ``audited``."""
