"""A hub around its own entities: real states, registries, supervisor, dispatcher and files; time moves when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hub.adapters.attribution import RecentActions
from hub.adapters.dispatch import Dispatcher
from hub.adapters.host import HostServices
from hub.adapters.interfaces import (
    AdapterHost,
    ConfigEntry,
    EntityCall,
    EntityDescription,
    Integration,
    Report,
)
from hub.adapters.manifest import Manifest
from hub.adapters.supervisor import Supervisor
from hub.config.settings import Settings
from hub.config.store import JsonStores
from hub.core.actions import Action, ActionResult, Target
from hub.core.bus import EventBus, Unlisten
from hub.core.callers import SYSTEM, Caller
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.events import HUB_STARTED, Event
from hub.core.ports import Principal, ProtocolFactory
from hub.core.records import AuditEntry
from hub.core.registry import Entity, Registries
from hub.core.state import State
from hub.core.states import States
from hub.entities import action_table
from hub.templates import Templates
from hub.virtual import Virtual, located

ZONE = ZoneInfo("Europe/Berlin")
START = 1_704_106_800.0  # Monday 2024-01-01 12:00 in Berlin
SETTINGS = Settings(name="Nest", time_zone="Europe/Berlin", latitude=52.5163, longitude=13.3777, elevation=34)
USERS = ("u1", "u2")


class Lamp:
    """An integration with two lamps and a phone, whose actions are written down and done."""

    def __init__(self) -> None:
        self.host: AdapterHost
        self.calls: list[EntityCall] = []
        self.callers: list[Caller] = []

    async def run(self, host: AdapterHost) -> None:
        self.host = host
        for name in ("lamp", "fan"):
            host.add(EntityDescription(domain="light", unique_id=name, name=name.capitalize(), features=32))
            host.report(Report(unique_id=name, state="off"))
        for name in ("phone", "router"):
            host.add(EntityDescription(domain="device_tracker", unique_id=name, name=name.capitalize()))
        await asyncio.get_running_loop().create_future()

    async def execute(self, call: EntityCall) -> None:
        self.calls.append(call)
        for unique_id in call.unique_ids:
            on = call.action.endswith("on")
            self.host.report(
                Report(unique_id=unique_id, state="on" if on else "off", attributes=call.data if on else {})
            )

    def track(self, tracker: str, state: str | None = None, **attributes: Any) -> None:
        """Let a tracker report."""
        self.host.report(Report(unique_id=tracker, state=state, attributes=attributes))

    def locate(self, latitude: float, longitude: float, accuracy: float = 0) -> None:
        """Let the phone report a place."""
        self.track("phone", source_type="gps", latitude=latitude, longitude=longitude, gps_accuracy=accuracy)


class Doors:
    """Nothing is served; the lamp named fan is for nobody but the hub; the audit log is in memory."""

    def __init__(self) -> None:
        self.rows: list[AuditEntry] = []

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        return lambda: None

    async def authenticate(self, name: str, secret: str, integration: str) -> Principal | None:
        return None

    def on_revoked(self, session_id: str, callback: Callable[[], None]) -> Unlisten:
        return lambda: None

    def sees(self, caller: Caller, entity_id: str) -> bool:
        return True

    def refusal(self, caller: Caller, action: str, entity: Entity | None) -> str | None:
        if entity is not None and entity.entity_id == "light.fan" and caller != SYSTEM:
            return "The fan is not for you"
        return None

    def intent(self, entry: AuditEntry) -> int:
        self.rows.append(entry)
        return len(self.rows)

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        return


class House:
    """Everything a test looks at."""

    def __init__(self, folder: Path, start: float) -> None:
        self.clock, self.bus, self.doors, self.lamp = SimulatedClock(start), EventBus(), Doors(), Lamp()
        self.stores = JsonStores(folder / ".hearth")
        self.states = States(self.bus, self.clock)
        self.registries = Registries.open(self.stores.store, self.bus, self.clock)
        self.templates = Templates(self.states, self.registries, self.clock, ZONE)
        self.recent, self.table, self.events = RecentActions(self.clock), action_table(), list[Event]()
        self.supervisor = Supervisor(self._services())
        self.actions = Dispatcher(
            self.table, self.registries, self.states, self.supervisor, self.doors, self.doors, self.recent, self.bus, self.clock
        )  # fmt: skip
        self.virtual = Virtual(
            settings=SETTINGS, home=self.templates.home, bus=self.bus, recent=self.recent, actions=self.actions,
            table=self.table, store=self.stores.store, knows_user=USERS.__contains__,
        )  # fmt: skip
        self.bus.listen("*", lambda event: self.events.append(event) if isinstance(event, Event) else None)

    async def start(self, *, up: bool = True) -> None:
        """Run the adapters; with ``up``, say that the hub is up."""
        self.virtual.start(self.supervisor)
        manifest = Manifest(domain="toy", name="Toy", version="1", api=(1, 1))
        toy = Integration(manifest=manifest, make=lambda _: self.lamp)
        self.supervisor.start(toy, ConfigEntry(entry_id="toy", integration="toy", title="Toy"))
        await self.clock.settle()
        if up:
            self.fire(HUB_STARTED)

    def define(self, domain: str, **data: Any) -> str:
        """Define an item and return its entity id."""
        item = self.virtual.collections[domain].create({"name": "Test", **data})
        return self.entity_id(domain, item["id"])

    def entity_id(self, domain: str, item_id: str = "test") -> str:
        entity = self.registries.entities.find(domain, item_id)
        assert entity is not None
        return entity.entity_id

    async def call(
        self, action: str, entity_id: str | None = None, /, *, caller: Caller = SYSTEM, **data: Any
    ) -> ActionResult:
        """Ask for an action."""
        target = Target(entity_id=(entity_id,)) if entity_id else Target()
        return await self.actions.call(
            Action(name=action, target=target, data=data), context=Context("test"), caller=caller
        )

    async def act(self, action: str, entity_id: str | None = None, /, **data: Any) -> None:
        """Ask for an action that must succeed."""
        result = await self.call(action, entity_id, **data)
        assert result.ok, result.error

    async def error(self, action: str, entity_id: str | None = None, /, **data: Any) -> str:
        """Ask for an action that must fail and return why."""
        result = await self.call(action, entity_id, **data)
        assert not result.ok
        return str(result.error)

    def state(self, entity_id: str) -> State:
        """Return a state that must be there."""
        state = self.states.get(entity_id)
        assert state is not None, entity_id
        return state

    def shown(self, entity_id: str) -> str:
        return self.state(entity_id).state

    def fire(self, event_type: str, **data: Any) -> None:
        self.bus.publish(Event(event_type, data, Context("test"), self.clock.time()))

    def heard(self, prefix: str) -> list[str]:
        """Return the types of the events so far that begin with ``prefix``."""
        return [event.type for event in self.events if event.type.startswith(prefix)]

    def _services(self) -> HostServices:
        return HostServices(
            bus=self.bus, states=self.states, registries=self.registries, recent=self.recent, clock=self.clock,
            listeners=self.doors, authenticator=self.doors, audit=self.doors, renderer=self.templates, store=self.stores.store,
            discovered=lambda _: None, withdrawn=lambda *_: None, message=lambda *_: None,
            locate=lambda attributes: located(self.states, attributes),
        )  # fmt: skip


class Houses:
    """Houses on one configuration folder; each new one stops the one before, as a restart does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: tuple[House, asyncio.Task[None]] | None = None

    async def __call__(self, *, after: float = 0.0, up: bool = True) -> House:
        """Start a house, ``after`` seconds after the one before has stopped."""
        before = self._running[0].clock.time() if self._running else START
        await self.stop()
        house, ready = House(self._folder, before + after), asyncio.Event()
        self._running = house, asyncio.create_task(house.supervisor.run(ready))
        await ready.wait()
        await house.start(up=up)
        return house

    async def stop(self) -> None:
        if self._running is not None:
            house, task = self._running
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            house.stores.flush()
            self._running = None


@pytest.fixture
async def houses(tmp_path: Path) -> AsyncIterator[Houses]:
    made = Houses(tmp_path)
    yield made
    await made.stop()


@pytest.fixture
async def house(houses: Houses) -> House:
    return await houses()
