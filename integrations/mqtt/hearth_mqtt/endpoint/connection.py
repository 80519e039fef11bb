"""One client's connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from hearth_mqtt.codec import (
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketStream,
    Properties,
    ProtocolViolation,
    Reason,
    Version,
    encode,
)
from hearth_mqtt.endpoint.dialogue import Dialogue
from hearth_mqtt.endpoint.doorman import User
from hearth_mqtt.endpoint.limits import Limits
from hub import Clock

_FLUSH_AT = 64 << 10
_HIGH_WATER = 256 << 10
_LINGER = 5.0  # seconds that the last bytes may take to leave
_log = logging.getLogger(__name__)


class Service(Protocol):
    """The endpoint, as far as its connections care."""

    limits: Limits
    clock: Clock

    def opened(self, connection: Connection) -> bool:
        """Say whether there is room for one more."""

    async def identify(self, connect: Connect) -> User:
        """Return whose client it is; raises ProtocolViolation."""

    def welcome(self, connection: Connection, connect: Connect, user: User) -> Dialogue:
        """Let the client in: open its session and answer; raises ProtocolViolation."""

    def refused(self, connection: Connection, connect: Connect, violation: ProtocolViolation) -> None:
        """Note that a client was not let in."""

    def left(self, connection: Connection, dialogue: Dialogue, why: str, *, graceful: bool) -> None:
        """A client that had been let in has gone; ``graceful`` if it said good-bye and wants no will published."""

    def closed(self, connection: Connection) -> None:
        """The connection is no more."""

    def task(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        """Run a task."""


class Connection(asyncio.Protocol):
    """Turns bytes into packets for a dialogue, and collects answers: what is sent in one turn of the loop is one write.

    Until a client has been let in, it may send one CONNECT of limited size, and within a limited time.
    """

    def __init__(self, service: Service) -> None:
        self.version = Version.V311
        self.writable = True
        self.receive_maximum = service.limits.inflight
        self.maximum_packet_size = 1 << 28
        self.peer = ""
        self._service = service
        self._stream = PacketStream(max_size=service.limits.first_packet_size)
        self._transport: asyncio.Transport | None = None
        self._dialogue: Dialogue | None = None
        self._introduced = False
        self._closed = False
        self._out: list[bytes] = []
        self._out_size = 0
        self._heard = 0.0
        self._patience = 0.0
        self._cancel: Callable[[], None] = _nothing

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.peer = _address(transport)
        if not self._service.opened(self):
            self._closed = True
            transport.abort()
            return
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        limit = self._service.limits.connect_timeout
        self._cancel = self._service.clock.call_later(limit, self.abort)

    def data_received(self, data: bytes) -> None:
        if self._closed:
            return
        self._heard = self._service.clock.monotonic()
        self._stream.feed(data)
        if self._dialogue is not None or not self._introduced:
            self._read()

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        if self._dialogue is not None:
            self._dialogue.session.deliveries.drain()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._cancel()
        self._leave("CONNECTION_LOST")
        self._transport = None
        self._service.closed(self)

    def send(self, data: bytes) -> None:
        if not self._out:
            asyncio.get_running_loop().call_soon(self.flush)
        self._out.append(data)
        self._out_size += len(data)
        if self._out_size >= _FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Hand what is collected to the transport."""
        transport = self._transport
        if not self._out or transport is None:
            return
        data = b"".join(self._out)
        self._out.clear()
        self._out_size = 0
        transport.write(data)
        if not self.writable and transport.get_write_buffer_size() > self._service.limits.unread:
            _log.warning("Closing the MQTT connection from %s: it does not read what it is answered", self.peer)
            self.abort()

    def leave(self, reason: Reason) -> None:
        """The client has said good-bye; ``reason`` says whether its will is to be published."""
        self._leave(f"CLIENT_{reason.name}", graceful=reason is Reason.SUCCESS)
        self._end()

    def close(self, reason: Reason) -> None:
        """Tell the client why, and close."""
        if self._closed:
            return
        self.send(self._last_words(reason))
        self._leave(reason.name)
        self._end()

    def abort(self) -> None:
        """Close at once, without a word."""
        self._closed = True
        self._leave("ABORTED")  # not later: the client may be back before the loop tells that the connection is lost
        if self._transport is not None:
            self._transport.abort()

    def accept(self, connect: Connect, *, session_present: bool, properties: Properties) -> None:
        """Answer that the client is let in, and grant it what it asked for."""
        limits, wanted = self._service.limits, connect.properties
        self.receive_maximum = min(wanted.receive_maximum or limits.inflight, limits.inflight)
        self.maximum_packet_size = wanted.maximum_packet_size or self.maximum_packet_size
        self._stream.max_size = limits.packet_size
        self._keep_alive(connect.keep_alive * 1.5)
        self.send(encode(Connack(session_present=session_present, properties=properties), self.version))

    def _read(self) -> None:
        try:
            while not self._closed and (packet := self._stream.next()) is not None:
                if self._dialogue is None:
                    self._introduce(packet)
                    return
                self._dialogue.handle(packet)
        except ProtocolViolation as violation:
            _log.info("Closing the MQTT connection from %s: %s", self.peer, violation)
            self.close(violation.reason)

    def _introduce(self, packet: Packet) -> None:
        assert isinstance(packet, Connect)  # the stream lets nothing else be the first
        self._introduced = True
        self.version = packet.version
        if self._transport is not None:
            self._transport.pause_reading()
        self._service.task(self._admit(packet), f"mqtt:connect:{self.peer}")

    async def _admit(self, connect: Connect) -> None:
        try:
            await self._answer(connect)
        except Exception:  # noqa: BLE001 - boundary: one client's failure must not stop the others
            _log.exception("Could not let the MQTT client at %s in", self.peer)
            self.close(Reason.SERVER_UNAVAILABLE)

    async def _answer(self, connect: Connect) -> None:
        try:
            user = await self._service.identify(connect)
            if not self._closed:
                self._begin(self._service.welcome(self, connect, user))
        except ProtocolViolation as violation:
            await self._refuse(connect, violation)

    def _begin(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        dialogue.session.deliveries.attach(self)
        if self._transport is not None:
            self._transport.resume_reading()
        self._read()

    async def _refuse(self, connect: Connect, violation: ProtocolViolation) -> None:
        self._service.refused(self, connect, violation)
        if violation.reason is Reason.BAD_CREDENTIALS:  # guessing takes time, and a place among the few that wait
            await self._service.clock.sleep(self._service.limits.refusal_delay)
        self.close(violation.reason)

    def _keep_alive(self, patience: float) -> None:
        self._cancel()
        self._cancel = _nothing
        self._patience = patience
        if patience:
            self._watch()

    def _watch(self) -> None:
        clock = self._service.clock
        left = self._heard + self._patience - clock.monotonic()
        if left <= 0:
            self.close(Reason.KEEP_ALIVE_TIMEOUT)
        else:
            self._cancel = clock.call_later(left, self._watch)

    def _last_words(self, reason: Reason) -> bytes:
        if self._dialogue is not None:
            return encode(Disconnect(reason=reason), self.version) if self.version == Version.V5 else b""
        is_answer = self._introduced or reason is Reason.UNSUPPORTED_PROTOCOL_VERSION
        return encode(Connack(reason=reason), self.version) if is_answer else b""

    def _leave(self, why: str, *, graceful: bool = False) -> None:
        if self._dialogue is not None:
            dialogue, self._dialogue = self._dialogue, None
            self._service.left(self, dialogue, why, graceful=graceful)

    def _end(self) -> None:
        """Close the connection once the last bytes have left, or when that takes too long."""
        self._closed = True
        self._cancel()
        self.flush()
        if self._transport is not None:
            self._transport.close()
            self._cancel = self._service.clock.call_later(_LINGER, self._transport.abort)


def _address(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return f"{peer[0]}:{peer[1]}" if isinstance(peer, tuple) else str(peer or "local")


def _nothing() -> None:
    """No timer runs."""
