"""From a packet's value to its bytes. Raises ProtocolViolation for what does not fit into a packet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hearth_mqtt.codec import wire
from hearth_mqtt.codec.packets import (
    Acknowledgement,
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    Publish,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Version,
    Will,
)
from hearth_mqtt.codec.properties import EMPTY, Properties, write_properties
from hearth_mqtt.codec.reasons import CONNECT_RETURN_CODES, Reason
from hearth_mqtt.codec.types import PacketType


def encode(packet: Packet, version: Version) -> bytes:
    """Return the packet as it is sent on a connection that speaks ``version``."""
    return _ENCODERS[type(packet)](packet, version)


def encode_success(kind: PacketType, packet_id: int) -> bytes:
    """Return an acknowledgement without a reason, which is alike in both versions."""
    return bytes((kind << 4 | (0x02 if kind is PacketType.PUBREL else 0), 2)) + wire.two(packet_id)


def _packet(first: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes((first,)) + wire.varint(len(body)) + body


def _publish(packet: Publish, version: Version) -> bytes:
    first = PacketType.PUBLISH << 4 | packet.dup << 3 | packet.qos << 1 | packet.retain
    packet_id = wire.two(packet.packet_id) if packet.qos else b""
    rest = packet_id + _properties(packet.properties, version) + packet.payload
    topic = wire.text(packet.topic)
    return bytes((first,)) + wire.varint(len(topic) + len(rest)) + topic + rest


def _connect(packet: Connect, version: Version) -> bytes:
    version = packet.version
    parts = [b"\0\x04MQTT", bytes((version, _connect_flags(packet))), wire.two(packet.keep_alive)]
    parts += [_properties(packet.properties, version), wire.text(packet.client_id)]
    if packet.will is not None:
        parts.append(_will(packet.will, version))
    if packet.username is not None:
        parts.append(wire.text(packet.username))
    if packet.password is not None:
        parts.append(wire.binary(packet.password))
    return _packet(0x10, *parts)


def _connect_flags(packet: Connect) -> int:
    flags = packet.clean_start << 1
    flags |= (packet.username is not None) << 7 | (packet.password is not None) << 6
    if packet.will is not None:
        flags |= 0x04 | packet.will.qos << 3 | packet.will.retain << 5
    return flags


def _will(will: Will, version: Version) -> bytes:
    return _properties(will.properties, version) + wire.text(will.topic) + wire.binary(will.payload)


def _connack(packet: Connack, version: Version) -> bytes:
    if version == Version.V5:
        return _packet(0x20, bytes((packet.session_present, packet.reason)), write_properties(packet.properties))
    code = CONNECT_RETURN_CODES.get(packet.reason, CONNECT_RETURN_CODES[Reason.SERVER_UNAVAILABLE])
    return _packet(0x20, bytes((packet.session_present, code)))


def _acknowledgement(packet: Acknowledgement, version: Version) -> bytes:
    if version == Version.V311 or (packet.reason is Reason.SUCCESS and packet.properties is EMPTY):
        return encode_success(packet.type, packet.packet_id)
    first = packet.type << 4 | (0x02 if packet.type is PacketType.PUBREL else 0)
    return _packet(first, wire.two(packet.packet_id), _reason(packet.reason, packet.properties))


def _reason(reason: Reason, properties: Properties) -> bytes:
    return bytes((reason,)) + (b"" if properties is EMPTY else write_properties(properties))


def _subscribe(packet: Subscribe, version: Version) -> bytes:
    subscriptions = [_subscription(item) for item in packet.subscriptions]
    return _packet(0x82, wire.two(packet.packet_id), _properties(packet.properties, version), *subscriptions)


def _subscription(item: Subscription) -> bytes:
    options = item.qos | item.no_local << 2 | item.retain_as_published << 3 | item.retain_handling << 4
    return wire.text(item.topic_filter) + bytes((options,))


def _suback(packet: Suback, version: Version) -> bytes:
    codes = bytes(packet.reasons)
    if version == Version.V311:
        codes = bytes(min(code, 0x80) for code in codes)
    return _packet(0x90, wire.two(packet.packet_id), _properties(packet.properties, version), codes)


def _unsubscribe(packet: Unsubscribe, version: Version) -> bytes:
    topic_filters = [wire.text(item) for item in packet.topic_filters]
    return _packet(0xA2, wire.two(packet.packet_id), _properties(packet.properties, version), *topic_filters)


def _unsuback(packet: Unsuback, version: Version) -> bytes:
    codes = bytes(packet.reasons) if version == Version.V5 else b""
    return _packet(0xB0, wire.two(packet.packet_id), _properties(packet.properties, version), codes)


def _disconnect(packet: Disconnect, version: Version) -> bytes:
    if version == Version.V311:
        return b"\xe0\0"
    return _packet(0xE0, _reason(packet.reason, packet.properties))


def _auth(packet: Auth, _: Version) -> bytes:
    return _packet(0xF0, _reason(packet.reason, packet.properties))


def _properties(properties: Properties, version: Version) -> bytes:
    return b"" if version == Version.V311 else write_properties(properties)


_ENCODERS: Mapping[type, Callable[..., bytes]] = {
    Connect: _connect,
    Connack: _connack,
    Publish: _publish,
    Acknowledgement: _acknowledgement,
    Subscribe: _subscribe,
    Suback: _suback,
    Unsubscribe: _unsubscribe,
    Unsuback: _unsuback,
    Pingreq: lambda _, __: b"\xc0\0",
    Pingresp: lambda _, __: b"\xd0\0",
    Disconnect: _disconnect,
    Auth: _auth,
}
