"""Who in the hub wants which topics of another broker."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from hearth_mqtt.bus import OnMessage, Received, Unlisten
from hearth_mqtt.topics import TopicTree

_log = logging.getLogger(__name__)


class _Listener:
    """A callback, with the topics whose retained message it has had."""

    def __init__(self, callback: OnMessage, qos: int) -> None:
        self.qos = qos
        self._callback = callback
        self._retained: set[str] = set()

    def hear(self, message: Received) -> None:
        if message.retain:
            if message.topic in self._retained:  # sent again because of somebody else's subscription
                return
            self._retained.add(message.topic)
        try:
            self._callback(message)
        except Exception:  # noqa: BLE001 - boundary: one listener's failure must not silence the others
            _log.exception("A listener failed on MQTT topic %s", message.topic)


class Interest:
    """One topic filter and its listeners. ``identifier`` is its number at the broker."""

    def __init__(self, topic_filter: str, identifier: int) -> None:
        self.topic_filter = topic_filter
        self.identifier = identifier
        self.listeners: tuple[_Listener, ...] = ()

    @property
    def is_wanted(self) -> bool:
        return bool(self.listeners)

    @property
    def qos(self) -> int:
        """The highest QoS that a listener asks for."""
        return max((listener.qos for listener in self.listeners), default=0)

    def deliver(self, message: Received) -> None:
        for listener in self.listeners:
            listener.hear(message)


class Interests:
    """Holds the filters, and says which are to be subscribed to, again or no longer.

    A further listener makes its filter be subscribed to again, for that makes the broker send retained messages again; those
    who have had them do not get them twice.
    """

    def __init__(self) -> None:
        self._by_filter: dict[str, Interest] = {}
        self._by_identifier: dict[int, Interest] = {}
        self._tree: TopicTree[str, Interest] = TopicTree()
        self._last = 0
        self._changed: dict[str, Interest] = {}
        self._wake = asyncio.Event()

    def add(self, topic_filter: str, callback: OnMessage, qos: int) -> Unlisten:
        """Deliver matching messages to ``callback`` until the returned function is called."""
        listener = _Listener(callback, qos)
        interest = self._by_filter.get(topic_filter) or self._create(topic_filter)
        interest.listeners = (*interest.listeners, listener)
        self._note(interest)

        def unlisten() -> None:
            interest.listeners = tuple(each for each in interest.listeners if each is not listener)
            if not interest.is_wanted and self._by_filter.get(topic_filter) is interest:
                self._forget(interest)

        return unlisten

    def deliver(self, message: Received, identifiers: Sequence[int]) -> None:
        """Pass a message on to the filters with these identifiers, or, without any, to those that match."""
        if identifiers:
            found = [self._by_identifier[each] for each in identifiers if each in self._by_identifier]
        else:
            found = [interest for _, interest in self._tree.match(message.topic)]
        for interest in found:
            interest.deliver(message)

    async def changes(self) -> list[Interest]:
        """Wait for filters to be subscribed to or no longer, and return them."""
        while not self._changed:
            self._wake.clear()
            await self._wake.wait()
        changed, self._changed = list(self._changed.values()), {}
        return changed

    def _create(self, topic_filter: str) -> Interest:
        self._last += 1
        interest = Interest(topic_filter, self._last)
        self._by_filter[topic_filter] = self._by_identifier[self._last] = interest
        self._tree.put(topic_filter, topic_filter, interest)
        return interest

    def _forget(self, interest: Interest) -> None:
        del self._by_filter[interest.topic_filter]
        del self._by_identifier[interest.identifier]
        self._tree.discard(interest.topic_filter, interest.topic_filter)
        self._note(interest)

    def _note(self, interest: Interest) -> None:
        self._changed[interest.topic_filter] = interest
        self._wake.set()
