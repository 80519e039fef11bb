"""Discovery messages, taken apart: a topic and its JSON become what is announced of each component. Pure."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import voluptuous as vol

from hearth_mqtt.discovery import abbreviations
from hearth_mqtt.discovery.common_schema import DEVICE_MESSAGE

_log = logging.getLogger(__name__)

_TOPIC = re.compile(r"(?P<component>\w+)/(?:(?P<node_id>[a-zA-Z0-9_-]+)/)?(?P<object_id>[a-zA-Z0-9_-]+)/config\Z")
_BASE = "~"
_SHARED = (  # what the components of a device message take over from its top level
    "availability",
    "availability_mode",
    "availability_template",
    "availability_topic",
    "command_topic",
    "encoding",
    "payload_available",
    "payload_not_available",
    "qos",
    "state_topic",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an announcement was made: the parts of its topic."""

    topic: str
    component: str
    object_id: str
    node_id: str | None = None

    @property
    def id(self) -> str:
        """The id that tells the announcements of one component apart."""
        return f"{self.node_id} {self.object_id}" if self.node_id else self.object_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What a message says of one component.

    An empty ``config`` takes it back; with ``migrate`` it is only let go, to be announced again in another message.
    """

    component: str
    id: str
    topic: str
    config: Mapping[str, Any] = field(default_factory=dict)
    migrate: bool = False


def parse_topic(topic: str, prefix: str) -> Place | None:
    """Return the parts of ``<prefix>/<component>/[<node id>/]<object id>/config``, or None if the topic is another."""
    match = _TOPIC.match(topic.removeprefix(f"{prefix}/"))
    if match is None:
        if topic.endswith("/config"):
            _log.warning("Expected a discovery topic of letters, digits, _ and -, got %r", topic[:200])
        return None
    return Place(topic=topic, **match.groupdict())


def parse_component(place: Place, payload: bytes) -> list[Announcement]:
    """Return what a message about a single component announces.

    Raises InvalidAnnouncement if it is no JSON object.
    """
    config = _load(payload)
    migrate = _wants_migration(config)
    if migrate:
        config = {}
    _expand(config)
    return [
        Announcement(
            component=place.component,
            id=place.id,
            topic=place.topic,
            config=_with_base(config),
            migrate=migrate,
        )
    ]


def parse_device(place: Place, payload: bytes, known: Iterable[tuple[str, str]]) -> list[Announcement]:
    """Return what a message about a whole device announces.

    ``known`` are the (component, id) announced so far: an empty message takes back those of this device.
    Raises InvalidAnnouncement if it is no JSON object, or not what a device message must be.
    """
    config = _load(payload)
    migrate = _wants_migration(config)
    if not config or migrate:
        return _take_back(place, known, migrate=migrate)
    _expand(config)
    try:
        DEVICE_MESSAGE(config)
    except vol.Invalid as error:
        raise InvalidAnnouncement(f"{error} in the device message") from None
    return [_of_device(place, config, key, component) for key, component in config["components"].items()]


class InvalidAnnouncement(ValueError):
    """A discovery message is not what was expected."""


def _of_device(place: Place, device: Mapping[str, Any], key: str, component: dict[str, Any]) -> Announcement:
    own = {name: value for name, value in component.items() if name != "platform"}
    if own:  # a component with a platform alone is taken back
        shared = {name: device[name] for name in _SHARED if name in device}
        own = {**shared, **own, "device": device["device"], "origin": device["origin"]}
    if _BASE in device and own:
        own.setdefault(_BASE, device[_BASE])
    return Announcement(
        component=component["platform"], id=_component_id(place, key), topic=place.topic, config=_with_base(own)
    )


def _component_id(place: Place, key: str) -> str:
    return f"{place.object_id} {place.node_id} {key}" if place.node_id else f"{place.object_id} {key}"


def _take_back(place: Place, known: Iterable[tuple[str, str]], *, migrate: bool) -> list[Announcement]:
    start = _component_id(place, "")
    return [
        Announcement(component=component, id=id_, topic=place.topic, migrate=migrate)
        for component, id_ in known
        if id_.startswith(start)
    ]


def _load(payload: bytes) -> dict[str, Any]:
    if not payload.strip():
        return {}
    try:
        config = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise InvalidAnnouncement(f"Expected JSON: {error}") from None
    if not isinstance(config, dict):
        raise InvalidAnnouncement(f"Expected a JSON object, got {type(config).__name__}")
    return config


def _wants_migration(config: Mapping[str, Any]) -> bool:
    return config.get("migrate_discovery") is True or config.get("migr_discvry") is True


def _expand(config: dict[str, Any]) -> None:
    """Write out the short keys, in place."""
    _rename(config, abbreviations.ENTITY)
    _rename(config.get("origin"), abbreviations.ORIGIN)
    _rename(config.get("device"), abbreviations.DEVICE)
    for item in _entries(config.get("availability")):
        _rename(item, abbreviations.ENTITY)
    components = config.get("components")
    for component in components.values() if isinstance(components, dict) else ():
        if isinstance(component, dict):
            _expand(component)


def _rename(config: Any, names: Mapping[str, str]) -> None:
    if isinstance(config, dict):
        for short in names.keys() & config.keys():
            config[names[short]] = config.pop(short)


def _entries(availability: Any) -> list[Any]:
    return availability if isinstance(availability, list) else [availability]


def _with_base(config: dict[str, Any]) -> dict[str, Any]:
    """Put the base topic where ``~`` stands for it: at the start or end of every topic."""
    base = config.pop(_BASE, None)
    if base is None:
        return config
    full = {key: _on_base(value, base) if key.endswith("topic") else value for key, value in config.items()}
    if "availability" in full:
        full["availability"] = [_availability_on_base(item, base) for item in _entries(full["availability"])]
    return full


def _availability_on_base(item: Any, base: Any) -> Any:
    return {**item, "topic": _on_base(item["topic"], base)} if isinstance(item, dict) and "topic" in item else item


def _on_base(topic: Any, base: Any) -> Any:
    if not isinstance(topic, str):
        return topic
    if topic.startswith(_BASE):
        topic = f"{base}{topic[1:]}"
    return f"{topic[:-1]}{base}" if topic.endswith(_BASE) else topic
