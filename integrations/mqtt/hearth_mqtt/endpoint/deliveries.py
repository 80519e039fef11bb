"""What one client has yet to get: a bounded queue, and what it has not acknowledged."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from hearth_mqtt.codec import Publish, Version, encode
from hearth_mqtt.endpoint.limits import Counters, Limits
from hearth_mqtt.endpoint.memory import Holding, Memory
from hearth_mqtt.endpoint.message import Message

_log = logging.getLogger(__name__)


class Link(Protocol):
    """A connection as far as deliveries care. ``writable`` is False while the client does not read."""

    version: Version
    writable: bool
    receive_maximum: int
    maximum_packet_size: int

    def send(self, data: bytes) -> None:
        """Send soon."""


class Outgoing(NamedTuple):
    """A message as one client gets it."""

    message: Message
    qos: int
    retain: bool = False
    identifiers: tuple[int, ...] = ()


class Deliveries:
    """Sends messages in order: QoS 1 until acknowledged, over reconnects; QoS 0 only while there is a connection.

    What waits is bounded in messages and bytes. Overflow: the newest message is dropped and counted, so that what a client
    gets is in order and without holes before the first loss.
    """

    def __init__(self, name: str, limits: Limits, counters: Counters, memory: Memory, now: Callable[[], float]) -> None:
        self._name = name
        self._limits = limits
        self._counters = counters
        self._holding = Holding(memory)
        self._now = now
        self._link: Link | None = None
        self._queue: deque[Outgoing] = deque()
        self._inflight: dict[int, Outgoing] = {}
        self._last_id = 0
        self._told_of_drops = False

    def attach(self, link: Link) -> None:
        """Send over ``link`` from now on, first again what was not acknowledged."""
        self._link = link
        self._told_of_drops = False
        for packet_id in reversed(list(self._inflight)[link.receive_maximum :]):
            self._queue.appendleft(self._inflight.pop(packet_id))
        for packet_id, outgoing in list(self._inflight.items()):
            self._transmit(link, outgoing, packet_id, dup=True)
        self.drain()

    def detach(self) -> None:
        """Keep what comes for later, QoS 0 apart."""
        self._link = None
        for outgoing in self._queue:
            if not outgoing.qos:
                self._holding.release(outgoing.message)
        self._queue = deque(outgoing for outgoing in self._queue if outgoing.qos)

    def clear(self) -> None:
        """Forget everything: the session has ended."""
        self._link = None
        for outgoing in (*self._queue, *self._inflight.values()):
            self._holding.release(outgoing.message)
        self._queue.clear()
        self._inflight.clear()

    def deliver(self, outgoing: Outgoing) -> None:
        """Send a message now, or queue it."""
        link, limits = self._link, self._limits
        if outgoing.qos:
            self._enqueue(outgoing, limits.queued_messages, limits.queued_bytes)
            self.drain()
        elif link is not None:
            if not self._queue and link.writable:
                self._send(link, outgoing)
            else:
                self._enqueue(outgoing, limits.queued_messages, limits.queued_bytes)

    def deliver_retained(self, messages: Iterable[Outgoing]) -> None:
        """Send retained messages at the client's pace. There is room for all of them once, whatever the queue's limits."""
        limits = self._limits
        room = limits.queued_messages + limits.retained_messages, limits.queued_bytes + limits.retained_bytes
        for outgoing in messages:
            self._enqueue(outgoing, *room)
        self.drain()

    def acknowledge(self, packet_id: int) -> None:
        """The client has taken a QoS 1 message."""
        outgoing = self._inflight.pop(packet_id, None)
        if outgoing is not None:
            self._holding.release(outgoing.message)
            self.drain()

    def drain(self) -> None:
        """Send what waits, as far as the client takes it."""
        link = self._link
        while self._queue and link is not None and link.writable:
            if self._queue[0].qos and len(self._inflight) >= link.receive_maximum:
                return
            outgoing = self._queue.popleft()
            if not outgoing.qos:
                self._holding.release(outgoing.message)
            self._send(link, outgoing)

    def unsent(self) -> list[Outgoing]:
        """Return the QoS 1 messages that the client has not acknowledged, oldest first."""
        return [*self._inflight.values(), *(outgoing for outgoing in self._queue if outgoing.qos)]

    def restore(self, messages: Iterable[Outgoing]) -> None:
        """Queue what was unsent before a restart."""
        for outgoing in messages:
            self._enqueue(outgoing, self._limits.queued_messages + self._limits.inflight, self._limits.queued_bytes)

    def _send(self, link: Link, outgoing: Outgoing) -> None:
        message, qos, retain, identifiers = outgoing
        if message.is_expired(self._now):
            if qos:
                self._holding.release(message)
        elif qos:
            self._transmit(link, outgoing, self._begin(outgoing))
        elif identifiers or message.expires is not None:
            self._transmit(link, outgoing, 0)
        else:
            self._put(link, message.frame(link.version, retain=retain))

    def _transmit(self, link: Link, outgoing: Outgoing, packet_id: int, *, dup: bool = False) -> None:
        packet = Publish(
            topic=outgoing.message.topic,
            payload=outgoing.message.payload,
            qos=outgoing.qos,
            retain=outgoing.retain,
            dup=dup,
            packet_id=packet_id,
            properties=outgoing.message.properties,
        )
        if link.version == Version.V5:
            self._complete(packet, outgoing)
        if not self._put(link, encode(packet, link.version)):
            self._give_up(packet_id)

    def _put(self, link: Link, frame: bytes) -> bool:
        """Send a packet, unless the client would have to close the connection for its size; say whether it was sent."""
        if len(frame) > link.maximum_packet_size:
            return False
        self._counters.sent += 1
        link.send(frame)
        return True

    def _give_up(self, packet_id: int) -> None:
        outgoing = self._inflight.pop(packet_id, None)
        if outgoing is not None:
            self._holding.release(outgoing.message)

    def _complete(self, packet: Publish, outgoing: Outgoing) -> None:
        """Add the properties that depend on the subscription and on the time."""
        expires = outgoing.message.expires
        left = None if expires is None else max(1, math.ceil(expires - self._now()))
        if outgoing.identifiers or left is not None:
            packet.properties = dataclasses.replace(
                packet.properties, subscription_ids=outgoing.identifiers, message_expiry=left
            )

    def _begin(self, outgoing: Outgoing) -> int:
        """Note that a message is on its way, and return its packet id."""
        self._last_id = self._last_id % 0xFFFF + 1
        while self._last_id in self._inflight:
            self._last_id = self._last_id % 0xFFFF + 1
        self._inflight[self._last_id] = outgoing
        return self._last_id

    def _enqueue(self, outgoing: Outgoing, messages: int, size: int) -> None:
        if len(self._queue) < messages and self._holding.hold(outgoing.message, size):
            self._queue.append(outgoing)
            return
        self._counters.dropped += 1
        if not self._told_of_drops:
            self._told_of_drops = True
            _log.warning(
                "Dropping messages for MQTT client %s: it is too slow or away, and its queue is full", self._name
            )
