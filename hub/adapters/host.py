"""What an adapter meets: its entities become registry entries and states, its reports become events."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hub.adapters.attribution import RecentActions
from hub.adapters.forgetting import forget
from hub.adapters.interfaces import (
    AreaDescription,
    ConfigEntry,
    DeviceDescription,
    DiscoveredDevice,
    EntityDescription,
    Message,
    Report,
    Storage,
)
from hub.adapters.naming import suggested_object_id
from hub.adapters.pictures import DOMAINS as WITH_PICTURES
from hub.adapters.pictures import PictureTokens
from hub.adapters.standing import standing_attributes
from hub.adapters.workplace import Workplace
from hub.core.bus import EventBus, Unlisten
from hub.core.clock import Clock, SystemClock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.ports import Audit, Authenticator, Listeners, Principal, ProtocolFactory, Store
from hub.core.records import AuditEntry
from hub.core.registry import Device, Entity, Registries
from hub.core.state import MAX_STATE_LENGTH, UNAVAILABLE, UNKNOWN
from hub.core.states import States
from hub.entities import DOMAINS, Domain
from hub.errors import InvalidInput

_log = logging.getLogger(__name__)


class Renderer(Protocol):
    """Renders templates in the limited environment."""

    def render(
        self, template: str, variables: Mapping[str, Any], *, limited: bool = False, parse_result: bool = True
    ) -> Any:
        """Return the rendered text, or with ``parse_result`` what it is the text of.

        Raises TemplateError.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class HostServices:
    """The parts of the hub that hosts use; made once, in ``hub.app``."""

    bus: EventBus
    states: States
    registries: Registries
    recent: RecentActions
    clock: Clock
    listeners: Listeners
    authenticator: Authenticator
    audit: Audit
    renderer: Renderer
    store: Callable[[str], Store]
    discovered: Callable[[DiscoveredDevice], None]
    withdrawn: Callable[[str, str], None]
    message: Callable[[ConfigEntry, Message], None]
    locate: Callable[[Mapping[str, Any]], str | None] = lambda _: None
    """Says where a device tracker is whose report tells a place but no state."""
    pictures: PictureTokens = field(default_factory=lambda: PictureTokens(SystemClock()))


@dataclass(slots=True)
class _Shown:
    """An entity that this host shows: what its next state is made of."""

    description: EntityDescription
    entity: Entity
    domain: Domain
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    state: str = UNKNOWN
    own: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    available: bool = True
    warned: bool = False


