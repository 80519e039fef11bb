"""Topics shared by entities: one subscription each, one parse per message for all who listen.

Whoever joins a topic that is subscribed to already needs the message that the broker kept. So the topic is subscribed to
anew, and what comes as retained goes to the newcomers only.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from hearth_mqtt.bus import MessageBus, Received, Unlisten
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.topics import is_pattern
from hub import Clock

_log = logging.getLogger(__name__)


class Owner(Protocol):
    """Somebody who listens to topics."""

    def write(self) -> None:
        """Pass on what changed. Called once after a message, however many of its topics' decoders took it."""


Take = Callable[[Incoming], bool]
"""Takes a message; says whether there is something to write."""

Takers = dict[Owner, list[Take]]


class _Channel:
    __slots__ = ("qos", "takers", "unlisten", "waiting")

    def __init__(self) -> None:
        self.takers: Takers = {}
        self.waiting: Takers = {}
        self.unlisten: Unlisten | None = None
        self.qos = 0


class Channels:
    """The topics that discovered entities listen to."""

    def __init__(self, bus: MessageBus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._channels: dict[str, _Channel] = {}
        self._joined: dict[str, None] = {}
        self._topics_of: dict[Owner, dict[str, None]] = {}
        self._cancel_flush: Callable[[], None] | None = None

    def join(self, topic_filter: str, owner: Owner, take: Take, qos: int = 0) -> None:
        """Hand the messages of a topic to ``take``, the retained one first."""
        channel = self._channels.setdefault(topic_filter, _Channel())
        channel.takers.setdefault(owner, []).append(take)
        channel.waiting.setdefault(owner, []).append(take)
        channel.qos = max(channel.qos, qos)
        self._topics_of.setdefault(owner, {})[topic_filter] = None
        self._joined[topic_filter] = None
        if self._cancel_flush is None:
            self._cancel_flush = self._clock.call_later(0, self._flush)

    def leave(self, owner: Owner) -> None:
        """Stop everything that goes to an owner."""
        for topic_filter in self._topics_of.pop(owner, ()):
            channel = self._channels[topic_filter]
            channel.takers.pop(owner, None)
            channel.waiting.pop(owner, None)
            if not channel.takers:
                self._close(topic_filter)

    def close(self) -> None:
        """Stop everything."""
        if self._cancel_flush is not None:
            self._cancel_flush()
            self._cancel_flush = None
        for topic_filter in list(self._channels):
            self._close(topic_filter)
        self._topics_of.clear()

    def _close(self, topic_filter: str) -> None:
        channel = self._channels.pop(topic_filter)
        self._joined.pop(topic_filter, None)
        if channel.unlisten is not None:
            channel.unlisten()

    def _flush(self) -> None:
        """Subscribe to the topics that somebody joined; many announcements in a row cost one subscription each."""
        self._cancel_flush = None
        for topic_filter in self._joined:
            channel = self._channels[topic_filter]
            before = channel.unlisten
            channel.unlisten = self._bus.subscribe(topic_filter, self._receiver(topic_filter, channel), qos=channel.qos)
            if before is not None:
                before()
        self._joined.clear()

    def _receiver(self, topic_filter: str, channel: _Channel) -> Callable[[Received], None]:
        to_newcomers_only = not is_pattern(topic_filter)  # a pattern may have many retained messages to come

        def receive(received: Received) -> None:
            if received.retain and to_newcomers_only:
                takers, channel.waiting = channel.waiting, {}
            else:
                takers = channel.takers
                channel.waiting.clear()
            _deliver(takers, Incoming(received, self._clock.time()))

        return receive


def _deliver(takers: Takers, incoming: Incoming) -> None:
    for owner, takes in tuple(takers.items()):  # writing may lead to more joining or leaving
        changed = False
        try:
            for take in takes:
                changed |= take(incoming)
            if changed:
                owner.write()
        except Exception:  # noqa: BLE001 - boundary: a message that one entity cannot read
            _log.exception("%s could not read a message on %s", owner, incoming.topic)
