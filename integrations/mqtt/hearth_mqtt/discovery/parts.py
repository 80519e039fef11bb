"""Making what announcements announce: each checked, and each unique id used once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from hearth_mqtt.discovery import device_triggers, tag
from hearth_mqtt.discovery.announcement import Announcement
from hearth_mqtt.discovery.common_schema import Check
from hearth_mqtt.discovery.components.catalogue import COMPONENTS, component_of
from hearth_mqtt.discovery.device_triggers import AnnouncedTrigger, DeviceTriggers
from hearth_mqtt.discovery.entity import DiscoveredEntity
from hearth_mqtt.discovery.identities import Identities
from hearth_mqtt.discovery.memory import Memory
from hearth_mqtt.discovery.model import Component
from hearth_mqtt.discovery.part import Part
from hearth_mqtt.discovery.tag import TagScanner
from hub import AdapterHost

_log = logging.getLogger(__name__)


class Parts:
    """Makes parts, and finds entities by their unique id."""

    def __init__(self, host: AdapterHost, triggers: DeviceTriggers) -> None:
        self._host = host
        self._triggers = triggers
        self._identities = Identities(host.storage)
        self._memory = Memory(host.storage)
        self._entities: dict[str, DiscoveredEntity] = {}

    def entity(self, unique_id: str) -> DiscoveredEntity | None:
        """Return the entity of a unique id, or None."""
        return self._entities.get(unique_id)

    def make(self, announcement: Announcement, known: Part | None) -> Part | None:
        """Return what an announcement announces in place of what is ``known``.

        Returns None, with a line in the log, if it is not what was expected.
        """
        if announcement.component == "device_automation":
            config = _checked(device_triggers.SCHEMA, announcement)
            return None if config is None else AnnouncedTrigger(announcement, config, self._host, self._triggers)
        if announcement.component == "tag":
            config = _checked(tag.SCHEMA, announcement)
            return None if config is None else TagScanner(announcement, config, self._host)
        return self._make_entity(announcement, known if isinstance(known, DiscoveredEntity) else None)

    def drop(self, part: Part) -> None:
        """Forget a part."""
        if isinstance(part, DiscoveredEntity) and self._entities.get(part.unique_id) is part:
            del self._entities[part.unique_id]

    def _make_entity(self, announcement: Announcement, known: DiscoveredEntity | None) -> DiscoveredEntity | None:
        component = _component(announcement)
        config = _checked(component.schema, announcement) if component else None
        if component is None or config is None:
            return None
        identity = known.identity if known else self._identities.of(announcement, config.get("unique_id"))
        other = self._entities.get(identity.unique_id)
        if other is not None and other is not known:
            _log.warning("Ignored %s: %s is in use on %s", announcement.topic, other, other.announcement.topic)
            return None
        entity = DiscoveredEntity(announcement, component, config, identity, self._host, self._memory, known)
        self._entities[entity.unique_id] = entity
        return entity


def _component(announcement: Announcement) -> Component | None:
    if announcement.component not in COMPONENTS:
        _log.debug("Expected a component that Home Assistant has, got %s", announcement.topic)
        return None
    component = component_of(announcement.component, announcement.config)
    if component is None:
        _log.warning("Expected a known schema, got %r (%s)", announcement.config.get("schema"), announcement.topic)
    return component


def _checked(schema: Check, announcement: Announcement) -> Mapping[str, Any] | None:
    try:
        config: Mapping[str, Any] = schema(dict(announcement.config))
    except vol.Invalid as error:
        _log.warning("Cannot make a %s of %s: %s", announcement.component, announcement.topic, error)
        return None
    return config