class Host:
    """Implements ``AdapterHost`` in the hub's own process, for one config entry."""

    def __init__(self, entry: ConfigEntry, services: HostServices, health: Callable[[bool, str | None], None]) -> None:
        self._entry = entry
        self._services = services
        self._health = health
        self._shown: dict[str, _Shown] = {}
        self._origin = f"adapter:{entry.integration}"
        self._workplace = Workplace(entry.integration)
        self._storage = _EntryStorage(entry.entry_id, services.store)
        self._unlisten = [
            services.bus.listen("entity_registry_updated", self._entity_updated),
            services.bus.listen("device_registry_updated", self._device_updated),
            services.pictures.on_renewed(self._pictures_renewed),
        ]

    @property
    def clock(self) -> Clock:
        return self._services.clock

    @property
    def storage(self) -> Storage:
        return self._storage

    def close(self) -> None:
        """Stop following the registries."""
        for unlisten in self._unlisten:
            unlisten()

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Await the adapter's work, with the tasks it starts; they end when it ends."""
        await self._workplace.run(work)

    def task(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._workplace.task(coroutine, name)

    def add(self, item: AreaDescription | DeviceDescription | EntityDescription) -> None:
        if isinstance(item, AreaDescription):
            self._ensure_area(item)
            return
        if isinstance(item, DeviceDescription):
            self._ensure_device(item)
            return
        domain = DOMAINS.get(item.domain)
        if domain is None:
            raise InvalidInput(f"Expected a known entity domain, got {item.domain!r} for {item.unique_id}")
        device = self._ensure_device(item.device) if item.device else None
        entity = self._ensure_entity(item, device)
        known = self._shown.get(item.unique_id)
        shown = self._shown[item.unique_id] = self._show(item, entity, domain)
        if known is not None:
            shown.state, shown.own, shown.available = known.state, known.own, known.available
            shown.attributes = {**shown.before, **shown.own, **shown.after}
        self._write(shown, force=False)

    def remove(self, unique_id: str) -> None:
        shown = self._shown.pop(unique_id, None)
        registries = self._services.registries
        entity = shown.entity if shown else registries.entities.find(self._entry.integration, unique_id)
        if entity is None:
            return
        forget(entity, self._entry.entry_id, registries, self._services.states, Context(self._origin))

    def report(self, report: Report) -> None:
        shown = self._shown.get(report.unique_id)
        if shown is None:
            _log.debug("%s reported %s, which it has not added", self._origin, report.unique_id)
            return
        state = (self._located(shown, report) or UNKNOWN) if report.state is None else report.state
        if state != shown.state:
            if not shown.domain.accepts(state) or len(state) > MAX_STATE_LENGTH:
                self._warn(shown, state)
                return
            shown.state = state
        own = report.attributes
        if own is not None and own != shown.own:
            shown.own = own
            shown.attributes = {**shown.before, **own, **shown.after}
        self._write(shown, force=report.force)

    def _located(self, shown: _Shown, report: Report) -> str | None:
        if shown.description.domain != "device_tracker":
            return None
        return self._services.locate(shown.own if report.attributes is None else report.attributes)

    def available(self, available: bool, unique_id: str | None = None) -> None:
        chosen = list(self._shown.values()) if unique_id is None else [self._shown.get(unique_id)]
        for shown in chosen:
            if shown is not None and shown.available != available:
                shown.available = available
                self._write(shown, force=False)

    def connected(self, connected: bool, reason: str | None = None) -> None:
        self._health(connected, reason)

    def fire(self, event_type: str, data: Mapping[str, Any], device: str | None = None) -> None:
        services = self._services
        if device is not None:
            known = services.registries.devices.find([(self._entry.integration, device)])
            data = {**data, "device_id": known.id if known else None}
        services.bus.publish(Event(event_type, data, Context(self._origin), services.clock.time()))

    def message(self, message: Message) -> None:
        self._services.message(self._entry, message)

    def discovered(self, device: DiscoveredDevice) -> None:
        self._services.discovered(device)

    def withdrawn(self, unique_id: str) -> None:
        self._services.withdrawn(self._entry.integration, unique_id)

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        return self._services.listeners.serve(protocol, factory)

    async def authenticate(self, name: str, secret: str) -> Principal | None:
        return await self._services.authenticator.authenticate(name, secret, self._entry.integration)

    def on_revoked(self, principal: Principal, callback: Callable[[], None]) -> Unlisten:
        return self._services.authenticator.on_revoked(principal.token_id or "", callback)

    def audit(self, kind: str, subject: str, **detail: Any) -> None:
        entry = AuditEntry(kind=kind, subject=subject, caller=self._origin, detail=detail, outcome="noted")
        self._services.audit.intent(entry)

    def render(self, template: str, variables: Mapping[str, Any]) -> str:
        return str(self._services.renderer.render(template, variables, limited=True, parse_result=False))

    def _ensure_area(self, description: AreaDescription) -> None:
        areas, floors = self._services.registries.areas, self._services.registries.floors
        if areas.named(description.name) is not None:
            return
        if description.formerly is not None:
            former = areas.named(description.formerly)
            if former is not None:
                areas.update(former.area_id, name=description.name)
            return
        floor = floors.ensure(description.floor, level=description.level) if description.floor else None
        areas.create(description.name, floor_id=floor.floor_id if floor else None, icon=description.icon)

    def _ensure_device(self, description: DeviceDescription) -> Device:
        registries, integration = self._services.registries, self._entry.integration
        via = registries.devices.find([(integration, description.via)]) if description.via else None
        known = registries.devices.find([(integration, i) for i in description.identifiers], description.connections)
        area = registries.areas.ensure(description.area) if description.area and known is None else None
        plain = (
            "name",
            "manufacturer",
            "model",
            "model_id",
            "sw_version",
            "hw_version",
            "serial_number",
            "configuration_url",
        )
        return registries.devices.ensure(
            identifiers=[(integration, identifier) for identifier in description.identifiers],
            connections=description.connections,
            config_entry=self._entry.entry_id,
            integration=integration,
            via_device_id=via.id if via else None,
            area_id=area.area_id if area else None,
            **{key: getattr(description, key) for key in plain},
        )

    def _ensure_entity(self, item: EntityDescription, device: Device | None) -> Entity:
        registries = self._services.registries
        suggested: dict[str, str] = {}
        if item.area and registries.entities.find(self._entry.integration, item.unique_id) is None:
            suggested["area_id"] = registries.areas.ensure(item.area).area_id
        return registries.entities.ensure(
            integration=self._entry.integration,
            unique_id=item.unique_id,
            domain=item.domain,
            suggested=suggested_object_id(
                item, device.shown_name if device else None, integration=self._entry.integration
            ),
            config_entry_id=self._entry.entry_id,
            device_id=device.id if device else None,
            original_name=item.name,
            has_entity_name=item.has_entity_name,
            device_class=item.device_class,
            unit=item.unit,
            capabilities=dict(item.attributes),
            supported_features=item.features,
            entity_category=item.entity_category,
            translation_key=item.translation_key,
            disabled_by=None if item.enabled_by_default else "integration",
            **suggested,
        )

    def _show(self, item: EntityDescription, entity: Entity, domain: Domain) -> _Shown:
        after = standing_attributes(
            entity,
            self._services.registries,
            icon=item.icon,
            picture=item.picture,
            assumed_state=item.assumed_state,
        )
        after = {**self._services.pictures.attributes(entity.entity_id), **after}
        before = dict(item.attributes)
        return _Shown(item, entity, domain, before, after, attributes={**before, **after}, available=item.available)

    def _write(self, shown: _Shown, *, force: bool) -> None:
        if shown.entity.disabled_by is not None:
            return
        entity_id = shown.entity.entity_id
        if shown.available:
            state, attributes = shown.state, shown.attributes
        else:
            state, attributes, force = UNAVAILABLE, {**shown.before, **shown.after}, False
        context = self._services.recent.context(entity_id) or Context(self._origin)
        self._services.states.set(entity_id, state, attributes, context=context, force=force)

    def _warn(self, shown: _Shown, state: str) -> None:
        if not shown.warned:
            shown.warned = True
            expected = ", ".join(sorted(shown.domain.states or ())) or f"at most {MAX_STATE_LENGTH} characters"
            _log.warning("%s: expected a state of %s, got %r", shown.entity.entity_id, expected, state[:80])

    def _entity_updated(self, event: Event) -> None:
        entity = self._services.registries.entities.get(event.data["entity_id"])
        if entity is None:
            self._let_go(event.data["entity_id"])
        elif event.data["action"] != "update":
            return
        elif entity.unique_id in self._shown and entity.integration == self._entry.integration:
            self._refresh(self._shown[entity.unique_id], entity)

    def _let_go(self, entity_id: str) -> None:
        """Show an entity no more that somebody removed: what is reported of it is nobody's until it is added anew."""
        gone = next((key for key, shown in self._shown.items() if shown.entity.entity_id == entity_id), None)
        if gone is not None:
            del self._shown[gone]

    def _device_updated(self, event: Event) -> None:
        if event.data["action"] == "update" and {"name", "name_by_user"} & set(event.data.get("changes", ())):
            for shown in list(self._shown.values()):
                if shown.entity.device_id == event.data["id"]:
                    self._refresh(shown, shown.entity)

    def _pictures_renewed(self) -> None:
        for shown in list(self._shown.values()):
            if shown.entity.domain in WITH_PICTURES:
                self._refresh(shown, shown.entity)

    def _refresh(self, shown: _Shown, entity: Entity) -> None:
        old = shown.entity
        new = self._show(shown.description, entity, shown.domain)
        shown.entity, shown.after = entity, new.after
        shown.attributes = {**shown.before, **shown.own, **shown.after}
        if old.entity_id != entity.entity_id or (entity.disabled_by and not old.disabled_by):
            self._services.states.remove(old.entity_id, context=Context(self._origin))
        self._write(shown, force=False)


class _EntryStorage:
    """A config entry's documents, kept in the hub's store folder."""

    def __init__(self, entry_id: str, store: Callable[[str], Store]) -> None:
        self._entry_id = entry_id
        self._store = store

    def load(self, name: str) -> Any:
        document = self._store(f"adapter.{self._entry_id}.{name}").load(1, lambda data, _: data)
        return document["value"] if document else None

    def save(self, name: str, data: Callable[[], Any]) -> None:
        self._store(f"adapter.{self._entry_id}.{name}").save(1, lambda: {"value": data()})
