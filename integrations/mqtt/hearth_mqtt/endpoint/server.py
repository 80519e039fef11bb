"""The hub's own MQTT endpoint: connections on the hub's port, and a message bus for the rest of the integration."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Mapping
from functools import partial
from types import TracebackType
from typing import Any

from hearth_mqtt.bus import OnMessage, Unlisten
from hearth_mqtt.codec import EMPTY, Connect, Properties, ProtocolViolation, Reason, Version
from hearth_mqtt.endpoint.broker import Broker
from hearth_mqtt.endpoint.connection import Connection
from hearth_mqtt.endpoint.dialogue import Dialogue
from hearth_mqtt.endpoint.doorman import Doorman, User
from hearth_mqtt.endpoint.limits import Counters, Limits
from hearth_mqtt.endpoint.local import LocalSubscription
from hearth_mqtt.endpoint.message import Message
from hearth_mqtt.endpoint.router import Granted
from hearth_mqtt.endpoint.session import Session
from hearth_mqtt.topics import check_filter, check_topic
from hub import AdapterHost

_CLOSING = 2.0  # seconds that clients have to take the last bytes when the endpoint closes


class Endpoint:
    """An MQTT 3.1.1 and 5 server, and a MessageBus. Serves from ``async with`` until its end.

    ``users`` are its own, name to password; the hub's users come with a token.
    """

    def __init__(
        self, host: AdapterHost, *, users: Mapping[str, str], anonymous: bool = False, limits: Limits | None = None
    ) -> None:
        self.limits = limits or Limits()
        self.clock = host.clock
        self._host = host
        self._broker = Broker(host.storage, host.clock, self.limits)
        self._doorman = Doorman(host.authenticate, users, anonymous=anonymous)
        self._connections: set[Connection] = set()
        self._clients: dict[str, Connection] = {}
        self._revocations: dict[Connection, Unlisten] = {}
        self._unserve: Unlisten | None = None
        self._closing = False
        self._one_gone = asyncio.Event()

    @property
    def counters(self) -> Counters:
        """What happened since the start."""
        return self._broker.counters

    @property
    def connected(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    async def __aenter__(self) -> Endpoint:
        self._broker.restore()
        self._unserve = self._host.serve("mqtt", lambda: Connection(self))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._unserve is not None:
            self._unserve()
        self._closing = True  # wills wait: after a restart of the hub the clients come back
        self._broker.close()
        for connection in list(self._connections):
            connection.close(Reason.SERVER_SHUTTING_DOWN)
        await self._wait_for_the_last()

    async def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> None:
        content = payload.encode() if isinstance(payload, str) else payload
        self._broker.router.publish(Message(check_topic(topic), content, qos=qos, retain=retain))

    def subscribe(self, topic_filter: str, callback: OnMessage, /, *, qos: int = 0) -> Unlisten:
        router, subscription, granted = self._broker.router, LocalSubscription(callback), Granted(qos=qos)
        router.subscribe(check_filter(topic_filter), subscription, granted)
        asyncio.get_running_loop().call_soon(router.send_retained, topic_filter, subscription, granted)

        def unlisten() -> None:
            subscription.active = False
            router.unsubscribe(topic_filter, subscription)

        return unlisten

    def opened(self, connection: Connection) -> bool:
        waiting = len(self._connections) - len(self._clients)
        is_full = len(self._connections) >= self.limits.connections or waiting >= self.limits.unauthenticated
        if is_full or self._closing:
            self.counters.refused += 1
            return False
        self._connections.add(connection)
        return True

    async def identify(self, connect: Connect) -> User:
        return await self._doorman.identify(connect)

    def welcome(self, connection: Connection, connect: Connect, user: User) -> Dialogue:
        _check(connect, self.limits)
        client_id = connect.client_id or f"auto-{secrets.token_hex(8)}"
        broker, expiry = self._broker, _session_expiry(connect, self.limits)
        broker.sessions.check_owner(client_id, user.id)
        version = connect.version.name
        self._host.audit("mqtt_connected", client_id, user=user.name, peer=connection.peer, version=version)
        self._take_over(client_id)
        if connect.clean_start:
            broker.wills.session_ended(client_id)
        session, is_present = broker.sessions.open(client_id, user.id, clean=connect.clean_start, expiry=expiry)
        broker.wills.keep(client_id, connect.will)
        self._clients[client_id] = connection
        if user.principal is not None:
            end = partial(connection.close, Reason.NOT_AUTHORIZED)
            self._revocations[connection] = self._host.on_revoked(user.principal, end)
        properties = _offer(connect, client_id, expiry, self.limits)
        connection.accept(connect, session_present=is_present, properties=properties)
        return Dialogue(broker, session, connection, self.limits, self.clock)

    def refused(self, connection: Connection, connect: Connect, violation: ProtocolViolation) -> None:
        self.counters.refused += 1
        detail = {"user": connect.username, "peer": connection.peer, "reason": violation.reason.name}
        self._host.audit("mqtt_refused", connect.client_id[: self.limits.client_id_length], **detail)

    def left(self, connection: Connection, dialogue: Dialogue, why: str, *, graceful: bool) -> None:
        session = dialogue.session
        del self._clients[session.client_id]
        if self._closing:
            session.deliveries.detach()
        else:
            self._part(session, graceful=graceful)
        self._host.audit("mqtt_disconnected", session.client_id, peer=connection.peer, reason=why)

    def closed(self, connection: Connection) -> None:
        if (forget := self._revocations.pop(connection, None)) is not None:
            forget()
        self._connections.discard(connection)
        self._one_gone.set()

    def task(self, coroutine: Coroutine[Any, Any, None], name: str) -> None:
        self._host.task(coroutine, name)

    def _part(self, session: Session, *, graceful: bool) -> None:
        wills = self._broker.wills
        if graceful:
            wills.forget(session.client_id)
        else:
            wills.lost(session.client_id, session.expiry)
        self._broker.sessions.suspend(session)

    def _take_over(self, client_id: str) -> None:
        previous = self._clients.get(client_id)
        if previous is not None:
            previous.close(Reason.SESSION_TAKEN_OVER)

    async def _wait_for_the_last(self) -> None:
        try:
            async with asyncio.timeout(_CLOSING):
                while self._connections:
                    self._one_gone.clear()
                    await self._one_gone.wait()
        except TimeoutError:
            for connection in list(self._connections):
                connection.abort()


def _check(connect: Connect, limits: Limits) -> None:
    if len(connect.client_id) > limits.client_id_length:
        message = f"Expected a client id of at most {limits.client_id_length} characters"
        raise ProtocolViolation(message, Reason.CLIENT_ID_NOT_VALID)
    if not connect.client_id and not connect.clean_start and connect.version == Version.V311:
        raise ProtocolViolation("Expected a client id, or a clean session", Reason.CLIENT_ID_NOT_VALID)
    if connect.will is not None and connect.will.topic.startswith("$"):
        raise ProtocolViolation("Expected a will on a topic that may be published to", Reason.NOT_AUTHORIZED)


def _session_expiry(connect: Connect, limits: Limits) -> int:
    if connect.version == Version.V5:
        return min(connect.properties.session_expiry or 0, limits.session_expiry)
    return 0 if connect.clean_start else limits.session_expiry


def _offer(connect: Connect, client_id: str, expiry: int, limits: Limits) -> Properties:
    """Return what an MQTT 5 client must know: what was decided for it, and what it may do."""
    if connect.version != Version.V5:
        return EMPTY
    return Properties(
        session_expiry=expiry if expiry < (connect.properties.session_expiry or 0) else None,
        assigned_client_id=None if connect.client_id else client_id,
        receive_maximum=limits.receive_maximum,
        maximum_packet_size=limits.packet_size,
        shared_available=0,
    )
