"""A session at an XMPP server: logged in over TLS 1.3, with what comes in waiting in a bounded queue."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Any
from xml.etree.ElementTree import Element

from slixmpp import JID
from slixmpp.exceptions import IqError, IqTimeout, PresenceError

from hearth_xmpp.codec import Me, read_contact_request, read_message, sendable
from hearth_xmpp.config import Room, Settings
from hearth_xmpp.stream import Stream
from hub import Clock, ConnectionLost, Message

_LOGIN_TIMEOUT = 30.0
_JOIN_TIMEOUT = 30.0
_PING_EVERY, _PING_TIMEOUT = 60.0, 20.0
_QUEUE = 1000  # messages that wait to be handed over; newer ones are dropped
_log = logging.getLogger(__name__)


class LoginRefused(ConnectionLost):
    """The server answered, and does not let us in."""


class Session:
    """``async with`` logs in; ``run`` hands over what people write until the connection breaks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._received: asyncio.Queue[Message] = asyncio.Queue(_QUEUE)
        self._me = Me(settings.jid, dict.fromkeys((room.address for room in settings.rooms), ""), self._real_address)
        self._ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._stream: Stream | None = None
        self.dropped = 0

    async def __aenter__(self) -> Session:
        try:
            context = await asyncio.to_thread(_tls_context, self._settings.ca)
        except OSError as error:
            raise ConnectionLost(f"Could not read the certificates in {self._settings.ca}: {error}") from error
        self._stream = Stream(self._settings, context)
        try:
            await self._log_in(self._stream)
        except BaseException:
            await self._stream.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._stream is not None:
            await self._stream.close()

    async def run(self, receive: Callable[[Message], None], clock: Clock) -> None:
        """Call ``receive`` for each message and contact request.

        Raises ConnectionLost.
        """
        lost: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hand_over(receive), name="xmpp:receive")
                group.create_task(self._stay_awake(clock), name="xmpp:ping")
                for room in self._settings.rooms:
                    group.create_task(self._join(room), name=f"xmpp:join:{room.address}")
                group.create_task(self._watch(), name="xmpp:watch")
        except* ConnectionLost as errors:
            lost = errors.exceptions[0]
        if lost is not None:
            raise lost

    def send(self, to: str, text: str) -> None:
        """Send a text to a person or a room.

        Raises ConnectionLost.
        """
        self._connected().send_message(
            mto=JID(to), mbody=sendable(text), mtype="groupchat" if self._settings.is_room(to) else "chat"
        )

    def grant_contact(self, address: str) -> None:
        """Let somebody see that the hub is there."""
        self._connected().send_presence_subscription(pto=address, ptype="subscribed")

    def end_contact(self, address: str) -> None:
        """Let somebody see no more that the hub is there."""
        self._connected().send_presence_subscription(pto=address, ptype="unsubscribed")

    async def _log_in(self, stream: Stream) -> None:
        server = self._settings.server
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def fail(error: Exception) -> None:
            if not ready.done():
                ready.set_exception(error)

        def refused(stanza: Any) -> None:
            reason = stanza["condition"] or "no reason given"
            fail(LoginRefused(f"{server} refused the address {self._settings.jid} or its password ({reason})"))

        def unsafe(_: Any) -> None:
            fail(ConnectionLost(f"{server} offers no encrypted way to log in: expected TLS 1.3"))

        def untrusted(error: Any) -> None:
            fail(
                ConnectionLost(f"Expected TLS 1.3 and a trusted certificate of {self._settings.jid}'s server: {error}")
            )

        def lost(reason: Any) -> None:
            fail(ConnectionLost(f"{server} could not be reached: {reason or 'it ended the connection'}"))

        handlers = {"failed_auth": refused, "no_auth": unsafe, "ssl_invalid_chain": untrusted, "unreachable": lost}
        for name, handler in {**handlers, "stream_error": _reason_of(lost), "disconnected": lost}.items():
            stream.add_event_handler(name, handler)
        stream.add_event_handler("session_start", lambda _: None if ready.done() else ready.set_result(None))
        self._listen(stream)
        stream.begin()
        try:
            async with asyncio.timeout(_LOGIN_TIMEOUT):
                await ready
        except TimeoutError:
            raise ConnectionLost(f"{server} did not let {self._settings.jid} in within {_LOGIN_TIMEOUT:g} s") from None
        _check_encrypted(stream)
        stream.send_presence()

    def _listen(self, stream: Stream) -> None:
        stream.add_event_handler("message", lambda stanza: self._take(read_message, stanza.xml))
        stream.add_event_handler("presence_subscribe", lambda stanza: self._take(read_contact_request, stanza.xml))
        stream.add_event_handler("stream_error", _reason_of(self._end))
        stream.add_event_handler("disconnected", self._end)
        if self._settings.rooms:
            stream.register_plugin("xep_0045")
            stream.add_event_handler("presence_error", self._pass_on_refusal)

    def _take(self, read: Callable[[Element, Me], Message | None], stanza: Element) -> None:
        message = read(stanza, self._me)
        if message is None:
            return
        try:
            self._received.put_nowait(message)
        except asyncio.QueueFull:
            self.dropped += 1
            if self.dropped == 1:
                _log.warning("More than %d messages wait at %s: newer ones are dropped", _QUEUE, self._settings.jid)

    def _end(self, reason: Any) -> None:
        if not self._ended.done():
            self._ended.set_result(str(reason or "it ended the connection"))

    async def _watch(self) -> None:
        reason = await asyncio.shield(self._ended)
        raise ConnectionLost(f"Lost the XMPP server {self._settings.server}: {reason}")

    async def _hand_over(self, receive: Callable[[Message], None]) -> None:
        while True:
            receive(await self._received.get())

    async def _stay_awake(self, clock: Clock) -> None:
        """Notice a connection that is dead without having been closed."""
        while True:
            await clock.sleep(_PING_EVERY)
            ping = self._connected().make_iq_get(ito=JID(self._settings.jid).domain)
            ping.append(Element("{urn:xmpp:ping}ping"))
            try:
                await ping.send(timeout=_PING_TIMEOUT)  # type: ignore[no-untyped-call]
            except IqTimeout:
                raise ConnectionLost(f"{self._settings.server} has not answered for {_PING_TIMEOUT:g} s") from None
            except IqError:  # a server that does not know pings has answered too
                pass

    async def _join(self, room: Room) -> None:
        rooms = self._connected().plugin["xep_0045"]
        nickname = self._settings.nickname
        try:
            await rooms.join_muc_wait(
                JID(room.address), nickname, password=room.password, maxstanzas=0, timeout=_JOIN_TIMEOUT
            )
        except PresenceError as error:
            _log.warning("The room %s does not let %s in: %s", room.address, nickname, error.condition)
        except TimeoutError:
            _log.warning("The room %s did not answer in %g s", room.address, _JOIN_TIMEOUT)
        else:
            self._me.nicknames[room.address] = nickname

    def _pass_on_refusal(self, stanza: Any) -> None:
        """Tell the plugin of rooms that one refuses: it does not see this unless the server repeats the question."""
        self._connected().event(f"muc::{stanza['from'].bare}::presence-error", stanza)

    def _real_address(self, room: str, nickname: str) -> str | None:
        found = self._connected().plugin["xep_0045"].get_jid_property(JID(room), nickname, "jid")
        return str(found) if found else None

    def _connected(self) -> Stream:
        if self._stream is None or self._ended.done():
            raise ConnectionLost(f"There is no connection to the XMPP server {self._settings.server}")
        return self._stream


def _reason_of(tell: Callable[[str], None]) -> Callable[[Any], None]:
    """Return a handler of stream errors that tells what they say."""
    return lambda error: tell(error["text"] or error["condition"])


def _check_encrypted(stream: Stream) -> None:
    """Raise ConnectionLost unless the stream is what was asked for: the library must not have settled for less."""
    version = stream.socket.version() if isinstance(stream.socket, (ssl.SSLSocket, ssl.SSLObject)) else None
    if version != "TLSv1.3":
        raise ConnectionLost(f"Expected a stream over TLS 1.3, got {version or 'no encryption'}")


def _tls_context(ca: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
