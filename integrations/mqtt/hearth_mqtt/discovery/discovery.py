"""MQTT discovery: devices announce themselves, and their entities, triggers and tag scanners come, change and go."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from hearth_mqtt.bus import MessageBus, Received, Unlisten
from hearth_mqtt.discovery.announcement import (
    Announcement,
    InvalidAnnouncement,
    parse_component,
    parse_device,
    parse_topic,
)
from hearth_mqtt.discovery.channels import Channels
from hearth_mqtt.discovery.device_triggers import DeviceTriggers
from hearth_mqtt.discovery.part import Part
from hearth_mqtt.discovery.parts import Parts
from hearth_mqtt.triggers import Triggers
from hub import AdapterHost, DeviceDescription, DeviceRefused, EntityCall, Picture

_log = logging.getLogger(__name__)

Key = tuple[str, str]
"""The component and id of an announcement."""


class Discovery:
    """Listens to discovery messages on a bus, and brings what they announce to the hub.

    ``triggers`` are the device triggers that automations wait for.
    """

    def __init__(
        self,
        bus: MessageBus,
        host: AdapterHost,
        *,
        prefix: str = "homeassistant",
        triggers: DeviceTriggers | None = None,
    ) -> None:
        self._bus = bus
        self._host = host
        self._prefix = prefix
        self._channels = Channels(bus, host.clock)
        self._made = Parts(host, triggers or DeviceTriggers(Triggers()))
        self._parts: dict[Key, Part] = {}
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
        for part in self._parts.values():
            part.close()
            self._made.drop(part)
        self._parts.clear()

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Carry out an action on discovered entities.

        Raises DeviceRefused if one is not there (any more) or does not know it; InvalidInput, TemplateError; ConnectionLost.
        """
        action = call.action.partition(".")[2]
        for unique_id in call.unique_ids:
            entity = self._made.entity(unique_id)
            if entity is None:
                raise DeviceRefused(f"Expected an entity that announced itself over MQTT, got {unique_id}")
            await entity.act(action, call.data, self._bus)
        return None

    def picture(self, unique_id: str) -> Picture | str | None:
        """Return the newest picture of a camera or an image, or the address where it is; None while there is none."""
        entity = self._made.entity(unique_id)
        return entity.picture if entity else None

    def _received(self, received: Received) -> None:
        place = parse_topic(received.topic, self._prefix)
        if place is None:
            return
        parse = partial(parse_device, known=list(self._parts)) if place.component == "device" else parse_component
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
        known = self._parts.get(key)
        if known is not None and known.announcement.topic != announcement.topic:
            _log.warning("Ignored %s: %s was announced on %s", announcement.topic, known, known.announcement.topic)
        elif not announcement.config:
            self._take_back(key, known, forget=not announcement.migrate)
        elif known is None or known.announcement.config != announcement.config:
            self._announce(key, announcement, known)

    def _announce(self, key: Key, announcement: Announcement, known: Part | None) -> None:
        part = self._made.make(announcement, known)
        if part is None:
            return
        if known is not None:
            self._drop(key, known)
        self._parts[key] = part
        self._ensure_via(part.device)
        part.show()
        for topic_filter, take in part.listens():
            self._channels.join(topic_filter, part, take, part.qos)

    def _ensure_via(self, device: DeviceDescription | None) -> None:
        """Add the device in between first, if nobody has announced it yet: its name comes with its own entities."""
        if device is None:
            return
        if device.via is not None and device.via not in self._devices:
            self._devices.add(device.via)
            self._host.add(DeviceDescription(identifiers=(device.via,)))
        self._devices.update(device.identifiers)

    def _take_back(self, key: Key, known: Part | None, *, forget: bool) -> None:
        if known is not None:
            self._drop(key, known)
            known.withdraw(forget=forget)

    def _drop(self, key: Key, part: Part) -> None:
        part.close()
        self._channels.leave(part)
        self._made.drop(part)
        del self._parts[key]
