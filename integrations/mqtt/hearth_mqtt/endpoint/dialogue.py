"""What a client says once it is connected, and what it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

from hearth_mqtt.codec import (
    EMPTY,
    Acknowledgement,
    Disconnect,
    Packet,
    PacketType,
    Pingreq,
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
from hearth_mqtt.endpoint.broker import Broker
from hearth_mqtt.endpoint.limits import Limits
from hearth_mqtt.endpoint.message import Message, forwarded
from hearth_mqtt.endpoint.session import MAX_GRANTED_QOS, Session, Subscribed
from hearth_mqtt.topics import is_filter
from hub import Clock

_PONG = b"\xd0\0"


class Peer(Protocol):
    """The connection, as far as a dialogue cares."""

    version: Version

    def send(self, data: bytes) -> None:
        """Send soon."""

    def leave(self, reason: Reason) -> None:
        """The client has said good-bye."""


class Dialogue:
    """Handles the packets of one connected client. Raises ProtocolViolation for what a client must not send."""

    def __init__(self, broker: Broker, session: Session, peer: Peer, limits: Limits, clock: Clock) -> None:
        self.session = session
        self._broker = broker
        self._peer = peer
        self._limits = limits
        self._clock = clock

    def handle(self, packet: Packet) -> None:
        """Do what the client asks for."""
        handler = self._HANDLERS.get(type(packet))
        if handler is None:
            message = f"Expected a packet that a connected client may send, got {type(packet).__name__}"
            raise ProtocolViolation(message, Reason.PROTOCOL_ERROR)
        handler(self, packet)

    def _publish(self, packet: Publish) -> None:
        self._broker.counters.received += 1
        if packet.properties is not EMPTY:
            _check(packet)
        if packet.qos == 0:
            self._route(packet)
        elif packet.qos == 1:
            self._acknowledge(PacketType.PUBACK, packet.packet_id, self._route(packet))
        else:
            self._receive_once(packet)

    def _receive_once(self, packet: Publish) -> None:
        session = self.session
        if self._peer.version == Version.V5 and len(session.incoming) >= self._limits.receive_maximum:
            message = f"Expected at most {self._limits.receive_maximum} unreleased QoS 2 messages"
            raise ProtocolViolation(message, Reason.RECEIVE_MAXIMUM_EXCEEDED)
        reason = Reason.SUCCESS
        if session.begin(packet.packet_id):
            reason = self._route(packet)
            if reason >= 0x80 and self._peer.version == Version.V5:
                session.complete(packet.packet_id)  # a refused message is not released
        self._acknowledge(PacketType.PUBREC, packet.packet_id, reason)

    def _route(self, packet: Publish) -> Reason:
        if packet.topic.startswith("$"):  # reserved for the server
            return Reason.NOT_AUTHORIZED
        expiry = packet.properties.message_expiry
        message = Message(
            packet.topic,
            packet.payload,
            qos=packet.qos,
            retain=packet.retain,
            properties=forwarded(packet.properties),
            expires=None if expiry is None else self._clock.time() + expiry,
            source=self.session.client_id,
        )
        self._broker.router.publish(message)
        return Reason.SUCCESS

    def _acknowledgement(self, packet: Acknowledgement) -> None:
        if packet.type is PacketType.PUBACK:
            self.session.acknowledge(packet.packet_id)
        elif packet.type is PacketType.PUBREL:
            known = self.session.complete(packet.packet_id)
            reason = Reason.SUCCESS if known else Reason.PACKET_ID_NOT_FOUND
            self._acknowledge(PacketType.PUBCOMP, packet.packet_id, reason)
        else:
            message = f"Expected no {packet.type.name}: nothing is sent with QoS 2"
            raise ProtocolViolation(message, Reason.PROTOCOL_ERROR)

    def _acknowledge(self, kind: PacketType, packet_id: int, reason: Reason) -> None:
        if reason is Reason.SUCCESS:
            self._peer.send(encode_success(kind, packet_id))
        else:
            packet = Acknowledgement(type=kind, packet_id=packet_id, reason=reason)
            self._peer.send(encode(packet, self._peer.version))

    def _subscribe(self, packet: Subscribe) -> None:
        identifiers = packet.properties.subscription_ids
        wanted = [Subscribed(subscription=each, identifiers=identifiers) for each in packet.subscriptions]
        reasons = tuple(self._refusal(each.subscription) or _granted(each.subscription) for each in wanted)
        granted = [each for each, reason in zip(wanted, reasons, strict=True) if reason < 0x80]
        are_new = [self._broker.sessions.subscribe(self.session, each) for each in granted]
        self._peer.send(encode(Suback(packet_id=packet.packet_id, reasons=reasons), self._peer.version))
        for each, is_new in zip(granted, are_new, strict=True):
            self._send_retained(each, is_new=is_new)

    def _refusal(self, subscription: Subscription) -> Reason | None:
        topic_filter = subscription.topic_filter
        if topic_filter.startswith("$share/"):
            if subscription.no_local:
                raise ProtocolViolation("Expected no_local only without $share", Reason.PROTOCOL_ERROR)
            return Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED
        if not is_filter(topic_filter):
            return Reason.TOPIC_FILTER_INVALID
        known = self.session.subscriptions
        if topic_filter not in known and len(known) >= self._limits.subscriptions:
            return Reason.QUOTA_EXCEEDED
        return None

    def _send_retained(self, subscribed: Subscribed, *, is_new: bool) -> None:
        handling = subscribed.subscription.retain_handling
        if handling == 0 or (handling == 1 and is_new):
            topic_filter = subscribed.subscription.topic_filter
            self._broker.router.send_retained(topic_filter, self.session, subscribed.granted)

    def _unsubscribe(self, packet: Unsubscribe) -> None:
        found = [self._broker.sessions.unsubscribe(self.session, each) for each in packet.topic_filters]
        reasons = tuple(Reason.SUCCESS if each else Reason.NO_SUBSCRIPTION_EXISTED for each in found)
        self._peer.send(encode(Unsuback(packet_id=packet.packet_id, reasons=reasons), self._peer.version))

    def _ping(self, _: Pingreq) -> None:
        self._peer.send(_PONG)

    def _disconnect(self, packet: Disconnect) -> None:
        expiry = packet.properties.session_expiry
        if expiry is not None:
            if expiry and not self.session.expiry:
                raise ProtocolViolation("Expected no session expiry: the session has none", Reason.PROTOCOL_ERROR)
            self.session.expiry = min(expiry, self._limits.session_expiry)
        self._peer.leave(packet.reason)

    _HANDLERS: ClassVar[Mapping[type, Callable[[Dialogue, Any], None]]] = {
        Publish: _publish,
        Acknowledgement: _acknowledgement,
        Subscribe: _subscribe,
        Unsubscribe: _unsubscribe,
        Pingreq: _ping,
        Disconnect: _disconnect,
    }


def _check(packet: Publish) -> None:
    if packet.properties.topic_alias is not None:
        raise ProtocolViolation("Expected no topic alias: none are offered", Reason.TOPIC_ALIAS_INVALID)
    if packet.properties.subscription_ids:
        raise ProtocolViolation("Expected no subscription identifier from a client", Reason.PROTOCOL_ERROR)


def _granted(subscription: Subscription) -> Reason:
    return Reason(min(subscription.qos, MAX_GRANTED_QOS))
