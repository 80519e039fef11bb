"""A hub around automations: real states, registries, supervisor, dispatcher and files; a toy integration with a lamp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from hub.adapters.attribution import RecentActions
from hub.adapters.dispatch import Dispatcher
from hub.adapters.host import HostServices
from hub.adapters.interfaces import AdapterHost, ConfigEntry, EntityCall, EntityDescription, Integration, Report
from hub.adapters.manifest import Manifest
from hub.adapters.supervisor import Supervisor
from hub.blueprints import Automations
from hub.config.store import JsonStores
from hub.config.yaml import dump
from hub.core.actions import ActionDescription, ActionTable, ResponseMode
from hub.core.bus import EventBus, Unlisten
from hub.core.callers import Caller, CallerKind
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.ports import Principal, ProtocolFactory
from hub.core.records import AuditEntry, Decision, Run, RunOutcome, ToolCall
from hub.core.registry import Entity, Registries
from hub.core.states import States
from hub.entities import action_table
from hub.errors import DeviceRefused, HubError, InvalidInput, ModelUnavailable
from hub.recorder.runs import decode_run
from hub.templates import Templates

START = 1_704_106_800.0  # Monday 2024-01-01 12:00 in Berlin
ZONE = ZoneInfo("Europe/Berlin")


class Toy:
    """An integration's adapter: a lamp and a sensor, an action that answers, and a trigger of its own."""

    def __init__(self) -> None:
        self.host: AdapterHost | None = None
        self.ready = asyncio.Event()
        self.calls: list[EntityCall] = []
        self.refuses = False
        self.gate: asyncio.Event | None = None
        self.listeners: list[tuple[Mapping[str, Any], Callable[[Mapping[str, Any]], None]]] = []

    async def run(self, host: AdapterHost) -> None:
        self.host = host
        for name in ("lamp", "fan"):
            host.add(EntityDescription(domain="light", unique_id=name, name=name.capitalize()))
            host.report(Report(unique_id=name, state="off"))
        self.ready.set()
        await asyncio.get_running_loop().create_future()

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        self.calls.append(call)
        if self.gate is not None:
            await self.gate.wait()
        if self.refuses:
            raise DeviceRefused("The lamp is broken")
        if call.action == "toy.ask":
            return {"answer": 42}
        for unique_id in call.unique_ids:
            assert self.host is not None
            self.host.report(Report(unique_id=unique_id, state="on" if call.action.endswith("on") else "off"))
        return None

    def listen(self, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Unlisten:
        if "topic" not in spec:
            raise InvalidInput("Expected a topic")
        row = (spec, fire)
        self.listeners.append(row)
        return lambda: self.listeners.remove(row)


class OpenDoors:
    """Everything is allowed, nothing is served, and the audit log is in memory."""

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
        if entity is not None and entity.entity_id == "light.fan" and caller.kind is CallerKind.AUTOMATION:
            return "Automations may not touch the fan"
        return None

    def intent(self, entry: AuditEntry) -> int:
        self.rows.append(entry)
        return len(self.rows)

    def outcome(self, number: int, outcome: str, detail: Mapping[str, Any] | None = None) -> None:
        return


class ToyTriggers:
    """The triggers of the toy integration, wherever its adapter is."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.listen = supervisor.listen

    def offers(self, platform: str) -> bool:
        return platform == "toy"


class KeptRuns:
    """Runs in memory as the recorder keeps them, newest last."""

    def __init__(self) -> None:
        self.all: list[Run] = []

    def add(self, run: Run) -> None:
        self.all.append(decode_run(orjson.loads(run.as_json())))

    async def recent(self, automation_id: str | None = None, limit: int = 100) -> list[Run]:
        return [run for run in reversed(self.all) if automation_id in (None, run.automation_id)][:limit]

    async def get(self, run_id: str) -> Run | None:
        return next((run for run in self.all if run.run_id == run_id), None)


@dataclass
class ToldAgent:
    """An agent that proposes what it is told."""

    said: list[dict[str, Any]] = field(default_factory=list)
    reply: Decision | HubError = field(default_factory=lambda: ModelUnavailable("There is no model"))

    async def command(
        self,
        text: str,
        *,
        context: Context,
        caller: Caller,
        language: str | None,
        area_id: str | None,
        threshold: float,
    ) -> Decision:
        self.said.append(
            {
                "text": text,
                "caller": caller,
                "language": language,
                "area_id": area_id,
                "threshold": threshold,
                "context": context,
            }
        )
        if isinstance(self.reply, HubError):
            raise self.reply
        return self.reply

    def proposes(self, action: str, **target: Any) -> None:
        call = ToolCall(action=action, target=target, outcome="accepted", confidence=0.9)
        self.reply = Decision(question="?", calls=(call,), confidence=0.9, answer="Done")


@dataclass
class Hub:
    """Everything a test looks at."""

    folder: Path
    clock: SimulatedClock
    bus: EventBus
    states: States
    registries: Registries
    supervisor: Supervisor
    automations: Automations
    toy: Toy
    runs: KeptRuns
    agent: ToldAgent
    audit: OpenDoors
    stores: JsonStores

    async def start(self) -> None:
        """Start the toy and the automations; then everything may happen."""
        toy = Integration(
            manifest=Manifest(domain="toy", name="Toy", version="1", api=(1, 1), triggers=("toy",)),
            make=lambda _: self.toy,
        )
        own = Integration(
            manifest=Manifest(domain="automation", name="Automations", version="1", api=(1, 1)),
            make=lambda _: self.automations,
        )
        self.supervisor.start(toy, ConfigEntry(entry_id="toy", integration="toy", title="Toy"))
        await self.toy.ready.wait()
        self.automations.load()
        self.supervisor.start(own, ConfigEntry(entry_id="automation", integration="automation", title="Automations"))
        await self.automations.ready.wait()
        await self.settle()

    def write(self, name: str, config: Any) -> None:
        """Write ``automations/<name>.yaml``: text as it is, anything else as YAML."""
        file = self.folder / "automations" / f"{name}.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(config if isinstance(config, str) else dump(config))

    async def run_automation(self, config: Mapping[str, Any], name: str = "test") -> None:
        """Write an automation and start everything."""
        self.write(name, {"alias": name.capitalize(), **config})
        await self.start()

    def set(self, entity_id: str, state: str, /, **attributes: Any) -> None:
        """Let an entity of nobody change, without any cause."""
        self.states.set(entity_id, state, attributes, context=Context("test"))

    def fire(self, event_type: str, /, **data: Any) -> None:
        """Publish an event."""
        self.bus.publish(Event(event_type, data, Context("test"), self.clock.time()))

    async def settle(self) -> None:
        """Let everything go on until it waits."""
        await self.clock.settle()

    @property
    def called(self) -> list[str]:
        """The actions that reached the toy."""
        return [f"{call.action} {','.join(call.unique_ids)}".strip() for call in self.toy.calls]

    @property
    def outcomes(self) -> list[RunOutcome | None]:
        """How the runs ended, oldest first."""
        return [run.outcome for run in self.runs.all]

    @property
    def last(self) -> Run:
        """The run that ended last."""
        return self.runs.all[-1]


def _table() -> ActionTable:
    table = action_table()
    table.add(ActionDescription(domain="toy", name="ask", entity=False, response=ResponseMode.ONLY))
    return table


MakeHub = Callable[[], Awaitable[Hub]]


@pytest.fixture
async def make_hub(tmp_path: Path) -> AsyncIterator[MakeHub]:
    """Make hubs on one configuration folder; each new one stops the one before, as a restart does."""
    running: list[tuple[asyncio.Task[None], JsonStores]] = []

    async def stop() -> None:
        while running:
            task, stores = running.pop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            stores.flush()

    async def make() -> Hub:
        await stop()
        clock, bus, audit, stores = SimulatedClock(START), EventBus(), OpenDoors(), JsonStores(tmp_path / ".hearth")
        states = States(bus, clock)
        registries = Registries.open(stores.store, bus, clock)
        templates, recent = Templates(states, registries, clock, ZONE), RecentActions(clock)
        services = HostServices(
            bus=bus, states=states, registries=registries, recent=recent, clock=clock, listeners=audit, authenticator=audit,
            audit=audit, renderer=templates, store=stores.store, discovered=lambda _: None, withdrawn=lambda *_: None,
            message=lambda *_: None,
        )  # fmt: skip
        supervisor = Supervisor(services)
        runs, agent = KeptRuns(), ToldAgent()
        automations = Automations(
            config_dir=tmp_path, bus=bus, states=states, templates=templates, runs=runs, agent=agent, triggers=ToyTriggers(supervisor),
            actions=Dispatcher(_table(), registries, states, supervisor, audit, audit, recent, bus, clock),
            clock=clock, registries=registries, recent=recent,
        )  # fmt: skip
        ready = asyncio.Event()
        running.append((asyncio.create_task(supervisor.run(ready)), stores))
        await ready.wait()
        return Hub(
            folder=tmp_path, clock=clock, bus=bus, states=states, registries=registries, supervisor=supervisor,
            automations=automations, toy=Toy(), runs=runs, agent=agent, audit=audit, stores=stores,
        )  # fmt: skip

    yield make
    await stop()


@pytest.fixture
async def hub(make_hub: MakeHub) -> Hub:
    return await make_hub()
