"""A home in memory: registries, states, templates, actions, and adapters that run. No files, no network of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any, Self

from hub.adapters.attribution import RecentActions
from hub.adapters.dispatch import Dispatcher
from hub.adapters.entries import ConfigEntries
from hub.adapters.host import Host, HostServices
from hub.adapters.interfaces import AdapterHost, ConfigEntry, DiscoveredDevice, Integration, Message
from hub.adapters.supervisor import Health, Supervisor
from hub.core.actions import Action, ActionResult, Target
from hub.core.bus import ALL, EventBus
from hub.core.callers import SYSTEM
from hub.core.clock import Clock, SystemClock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.ports import Listeners, Store
from hub.core.records import AuditEntry
from hub.core.registry import Entity, Registries
from hub.core.state import State
from hub.core.states import States
from hub.entities import action_table
from hub.templates import Templates
from hub.testing.ports import Doors, Gate, Journal, MemoryStore

if TYPE_CHECKING:
    from hub.plugins.manager import Plugins


class MemoryHome:
    """What an adapter's entities become in a hub, without the hub.

    Either a test speaks through ``host``, the real one of an adapter of ``integration``; or it runs adapters in
    ``async with home.running()``: one that it has made (``start``), or an installed integration (``configure``), in this
    process or in one of its own. ``discovered``, ``messages`` and ``audited`` collect what leaves adapters another way;
    ``audit``, ``gate`` and ``doors`` are the hub's ports, for the test to set. A home made with the ``stores`` of another is
    that home after a restart.
    """

    def __init__(
        self,
        integration: str = "test",
        *,
        clock: Clock | None = None,
        stores: dict[str, MemoryStore] | None = None,
        listeners: Listeners | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self.stores = {} if stores is None else stores
        self.bus = EventBus()
        self.states = States(self.bus, self.clock)
        self.registries = Registries.open(self._store, self.bus, self.clock)
        self.table = action_table()
        self.audit, self.gate, self.doors = Journal(), Gate(), Doors()
        self.discovered: list[DiscoveredDevice] = []
        self.messages: list[Message] = []
        self._said: tuple[bool, str | None] | None = None
        self._integration = integration
        recent = RecentActions(self.clock)
        self._services = self._make_services(recent, listeners or self.doors)
        self._host: Host | None = None
        self.supervisor = Supervisor(self._services)
        self.plugins: Plugins | None = None
        self.entries = ConfigEntries(self._store("core.config_entries"), self.clock)
        self.actions = Dispatcher(
            self.table,
            self.registries,
            self.states,
            self.supervisor,
            self.gate,
            self.audit,
            recent,
            self.bus,
            self.clock,
        )

    @property
    def host(self) -> AdapterHost:
        """The host of an adapter that is the test itself."""
        if self._host is None:
            entry = ConfigEntry(entry_id="entry", integration=self._integration, title=self._integration)
            self._host = Host(entry, self._services, self._note)
        return self._host

    @property
    def health(self) -> tuple[bool, str | None] | None:
        """What was last said through ``host`` of its connection."""
        return self._said

    @property
    def audited(self) -> list[AuditEntry]:
        """The entries of the audit log."""
        return [entry for entry, _ in self.audit.rows]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Let adapters run for the time of the block."""
        ready = asyncio.Event()
        supervising = asyncio.create_task(self.supervisor.run(ready), name="supervisor")
        try:
            await ready.wait()
            yield self
        finally:
            supervising.cancel()
            await asyncio.wait([supervising])

    def start(self, integration: Integration, entry: ConfigEntry | None = None) -> ConfigEntry:
        """Start an adapter in this process and return its config entry."""
        name = integration.manifest.domain
        chosen = entry or ConfigEntry(entry_id=name, integration=name, title=integration.manifest.name)
        for action in integration.actions:
            self.table.add(action)
        self.supervisor.start(integration, chosen)
        return chosen

    def configure(
        self,
        name: str,
        data: Mapping[str, Any],
        *,
        isolated: bool | Mapping[str, Any] | None = None,
        plugins: Plugins | None = None,
    ) -> ConfigEntry:
        """Start an installed integration as the hub does for a new config entry, and return that."""
        from hub.plugins.isolation import Isolation  # noqa: PLC0415 - what tests of codecs need not load
        from hub.plugins.manager import Plugins  # noqa: PLC0415
        from hub.plugins.starting import Starter  # noqa: PLC0415

        if self.plugins is None:
            self.plugins = plugins or Plugins(isolation=Isolation(self.clock))
            parts = (self.supervisor, self.entries, self.table, self.registries, self.states, self.bus, self.clock)
            Starter(self.plugins, *parts)
        return self.entries.create(name, name, data, isolated=isolated)

    async def act(self, action: str, unique_id: str, **data: Any) -> ActionResult:
        """Carry out an action on the entity of this unique id."""
        entity = self.entity_of(unique_id)
        assert entity is not None, f"there is no entity of the unique id {unique_id}"
        chosen = Action(name=action, target=Target(entity_id=(entity.entity_id,)), data=data)
        return await self.actions.call(chosen, context=Context("test"), caller=SYSTEM)

    async def until(self, condition: Callable[[], Any], seconds: float = 15.0) -> None:
        """Wait until something that happens in the home makes ``condition`` true.

        Raises TimeoutError.
        """
        changed = asyncio.Event()
        unlisten = self.bus.listen(ALL, lambda _: changed.set())
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    changed.clear()
                    await changed.wait()
        finally:
            unlisten()

    def adapter_health(self, entry: ConfigEntry) -> Health | None:
        """Return how the adapter of a config entry is; None if there is none."""
        return next((row for row in self.supervisor.health() if row.entry_id == entry.entry_id), None)

    def state_of(self, unique_id: str) -> State | None:
        """Return the state of the entity of this unique id, or None."""
        entity = self.entity_of(unique_id)
        return self.states.get(entity.entity_id) if entity else None

    def entity_of(self, unique_id: str) -> Entity | None:
        """Return what is remembered of the entity of this unique id, or None."""
        return next((entity for entity in self.registries.entities if entity.unique_id == unique_id), None)

    def _make_services(self, recent: RecentActions, listeners: Listeners) -> HostServices:
        return HostServices(
            bus=self.bus,
            states=self.states,
            registries=self.registries,
            recent=recent,
            clock=self.clock,
            listeners=listeners,
            authenticator=self.doors,
            audit=self.audit,
            renderer=Templates(self.states, self.registries, self.clock, UTC),
            store=self._store,
            discovered=self._discover,
            withdrawn=lambda _, unique_id: self._withdraw(unique_id),
            message=lambda _, message: self._receive(message),
        )

    def _store(self, name: str) -> Store:
        return self.stores.setdefault(name, MemoryStore())

    def _discover(self, device: DiscoveredDevice) -> None:
        self.discovered.append(device)
        self._stir()

    def _withdraw(self, unique_id: str) -> None:
        self.discovered[:] = [device for device in self.discovered if device.unique_id != unique_id]
        self._stir()

    def _receive(self, message: Message) -> None:
        self.messages.append(message)
        self._stir()

    def _stir(self) -> None:
        """Let who waits look again: what leaves adapters this way is no event."""
        self.bus.publish(Event("hearth_test_noted", {}, Context("test"), self.clock.time()))

    def _note(self, connected: bool, reason: str | None) -> None:
        self._said = (connected, reason)
