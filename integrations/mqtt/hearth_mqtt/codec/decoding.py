"""From the bytes of one whole packet to its value. Nothing but ProtocolViolation is ever raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

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
from hearth_mqtt.codec.properties import EMPTY, Properties, read_properties
from hearth_mqtt.codec.reasons import CONNECT_RETURN_CODES, ProtocolViolation, Reason
from hearth_mqtt.codec.types import PacketType
from hearth_mqtt.codec.wire import Reader, to_text

_RETURN_CODES = {code: reason for reason, code in CONNECT_RETURN_CODES.items()}
_LONGEST_CACHED = 256
_LONGEST_CACHED_PROPERTIES = 16


def decode(first: int, data: bytes, start: int, end: int, version: Version) -> Packet:
    """Return the packet whose first byte, one of FIRST_BYTES, was ``first`` and whose body is ``data[start:end]``.

    ``version`` is what the connection speaks; a CONNECT says it itself. Raises ProtocolViolation.
    """
    kind = first >> 4
    if kind == 3:
        return _publish(first & 0x0F, data, start, end, version)
    reader = Reader(data, start, end)
    packet = _DECODERS[kind](reader, version)
    reader.finish()
    return packet


def _publish(flags: int, data: bytes, start: int, end: int, version: Version) -> Publish:
    # The hot path: read in place, with one bounds check for each part.
    at = start + 2 + int.from_bytes(data[start : start + 2], "big")
    qos = (flags >> 1) & 3
    identified = at + 2 if qos else at
    if identified > end or qos == 3 or (flags & 0x08 and not qos):
        raise ProtocolViolation(f"Expected a PUBLISH with a topic, a packet id and sound flags, got flags {flags:#x}")
    properties = EMPTY
    payload_at = identified
    if version == 5:
        properties, payload_at = _publish_properties(data, identified, end)
    packet = Publish(
        topic=_topic(data[start + 2 : at], properties),
        payload=data[payload_at:end],
        qos=qos,
        retain=bool(flags & 1),
        dup=bool(flags & 8),
        properties=properties,
    )
    if qos:
        packet.packet_id = _nonzero(int.from_bytes(data[at:identified], "big"))
    return packet


def _publish_properties(data: bytes, at: int, end: int) -> tuple[Properties, int]:
    if at < end and not data[at]:
        return EMPTY, at + 1
    if at < end and (stop := at + 1 + data[at]) <= end and data[at] <= _LONGEST_CACHED_PROPERTIES:
        return _short_properties(data[at:stop]), stop
    reader = Reader(data, at, end)
    properties = read_properties(reader, PacketType.PUBLISH)
    return properties, end - reader.left


@lru_cache(maxsize=8192)
def _short_properties(raw: bytes) -> Properties:
    """Return the properties written as ``raw``. What a broker adds to each message of a subscription is its number alone."""
    return read_properties(Reader(raw), PacketType.PUBLISH)


def _topic(raw: bytes, properties: Properties) -> str:
    if not raw and properties.topic_alias is not None:
        return ""
    # Caching only short ones bounds the cache's memory.
    return _short_topic_name(raw) if len(raw) <= _LONGEST_CACHED else topic_name(raw)


def topic_name(raw: bytes) -> str:
    """Return a topic that may be published to: some text without wildcards."""
    topic = to_text(raw)
    if not topic or "+" in topic or "#" in topic:
        raise ProtocolViolation(f"Expected a topic without wildcards, got {topic[:100]!r}", Reason.TOPIC_NAME_INVALID)
    return topic


_short_topic_name = lru_cache(maxsize=8192)(topic_name)


def _connect(reader: Reader, _: Version) -> Connect:
    version = _protocol(reader)
    flags = reader.byte()
    _check_connect_flags(flags, version)
    keep_alive = reader.two()
    properties = read_properties(reader, PacketType.CONNECT) if version == Version.V5 else EMPTY
    if properties.authentication_data is not None and properties.authentication_method is None:
        raise ProtocolViolation("Expected an authentication method with authentication data", Reason.PROTOCOL_ERROR)
    client_id = reader.text()
    return Connect(
        client_id=client_id,
        version=version,
        clean_start=bool(flags & 0x02),
        keep_alive=keep_alive,
        will=_will(reader, flags, version) if flags & 0x04 else None,
        username=reader.text() if flags & 0x80 else None,
        password=reader.binary() if flags & 0x40 else None,
        properties=properties,
    )


def _protocol(reader: Reader) -> Version:
    name, level = reader.binary(), reader.byte()
    if name == b"MQTT" and level in (4, 5):
        return Version(level)
    message = f"Expected MQTT 3.1.1 or 5, got {name[:20]!r} level {level}"
    if name in (b"MQTT", b"MQIsdp"):
        raise ProtocolViolation(message, Reason.UNSUPPORTED_PROTOCOL_VERSION)
    raise ProtocolViolation(message)


def _check_connect_flags(flags: int, version: Version) -> None:
    will_parts = flags & 0x38
    if flags & 0x01 or will_parts & 0x18 == 0x18 or (will_parts and not flags & 0x04):
        raise ProtocolViolation(f"Expected sound flags in CONNECT, got {flags:#x}")
    if version == Version.V311 and flags & 0xC0 == 0x40:
        raise ProtocolViolation("Expected a user name with the password")


def _will(reader: Reader, flags: int, version: Version) -> Will:
    properties = read_properties(reader, PacketType.WILL) if version == Version.V5 else EMPTY
    return Will(
        topic=topic_name(reader.binary()),
        payload=reader.binary(),
        qos=(flags >> 3) & 3,
        retain=bool(flags & 0x20),
        properties=properties,
    )


def _connack(reader: Reader, version: Version) -> Connack:
    flags, code = reader.byte(), reader.byte()
    if flags & 0xFE:
        raise ProtocolViolation(f"Expected 0 or 1 in CONNACK, got {flags:#x}")
    if version == Version.V5:
        properties = read_properties(reader, PacketType.CONNACK)
        return Connack(reason=_reason(code), session_present=bool(flags), properties=properties)
    if code not in _RETURN_CODES:
        raise ProtocolViolation(f"Expected a return code from 0 to 5, got {code}")
    return Connack(reason=_RETURN_CODES[code], session_present=bool(flags))


def _acknowledgement(kind: PacketType) -> Callable[[Reader, Version], Acknowledgement]:
    def decoder(reader: Reader, version: Version) -> Acknowledgement:
        packet_id = _packet_id(reader)
        reason, properties = _reason_and_properties(reader, kind, version)
        return Acknowledgement(type=kind, packet_id=packet_id, reason=reason, properties=properties)

    return decoder


def _reason_and_properties(reader: Reader, kind: PacketType, version: Version) -> tuple[Reason, Properties]:
    """Read what MQTT 5 may leave out at the end of a packet."""
    if version != Version.V5 or not reader.left:
        return Reason.SUCCESS, EMPTY
    reason = _reason(reader.byte())
    return reason, read_properties(reader, kind) if reader.left else EMPTY


def _subscribe(reader: Reader, version: Version) -> Subscribe:
    packet_id = _packet_id(reader)
    properties = read_properties(reader, PacketType.SUBSCRIBE) if version == Version.V5 else EMPTY
    subscriptions = [_subscription(reader, version)]
    while reader.left:
        subscriptions.append(_subscription(reader, version))
    return Subscribe(packet_id=packet_id, subscriptions=tuple(subscriptions), properties=properties)


def _subscription(reader: Reader, version: Version) -> Subscription:
    topic_filter, options = reader.text(), reader.byte()
    reserved = 0xC0 if version == Version.V5 else 0xFC
    if options & reserved or options & 0x03 == 3 or options & 0x30 == 0x30:
        raise ProtocolViolation(f"Expected sound subscription options, got {options:#x}")
    return Subscription(
        topic_filter=topic_filter,
        qos=options & 3,
        no_local=bool(options & 4),
        retain_as_published=bool(options & 8),
        retain_handling=(options >> 4) & 3,
    )


def _suback(reader: Reader, version: Version) -> Suback:
    packet_id = _packet_id(reader)
    properties = read_properties(reader, PacketType.SUBACK) if version == Version.V5 else EMPTY
    codes = reader.rest()
    if not codes or (version == Version.V311 and not set(codes) <= {0, 1, 2, 0x80}):
        raise ProtocolViolation(f"Expected return codes in SUBACK, got {codes.hex() or 'none'}")
    return Suback(packet_id=packet_id, reasons=tuple(map(_reason, codes)), properties=properties)


def _unsubscribe(reader: Reader, version: Version) -> Unsubscribe:
    packet_id = _packet_id(reader)
    properties = read_properties(reader, PacketType.UNSUBSCRIBE) if version == Version.V5 else EMPTY
    topic_filters = [reader.text()]
    while reader.left:
        topic_filters.append(reader.text())
    return Unsubscribe(packet_id=packet_id, topic_filters=tuple(topic_filters), properties=properties)


def _unsuback(reader: Reader, version: Version) -> Unsuback:
    packet_id = _packet_id(reader)
    if version == Version.V311:
        return Unsuback(packet_id=packet_id)
    properties = read_properties(reader, PacketType.UNSUBACK)
    return Unsuback(packet_id=packet_id, reasons=tuple(map(_reason, reader.rest())), properties=properties)


def _disconnect(reader: Reader, version: Version) -> Disconnect:
    reason, properties = _reason_and_properties(reader, PacketType.DISCONNECT, version)
    return Disconnect(reason=reason, properties=properties)


def _auth(reader: Reader, version: Version) -> Auth:
    if version != Version.V5:
        raise ProtocolViolation("Expected no AUTH in MQTT 3.1.1")
    reason, properties = _reason_and_properties(reader, PacketType.AUTH, version)
    return Auth(reason=reason, properties=properties)


def _packet_id(reader: Reader) -> int:
    return _nonzero(reader.two())


def _nonzero(packet_id: int) -> int:
    if not packet_id:
        raise ProtocolViolation("Expected a packet id from 1 to 65535, got 0", Reason.PROTOCOL_ERROR)
    return packet_id


def _reason(code: int) -> Reason:
    try:
        return Reason(code)
    except ValueError:
        raise ProtocolViolation(f"Expected a reason code of MQTT 5, got 0x{code:02X}") from None


_DECODERS: Mapping[int, Callable[[Reader, Version], Packet]] = {
    PacketType.CONNECT: _connect,
    PacketType.CONNACK: _connack,
    PacketType.PUBACK: _acknowledgement(PacketType.PUBACK),
    PacketType.PUBREC: _acknowledgement(PacketType.PUBREC),
    PacketType.PUBREL: _acknowledgement(PacketType.PUBREL),
    PacketType.PUBCOMP: _acknowledgement(PacketType.PUBCOMP),
    PacketType.SUBSCRIBE: _subscribe,
    PacketType.SUBACK: _suback,
    PacketType.UNSUBSCRIBE: _unsubscribe,
    PacketType.UNSUBACK: _unsuback,
    PacketType.PINGREQ: lambda _, __: Pingreq(),
    PacketType.PINGRESP: lambda _, __: Pingresp(),
    PacketType.DISCONNECT: _disconnect,
    PacketType.AUTH: _auth,
}

_FLAGGED = frozenset({PacketType.PUBREL, PacketType.SUBSCRIBE, PacketType.UNSUBSCRIBE})
FIRST_BYTES = frozenset(kind << 4 | (0x02 if kind in _FLAGGED else 0) for kind in _DECODERS) | set(range(0x30, 0x40))
"""Every byte that a packet may begin with."""
