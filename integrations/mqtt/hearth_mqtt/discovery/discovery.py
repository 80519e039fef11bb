"""MQTT discovery: devices announce themselves, and their entities come, change and go."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import voluptuous as vol

from hearth_mqtt.bus import MessageBus, Received, Unlisten
from hearth_mqtt.discovery.announcement import (
    Announcement,
    InvalidAnnouncement,
    parse_component,
    parse_device,
    parse_topic,
)
from hearth_mqtt.discovery.channels import Channels
from hearth_mqtt.discovery.components.catalogue import component_of, is_known
from hearth_mqtt.discovery.entity import DiscoveredEntity
from hearth_mqtt.discovery.identities import Identities
from hearth_mqtt.discovery.memory import Memory
from hub import AdapterHost, DeviceDescription, DeviceRefused, EntityCall

_log = logging.getLogger(__name__)

Key = tuple[str, str]
"""The component and id of an announcement."""


class Discovery:
    """Listens to discovery messages on a bus, and brings the entities that they announce to the hub."""

    def __init__(self, bus: MessageBus, host: AdapterHost, *, prefix: str = "homeassistant") -> None:
        self._bus = bus
        self._host = host
        self._prefix = prefix
        self._channels = Channels(bus, host.clock)
        self._identities = Identities(host.storage)
        self._memory = Memory(host.storage)
        self._entities: dict[Key, DiscoveredEntity] = {}
        self._by_unique_id: dict[str, DiscoveredEntity] = {}
        self._devices: set[str] = set()
        self._unlisten: list[Unlisten] = []

    def start(self) -> None:
        """Begin to listen."""
        for levels in ("+/+", "+/+/+"):
            self._unlisten.append(self._bus.subscribe(f"{self._prefix}/{levels}/config", self._received))

    def stop(self) -> None:
        """Stop listening. The entities stay with the hub, and stop changing."""
        while self._unlisten:
            self._unlisten.pop()()
        self._channels.close()
        for entity in self._entities.values():
            entity.close()
        self._entities.clear()
        self._by_unique_id.clear()

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Carry out an action on discovered entities.

        Raises DeviceRefused if one is not there (any more) or does not know it; InvalidInput, TemplateError; ConnectionLost.
        """
        action = call.action.partition(".")[2]
        for unique_id in call.unique_ids:
            entity = self._by_unique_id.get(unique_id)
            if entity is None:
                raise DeviceRefused(f"Expected an entity that announced itself over MQTT, got {unique_id}")
            await entity.act(action, call.data, self._bus)
        return None

    def _received(self, received: Received) -> None:
        place = parse_topic(received.topic, self._prefix)
        if place is None:
            return
        parse = partial(parse_device, known=list(self._entities)) if place.component == "device" else parse_component
        try:
            announcements = parse(place, received.payload)
        except InvalidAnnouncement as error:
            _log.warning("Cannot read the discovery message on %s: %s", received.topic, error)
            return
        for announcement in announcements:
            try:
                self._apply(announcement)
            except Exception:  # noqa: BLE001 - boundary: one announcement must not stop the others
                _log.exception("Could not follow the discovery message on %s", received.topic)

    def _apply(self, announcement: Announcement) -> None:
        key = (announcement.component, announcement.id)
        known = self._entities.get(key)
        if known is not None and known.announcement.topic != announcement.topic:
            _log.warning("Ignored %s: %s was announced on %s", announcement.topic, known, known.announcement.topic)
        elif not announcement.config:
            self._take_back(key, known, forget=not announcement.migrate)
        elif known is None or known.announcement.config != announcement.config:
            self._announce(key, announcement, known)

    def _announce(self, key: Key, announcement: Announcement, known: DiscoveredEntity | None) -> None:
        if not is_known(announcement.component):
            _log.debug("No entities are made of %s yet (%s)", announcement.component, announcement.topic)
            return
        entity = self._build(announcement, known)
        if entity is None:
            return
        if known is not None:
            self._drop(key, known)
        self._entities[key] = self._by_unique_id[entity.unique_id] = entity
        self._ensure_via(entity)
        entity.show()
        for topic_filter, take in entity.listens():
            self._channels.join(topic_filter, entity, take, entity.qos)

    def _build(self, announcement: Announcement, known: DiscoveredEntity | None) -> DiscoveredEntity | None:
        component = component_of(announcement.component, announcement.config)
        if component is None:
            _log.warning("Expected a known schema, got %r (%s)", announcement.config.get("schema"), announcement.topic)
            return None
        try:
            config = component.schema(dict(announcement.config))
        except vol.Invalid as error:
            _log.warning("Cannot make a %s of %s: %s", announcement.component, announcement.topic, error)
            return None
        identity = known.identity if known else self._identities.of(announcement, config.get("unique_id"))
        other = self._by_unique_id.get(identity.unique_id)
        if other is not None and other is not known:
            _log.warning("Ignored %s: %s is in use on %s", announcement.topic, other, other.announcement.topic)
            return None
        return DiscoveredEntity(announcement, component, config, identity, self._host, self._memory, known)

    def _ensure_via(self, entity: DiscoveredEntity) -> None:
        """Add the device in between first, if nobody has announced it yet: its name comes with its own entities."""
        device = entity.description.device
        if device is None:
            return
        if device.via is not None and device.via not in self._devices:
            self._devices.add(device.via)
            self._host.add(DeviceDescription(identifiers=(device.via,)))
        self._devices.update(device.identifiers)

    def _take_back(self, key: Key, known: DiscoveredEntity | None, *, forget: bool) -> None:
        if known is None:
            return
        self._drop(key, known)
        if forget:
            self._memory.forget(known.unique_id)
            self._host.remove(known.unique_id)
        else:
            self._host.available(False, known.unique_id)

    def _drop(self, key: Key, entity: DiscoveredEntity) -> None:
        entity.close()
        self._channels.leave(entity)
        del self._entities[key]
        del self._by_unique_id[entity.unique_id]
