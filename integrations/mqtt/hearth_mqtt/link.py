"""A client's connection to another broker: what it says, what it is answered, and that it is still there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from hearth_mqtt.codec import (
    Acknowledgement,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketStream,
    PacketType,
    Pingreq,
    Properties,
    ProtocolViolation,
    Publish,
    Reason,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Version,
    encode,
    encode_success,
)
from hub import ConnectionLost

_LARGEST = (1 << 28) - 1  # bytes of a packet: as large as MQTT allows
_MANY = 65_535  # messages with QoS 1 and 2 on their way, where the broker sets no limit
_PATIENCE = 10.0  # seconds for an answer
_FAREWELL = 2.0  # seconds for the last bytes to leave

Deliver = Callable[[Publish], None]


class Link(asyncio.Protocol):
    """One connection, from its CONNECT to its end; each is a session of its own.

    ``deliver`` gets every message, and must not raise; with QoS 1 and 2 it is acknowledged after that. Waiting for an answer
    ends with ConnectionLost when the connection does; ``why`` tells the reason.
    """

    def __init__(self, version: Version, deliver: Deliver) -> None:
        self._version = version
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._stream = PacketStream(max_size=_LARGEST, version=version)
        self._transport: asyncio.Transport | None = None
        self._lost = asyncio.Event()
        self.why = "it closed the connection"
        self._writable = asyncio.Event()
        self._writable.set()
        self._out: list[bytes] = []
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._last_id = 0
        self._begun: set[int] = set()
        self._window = asyncio.Semaphore(_MANY)
        self._heard = 0.0
        self._patience = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def introduce(self, connect: Connect) -> Connack:
        """Say who we are and return the broker's answer; if we are let in, keep the connection alive from now on."""
        self._send(encode(connect, self._version))
        answer: Connack = await self._answer(0)
        if answer.reason is Reason.SUCCESS:
            told = answer.properties
            self._window = asyncio.Semaphore(told.receive_maximum or _MANY)
            self._keep_alive(connect.keep_alive if told.server_keep_alive is None else told.server_keep_alive)
        return answer

    async def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> Reason:
        """Send a message, and with QoS 1 and 2 return what the broker says of it."""
        await self._writable.wait()
        if qos == 0:
            self._send(encode(Publish(topic=topic, payload=payload, retain=retain), self._version))
            return Reason.SUCCESS
        async with self._window:
            packet_id = self._next_id()
            packet = Publish(topic=topic, payload=payload, qos=qos, retain=retain, packet_id=packet_id)
            self._send(encode(packet, self._version))
            answer: Acknowledgement = await self._answer(packet_id)
            if answer.type is PacketType.PUBREC and answer.reason < 0x80:
                self._send(encode_success(PacketType.PUBREL, packet_id))
                answer = await self._answer(packet_id)
            return answer.reason

    async def subscribe(self, subscription: Subscription, identifier: int) -> Reason:
        """Ask for a topic; ``identifier`` comes with its messages in MQTT 5."""
        packet_id = self._next_id()
        properties = Properties(subscription_ids=(identifier,) if self._version == Version.V5 else ())
        packet = Subscribe(packet_id=packet_id, subscriptions=(subscription,), properties=properties)
        self._send(encode(packet, self._version))
        answer: Suback = await self._answer(packet_id)
        return answer.reasons[0]

    async def unsubscribe(self, topic_filter: str) -> None:
        """Ask for a topic no longer."""
        packet_id = self._next_id()
        self._send(encode(Unsubscribe(packet_id=packet_id, topic_filters=(topic_filter,)), self._version))
        await self._answer(packet_id)

    async def until_lost(self) -> None:
        """Wait for the end of the connection.

        Raises ConnectionLost.
        """
        await self._lost.wait()
        raise ConnectionLost(self.why)

    async def close(self) -> None:
        """Say good-bye, and wait a little for the last bytes to leave."""
        if self._transport is not None:
            self._send(encode(Disconnect(), self._version))
            self._transport.close()
        try:
            async with asyncio.timeout(_FAREWELL):
                await self._lost.wait()
        except TimeoutError:
            self.abort("it does not read")

    def abort(self, why: str) -> None:
        """End the connection at once."""
        self.why = why
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._heard = self._loop.time()
        self._stream.feed(data)
        try:
            while (packet := self._stream.next()) is not None:
                self._handle(packet)
        except ProtocolViolation as violation:
            self.abort(f"it sent what is not MQTT: {violation}")
        self._flush()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.why = str(exc)
        if self._timer is not None:
            self._timer.cancel()
        self._transport = None
        self._lost.set()
        self._writable.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionLost(self.why))

    def _handle(self, packet: Packet) -> None:
        if isinstance(packet, Publish):
            self._receive(packet)
        elif isinstance(packet, Acknowledgement) and packet.type is PacketType.PUBREL:
            self._begun.discard(packet.packet_id)
            self._out.append(encode_success(PacketType.PUBCOMP, packet.packet_id))
        elif isinstance(packet, (Acknowledgement, Suback, Unsuback)):
            self._answered(packet.packet_id, packet)
        elif isinstance(packet, Connack):
            self._answered(0, packet)
        elif isinstance(packet, Disconnect):
            self.abort(f"it said {packet.reason.name}")

    def _receive(self, packet: Publish) -> None:
        if packet.qos != 2:
            self._deliver(packet)
            if packet.qos:
                self._out.append(encode_success(PacketType.PUBACK, packet.packet_id))
            return
        if packet.packet_id not in self._begun:
            self._begun.add(packet.packet_id)
            self._deliver(packet)
        self._out.append(encode_success(PacketType.PUBREC, packet.packet_id))

    def _send(self, data: bytes) -> None:
        if self._transport is None:
            raise ConnectionLost(self.why)
        self._out.append(data)
        self._flush()

    def _flush(self) -> None:
        if self._transport is None:
            self._out.clear()
        elif self._out:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    def _next_id(self) -> int:
        """Return a packet id that is not in use; there are far more than may wait for an answer."""
        while True:
            self._last_id = self._last_id % _MANY + 1
            if self._last_id not in self._answers:
                return self._last_id

    async def _answer(self, packet_id: int) -> Any:
        answer = self._answers[packet_id] = self._loop.create_future()
        try:
            async with asyncio.timeout(_PATIENCE):
                return await answer
        except TimeoutError:
            raise ConnectionLost("it does not answer") from None
        finally:
            del self._answers[packet_id]

    def _answered(self, packet_id: int, packet: Packet) -> None:
        answer = self._answers.get(packet_id)
        if answer is not None and not answer.done():
            answer.set_result(packet)

    def _keep_alive(self, seconds: float) -> None:
        self._patience = seconds * 1.5
        if seconds:
            self._timer = self._loop.call_later(seconds, self._beat, seconds)

    def _beat(self, seconds: float) -> None:
        if self._loop.time() - self._heard > self._patience:
            self.abort("it does not answer")
            return
        self._send(encode(Pingreq(), self._version))
        self._timer = self._loop.call_later(seconds, self._beat, seconds)
