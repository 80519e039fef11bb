"""A small home around the adapters: real registries, states, bus; an adapter that does what a test tells it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.attribution import RecentActions
from hub.adapters.dispatch import Dispatcher
from hub.adapters.host import HostServices
from hub.adapters.interfaces import (
    AdapterHost,
    ConfigEntry,
    DeviceDescription,
    DiscoveredDevice,
    EntityCall,
    EntityDescription,
    Integration,
    Message,
)
from hub.adapters.manifest import Manifest
from hub.adapters.supervisor import Supervisor
from hub.config.store import JsonStores
from hub.core.bus import EventBus, Unlisten
from hub.core.callers import Caller
from hub.core.clock import SimulatedClock
from hub.core.ports import Principal, ProtocolFactory
from hub.core.records import AuditEntry
from hub.core.registry import Entity, Registries
from hub.core.states import States
from hub.entities import action_table
from hub.errors import StorageError
from hub.templates import Templates

MANIFEST = Manifest(domain="toy", name="Toy", version="1", api=(1, 1))
LAMP = EntityDescription(
    domain="light",
    unique_id="lamp",
    name=None,
    device=DeviceDescription(identifiers=("d1",), name="Desk lamp", area="Study"),
    attributes={"supported_color_modes": ["brightness"]},
)


class Journal:
    """An audit log in memory; ``full`` makes it refuse as a full disk does."""

    def __init__(self) -> None:
        self.rows: list[tuple[AuditEntry, str | None]] = []
        self.full = False

    def intent(self, entry: AuditEntry) -> int:
        if self.full:
            raise StorageError("The disk is full")
        self.rows.append((entry, None))
        return len(self.rows) - 1

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        self.rows[number] = (self.rows[number][0], outcome)


class Gate:
    """Capabilities that refuse what ``refused`` names, by action or entity id."""

    def __init__(self) -> None:
        self.refused: set[str] = set()

    def refusal(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        names = {action, entity.entity_id if entity else ""}
        return f"{caller.id} may not do that" if names & self.refused else None


class Doors:
    """Listeners and Authenticator that let nobody in."""

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        return lambda: None

    async def authenticate(self, name: str, secret: str) -> Principal | None:
        return None

    def on_revoked(self, session_id: str, callback: Callable[[], None]) -> Unlisten:
        return lambda: None


class ToyAdapter:
    """Adds a lamp, then does what the test gives it."""

    def __init__(self) -> None:
        self.hosts: list[AdapterHost] = []
        self.calls: list[EntityCall] = []
        self.started = asyncio.Event()
        self.work: Callable[[AdapterHost], Awaitable[None]] = self._forever
        self.execution: Callable[[EntityCall], Awaitable[Mapping[str, Any] | None]] = self._obey

    async def run(self, host: AdapterHost) -> None:
        self.hosts.append(host)
        host.add(LAMP)
        self.started.set()
        await self.work(host)

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        self.calls.append(call)
        return await self.execution(call)

    async def _forever(self, host: AdapterHost) -> None:
        await asyncio.get_running_loop().create_future()

    async def _obey(self, call: EntityCall) -> Mapping[str, Any] | None:
        return None


@dataclass
class Home:
    """Everything a test looks at."""

    clock: SimulatedClock
    bus: EventBus
    states: States
    registries: Registries
    supervisor: Supervisor
    actions: Dispatcher
    audit: Journal
    gate: Gate
    adapter: ToyAdapter
    found: list[DiscoveredDevice] = field(default_factory=list)
    messages: list[tuple[str, Message]] = field(default_factory=list)

    @property
    def host(self) -> AdapterHost:
        return self.adapter.hosts[-1]

    async def start(self) -> None:
        integration = Integration(manifest=MANIFEST, make=lambda _: self.adapter)
        self.supervisor.start(integration, ConfigEntry(entry_id="e1", integration="toy", title="Toy"))
        await self.adapter.started.wait()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    clock, bus = SimulatedClock(), EventBus()
    states = States(bus, clock)
    stores = JsonStores(tmp_path)
    registries = Registries.open(stores.store, bus, clock)
    recent, audit, gate, doors = RecentActions(clock), Journal(), Gate(), Doors()
    found: list[DiscoveredDevice] = []
    messages: list[tuple[str, Message]] = []
    services = HostServices(
        bus=bus,
        states=states,
        registries=registries,
        recent=recent,
        clock=clock,
        listeners=doors,
        authenticator=doors,
        audit=audit,
        renderer=Templates(states, registries, clock, UTC),
        store=stores.store,
        discovered=found.append,
        withdrawn=lambda *_: None,
        message=lambda entry, message: messages.append((entry.integration, message)),
    )
    supervisor = Supervisor(services)
    actions = Dispatcher(action_table(), registries, states, supervisor, gate, audit, recent, bus, clock)
    ready = asyncio.Event()
    running = asyncio.create_task(supervisor.run(ready))
    await ready.wait()
    yield Home(clock, bus, states, registries, supervisor, actions, audit, gate, ToyAdapter(), found, messages)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
