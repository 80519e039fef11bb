"""Whether a device says that it can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.value_template import Reader, value_reader


@dataclass(frozen=True, slots=True)
class _Source:
    read: Reader
    available: str
    not_available: str


class Availability:
    """Follows the availability topics of an entity: all of them, any, or whichever spoke last. Without topics it is there."""

    def __init__(self, declaration: Declaration, before: Availability | None = None) -> None:
        """``before`` is the one of the declaration that this one replaces: what its topics said holds on."""
        config = declaration.config
        self._mode: str = config["availability_mode"]
        self._sources = {item["topic"]: _source(declaration, item) for item in _items(config)}
        said = before.said if before else {}
        self.said: dict[str, bool] = {topic: said.get(topic, False) for topic in self._sources}
        self._latest = before.latest if before else False

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics to listen to."""
        return tuple(self._sources)

    @property
    def latest(self) -> bool:
        """What was said last, on any topic."""
        return self._latest

    def take(self, topic: str, incoming: Incoming) -> None:
        """Note what a message on one of the topics says; anything but the two payloads says nothing."""
        source = self._sources[topic]
        text = source.read(incoming)
        if text in (source.available, source.not_available):
            self.said[topic] = self._latest = text == source.available

    def __bool__(self) -> bool:
        if not self._sources:
            return True
        if self._mode == "latest":
            return self._latest
        return all(self.said.values()) if self._mode == "all" else any(self.said.values())


def _items(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "availability_topic" in config:
        yield {
            "topic": config["availability_topic"],
            "payload_available": config["payload_available"],
            "payload_not_available": config["payload_not_available"],
            "value_template": config.get("availability_template"),
        }
    yield from config.get("availability", ())


def _source(declaration: Declaration, item: Mapping[str, Any]) -> _Source:
    read = value_reader(
        item.get("value_template"), declaration.config["encoding"], declaration.render, declaration.variables
    )
    return _Source(read, item["payload_available"], item["payload_not_available"])
