"""A message bus in memory, with retained messages and wildcards: discovery's tests need no broker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hearth_mqtt.bus import OnMessage, Received, Unlisten
from hearth_mqtt.topics import matches


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was published."""

    topic: str
    payload: str
    qos: int = 0
    retain: bool = False


class MemoryBus:
    """Implements ``MessageBus``. ``sent`` is what was published through it."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self._retained: dict[str, bytes] = {}
        self._callbacks: dict[int, tuple[str, OnMessage]] = {}
        self._number = 0

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        self.sent.append(Sent(topic, data.decode(), qos, retain))
        self.receive(topic, data, retain=retain)

    def receive(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Deliver a message as if a device had sent it."""
        data = payload.encode() if isinstance(payload, str) else payload
        if retain:
            self._retained[topic] = data
        if retain and not data:
            del self._retained[topic]
        received = Received(topic, data)
        for topic_filter, callback in list(self._callbacks.values()):
            if matches(topic_filter, topic):
                callback(received)

    def subscribe(self, topic_filter: str, callback: OnMessage, /, *, qos: int = 0) -> Unlisten:
        self._number += 1
        number = self._number
        self._callbacks[number] = (topic_filter, callback)
        asyncio.get_running_loop().call_soon(self._send_retained, number)
        return lambda: self._callbacks.pop(number, None) and None

    @property
    def filters(self) -> list[str]:
        """The topic filters that are subscribed to."""
        return [topic_filter for topic_filter, _ in self._callbacks.values()]

    def _send_retained(self, number: int) -> None:
        topic_filter, callback = self._callbacks.get(number, ("", None))
        if callback is not None:
            for topic, payload in list(self._retained.items()):
                if matches(topic_filter, topic):
                    callback(Received(topic, payload, retain=True))
