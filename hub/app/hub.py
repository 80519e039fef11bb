"""The composition root: builds every part and runs them in one TaskGroup. The only package that knows them all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub import __version__
from hub.adapters.attribution import RecentActions
from hub.adapters.dispatch import Dispatcher
from hub.adapters.entries import ConfigEntries
from hub.adapters.host import HostServices
from hub.adapters.interfaces import ConfigEntry, Integration, Message
from hub.adapters.manifest import Manifest
from hub.adapters.pictures import PictureTokens
from hub.adapters.standing import standing_attributes
from hub.adapters.supervisor import Supervisor
from hub.agent import CommandAgent, Conversation
from hub.agent.channels import Channels, Entrance, Outbox, Pairings, Senders
from hub.app.api import application, control_answers
from hub.app.inference import backends
from hub.blueprints import Automations
from hub.config.folder import AUDIT_FILE, AUTH_FILE, CONVERSATIONS_FILE, HISTORY_FILE, SOCKET_FILE
from hub.config.home import HomeSettings
from hub.config.settings import Settings
from hub.config.store import JsonStores
from hub.conversation import SqliteConversationStore
from hub.core.bus import EventBus, Unlisten
from hub.core.clock import Clock, SystemClock
from hub.core.context import Context
from hub.core.events import HUB_STARTED, HUB_STOP, Event
from hub.core.records import AuditEntry
from hub.core.registry import Registries
from hub.core.state import UNAVAILABLE, State
from hub.core.states import States
from hub.discovery import Announcement, Browser, Flows, Reach
from hub.entities import action_table
from hub.errors import HubError, StorageError
from hub.gateway import Arrival, Gateway, Wire, plain_wires
from hub.inference.library.choice import DOCUMENT
from hub.plugins.isolation import Isolation
from hub.plugins.manager import Plugins
from hub.plugins.starting import Starter
from hub.recorder import Recorder, RecorderSettings
from hub.security import Accounts, AuditLog, Auth, Door, Policy
from hub.security.certificates import Certificates, certificate_names, own_files
from hub.server import (
    Logbook,
    RecentLog,
    SignedPaths,
    handling,
    insecure_application,
    serving_control,
)
from hub.templates import Templates
from hub.virtual import Virtual, located

START_TIMEOUT = 30.0
_log = logging.getLogger(__name__)
T = TypeVar("T")
V = TypeVar("V")


class Hub:
    """A whole hub over one configuration folder; ``async with hub.running()`` runs it."""

    def __init__(self, folder: Path, settings: Settings, *, clock: Clock | None = None) -> None:
        self.folder = folder
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self._stop = asyncio.Event()
        self._listening = asyncio.Event()
        self.log = RecentLog()
        self._build_core()
        self._build_security()
        self._build_adapters()
        self._build_agent()

    def _build_core(self) -> None:
        self.bus = EventBus()
        self.states = States(self.bus, self.clock)
        self.stores = JsonStores(self.folder / ".hearth")
        self.home = HomeSettings(self.settings, self.stores.store("core.config"))
        self.settings = self.home.settings
        self.registries = Registries.open(self.stores.store, self.bus, self.clock)
        self.table = action_table()
        self.templates = Templates(self.states, self.registries, self.clock, time_zone(self.settings.time_zone))
        self.recorder = Recorder(
            self.folder / HISTORY_FILE,
            self.bus,
            self.clock,
            _checked(RecorderSettings.parse, self.settings.recorder, RecorderSettings()),
        )
        self.logbook = Logbook(self.recorder.happenings, self.states)

    def _build_security(self) -> None:
        self.audit = AuditLog(self.folder / AUDIT_FILE, self.clock)
        self.auth = Auth(self.folder / AUTH_FILE, self.clock, self.audit)
        self.signed_paths = SignedPaths(self.clock, self.auth.principal_of)
        self.capabilities = Policy(self.auth.users, self.registries, self.table)
        self.accounts = Accounts(self.auth, self.audit, self.bus, self.clock)

    def _build_entrance(self) -> None:
        settings = self.settings
        self.plain: tuple[Wire, ...] = _checked(plain_wires, settings.plain_protocols, ())
        self.gateway = Gateway(on_connection=self._note_connection, plain=self.plain)
        self.certificates = Certificates(
            self.folder,
            self.clock,
            names=partial(certificate_names, settings),
            own=own_files(self.folder, settings),
            changed=self.gateway.secure,
        )
        self.reach = Reach(settings, lambda: self.gateway.addresses, lambda: self.gateway.port)
        self.announcement = Announcement(self.reach, name=self._name, properties=self._announced, clock=self.clock)

    def _build_adapters(self) -> None:
        self._build_entrance()
        self.plugins = Plugins(isolation=Isolation(self.clock, self.settings.time_zone))
        self.entries = ConfigEntries(self.stores.store("core.config_entries"), self.clock)
        self.flows = Flows(
            load=self.plugins.load,
            prepare=self.plugins.prepare,
            entries=self.entries,
            store=self.stores.store("discovery"),
            bus=self.bus,
            clock=self.clock,
        )
        self.browser = Browser(
            manifests=[extension.manifest for extension in self.plugins.all() if extension.manifest is not None],
            load=self.plugins.load,
            prepare=self.plugins.prepare,
            found=self.flows.discovered,
            gone=self.flows.withdrawn,
            clock=self.clock,
            interfaces=self.settings.discovery.get("interfaces"),
        )
        self._recent = RecentActions(self.clock)
        self.pictures = PictureTokens(self.clock)
        self.supervisor = Supervisor(self._host_services(self._recent))
        self.starter = Starter(
            self.plugins,
            self.supervisor,
            self.entries,
            self.table,
            self.registries,
            self.states,
            self.bus,
            self.clock,
        )
        self.actions = Dispatcher(
            self.table,
            self.registries,
            self.states,
            self.supervisor,
            self.capabilities,
            self.audit,
            self._recent,
            self.bus,
            self.clock,
        )

    def _host_services(self, recent: RecentActions) -> HostServices:
        return HostServices(
            bus=self.bus,
            states=self.states,
            registries=self.registries,
            recent=recent,
            clock=self.clock,
            listeners=self.gateway,
            authenticator=Door(self.auth, self.capabilities),
            audit=self.audit,
            renderer=self.templates,
            store=self.stores.store,
            discovered=self.flows.discovered,
            withdrawn=self.flows.withdrawn,
            message=self._message,
            pictures=self.pictures,
            locate=partial(located, self.states),
        )

    def _build_agent(self) -> None:
        self.backend, self.servers, self.models, self.swap = backends(
            self.settings.inference, self.folder, self.clock, self.stores.store(DOCUMENT)
        )
        self.conversations = SqliteConversationStore(self.folder / CONVERSATIONS_FILE)
        self.agent = CommandAgent(
            backend=self.backend,
            actions=self.actions,
            capabilities=self.capabilities,
            states=self.states,
            registries=self.registries,
            clock=self.clock,
            table=self.table,
            time_zone=time_zone(self.settings.time_zone),
        )
        self.conversation = Conversation(self.agent, self.conversations, self.states, self.clock)
        self.channels = self._channels()
        self.virtual = Virtual(
            settings=self.settings,
            home=self.templates.home,
            bus=self.bus,
            recent=self._recent,
            actions=self.actions,
            table=self.table,
            store=self.stores.store,
            knows_user=lambda user_id: self.auth.users.get(user_id) is not None,
        )
        self.automations = Automations(
            config_dir=self.folder,
            bus=self.bus,
            states=self.states,
            actions=self.actions,
            templates=self.templates,
            runs=self.recorder.runs,
            agent=self.agent,
            triggers=_Triggers(self.plugins, self.supervisor),
            clock=self.clock,
            registries=self.registries,
            recent=self._recent,
            sun=self.virtual.sun,
        )

    def _channels(self) -> Channels:
        senders = Senders(self.stores.store("channels"))
        entrance = Entrance(senders, Pairings(self.clock), self.auth.users, self.audit, self.bus, self.clock)
        self.entries.listen(lambda old, new: entrance.forget(old.entry_id) if old and new is None else None)
        return Channels(
            self.conversation,
            entrance,
            Outbox(self.supervisor),
            self.audit,
            self.bus,
            self.clock,
            language=self.settings.language,
        )

    @property
    def port(self) -> int:
        """The port that the hub listens on, while it runs."""
        return self.gateway.port

    def stop(self) -> None:
        """Ask the hub to end."""
        self._stop.set()

    async def stopped(self) -> None:
        """Wait until somebody asks the hub to end."""
        await self._stop.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        """Run the hub for the time of the block; when the block begins, it is up."""
        ready = asyncio.Event()
        parts: Mapping[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "stores": self.stores.run,
            "audit": self.audit.run,
            "auth": self.auth.run,
            "recorder": self.recorder.run,
            "inference": self.backend.run,
            "servers": self.servers.run,
            "swap": self.swap.run,
            "flows": self.flows.run,
            "browser": self.browser.run,
            "channels": self.channels.run,
            "pictures": self.pictures.run,
            "certificates": self.certificates.run,
            "announcement": self._announce,
            "supervisor": partial(self.supervisor.run, ready),
        }
        async with self.audit, self.auth, self.recorder, self.conversations, asyncio.TaskGroup() as group:
            tasks = [group.create_task(run(), name=name) for name, run in parts.items()]
            try:
                async with self._serving():
                    await ready.wait()
                    self._start()
                    async with asyncio.timeout(START_TIMEOUT):
                        await self.automations.ready.wait()
                    self._publish(HUB_STARTED)
                    yield self
                    self._publish(HUB_STOP)
                    await _ended(tasks.pop())  # the supervisor: adapters take leave while the port is open
            finally:
                for task in reversed(tasks):  # each may still use those before it: stores are written last
                    await _ended(task)

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[None]:
        self.application = application(self)
        await self.certificates.open()
        self._note_plain_protocols()
        with self.log.listening():
            async with (
                serving_control(self.folder / SOCKET_FILE, control_answers(self)),
                self.gateway.listening(self.settings.host, self.settings.port),
                handling(insecure_application(self.certificates, lambda: self.gateway.port)) as insecure,
                handling(self.application) as factory,
            ):
                self.gateway.answer_insecure(insecure)
                self.gateway.serve("http", factory)
                self._listening.set()
                yield

    async def _announce(self) -> None:
        await self._listening.wait()
        await self.announcement.run()

    def _name(self) -> str:
        return self.home.settings.name

    def _show_known(self) -> None:
        """Show every known entity as unavailable until its device says something, as Home Assistant does."""
        now, context = self.clock.time(), Context("restart")
        for entity in self.registries.entities:
            if entity.disabled_by is None:
                attributes = {"restored": True, **entity.capabilities, **standing_attributes(entity, self.registries)}
                self.states.restore(State(entity.entity_id, UNAVAILABLE, attributes, now, now, context))

    def _start(self) -> None:
        self._show_known()
        self.virtual.start(self.supervisor)
        self.starter.start(self.settings.integrations)
        self._start_automations()

    def _start_automations(self) -> None:
        self.automations.load()
        manifest = Manifest(domain="automation", name="Automations", version="1", api=(1, 1))
        entry = ConfigEntry(entry_id="automation", integration="automation", title="Automations", source="system")
        self.supervisor.start(Integration(manifest=manifest, make=lambda _: self.automations), entry)

    def _note_connection(self, arrival: Arrival) -> None:
        detail = {"tls": arrival.tls, "detail": arrival.detail}
        subject, caller = str(arrival.protocol), f"peer:{arrival.peer}"
        outcome = str(arrival.verdict)
        entry = AuditEntry(kind="connection", subject=subject, caller=caller, detail=detail, outcome=outcome)
        try:
            self.audit.intent(entry)
        except StorageError as error:  # the connection may still be read from; what it wants done is refused
            _log.error("A connection from %s is not in the audit log: %s", arrival.peer, error)

    def _note_plain_protocols(self) -> None:
        """An exception from TLS is said at each start, in the log and in the audit."""
        for protocol in self.plain:
            _log.warning("Other machines may speak %s without TLS, passwords included (server: plain)", protocol)
            entry = AuditEntry(kind="connection", subject=protocol, caller="settings", detail={"plain": True})
            self.audit.intent(entry)

    def _announced(self) -> Mapping[str, str]:
        told = {"version": __version__, "url": self.reach.url(), "ca_sha256": self.certificates.fingerprint()}
        return {key: value for key, value in told.items() if value}

    def _message(self, entry: ConfigEntry, message: Message) -> None:
        self.channels.receive(entry, message)

    def _publish(self, type_: str, data: Mapping[str, Any] | None = None) -> None:
        self.bus.publish(Event(type_, data or {}, Context("hub"), self.clock.time()))


@dataclass(frozen=True, slots=True)
class _Triggers:
    """The triggers of integrations: offered by those installed, listened for at those running."""

    plugins: Plugins
    supervisor: Supervisor

    def offers(self, platform: str) -> bool:
        return self.plugins.offers_trigger(platform)

    def listen(self, platform: str, spec: Mapping[str, Any], fire: Callable[[Mapping[str, Any]], None]) -> Unlisten:
        return self.supervisor.listen(platform, spec, fire)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone; UTC, with a line in the log, for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        _log.error("Expected a time zone such as Europe/Berlin, got %r: UTC is used", name)
        return ZoneInfo("UTC")


def _checked(parse: Callable[[V], T], value: V, default: T) -> T:
    try:
        return parse(value)
    except HubError as error:
        _log.error("%s; the default is used", error)
        return default
