"""MQTT 5's properties: one table says each one's number, type and packets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hearth_mqtt.codec import wire
from hearth_mqtt.codec.reasons import ProtocolViolation, Reason
from hearth_mqtt.codec.types import PacketType
from hearth_mqtt.codec.wire import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """The properties of a packet; None or an empty tuple where it has none. Times are in seconds."""

    payload_format: int | None = None
    message_expiry: int | None = None
    content_type: str | None = None
    response_topic: str | None = None
    correlation_data: bytes | None = None
    subscription_ids: tuple[int, ...] = ()
    session_expiry: int | None = None
    assigned_client_id: str | None = None
    server_keep_alive: int | None = None
    authentication_method: str | None = None
    authentication_data: bytes | None = None
    request_problem_info: int | None = None
    will_delay: int | None = None
    request_response_info: int | None = None
    response_info: str | None = None
    server_reference: str | None = None
    reason_string: str | None = None
    receive_maximum: int | None = None
    topic_alias_maximum: int | None = None
    topic_alias: int | None = None
    maximum_qos: int | None = None
    retain_available: int | None = None
    user_properties: tuple[tuple[str, str], ...] = ()
    maximum_packet_size: int | None = None
    wildcards_available: int | None = None
    subscription_ids_available: int | None = None
    shared_available: int | None = None


EMPTY = Properties()


class _Kind(NamedTuple):
    """A data type: how to read it, how to write it, and what the largest value is if it is a number."""

    read: Callable[[Reader], Any]
    write: Callable[[Any], bytes]
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    name: str
    kind: _Kind
    packets: frozenset[PacketType]
    low: int = 0
    repeats: frozenset[PacketType] = field(default_factory=frozenset)


_FLAG = _Kind(Reader.byte, lambda value: bytes((value,)), 1)
_TWO = _Kind(Reader.two, wire.two, 0xFFFF)
_FOUR = _Kind(Reader.four, wire.four, 0xFFFF_FFFF)
_VARINT = _Kind(Reader.varint, wire.varint, wire.MAX_VARINT)
_TEXT = _Kind(Reader.text, wire.text)
_BINARY = _Kind(Reader.binary, wire.binary)
_PAIR = _Kind(Reader.pair, wire.pair)

_P = PacketType
_MESSAGE = frozenset({_P.PUBLISH, _P.WILL})
_ANSWERS = frozenset({_P.PUBACK, _P.PUBREC, _P.PUBREL, _P.PUBCOMP, _P.SUBACK, _P.UNSUBACK})
_WITH_REASON = _ANSWERS | {_P.CONNACK, _P.DISCONNECT, _P.AUTH}
_EVERYWHERE = _WITH_REASON | _MESSAGE | {_P.CONNECT, _P.SUBSCRIBE, _P.UNSUBSCRIBE}


def _spec(name: str, kind: _Kind, *packets: PacketType, low: int = 0) -> _Spec:
    return _Spec(name=name, kind=kind, packets=frozenset(packets), low=low)


_SPECS: Mapping[int, _Spec] = {
    0x01: _spec("payload_format", _FLAG, *_MESSAGE),
    0x02: _spec("message_expiry", _FOUR, *_MESSAGE),
    0x03: _spec("content_type", _TEXT, *_MESSAGE),
    0x08: _spec("response_topic", _TEXT, *_MESSAGE),
    0x09: _spec("correlation_data", _BINARY, *_MESSAGE),
    0x0B: _Spec(
        name="subscription_ids",
        kind=_VARINT,
        packets=frozenset({_P.PUBLISH, _P.SUBSCRIBE}),
        low=1,
        repeats=frozenset({_P.PUBLISH}),
    ),
    0x11: _spec("session_expiry", _FOUR, _P.CONNECT, _P.CONNACK, _P.DISCONNECT),
    0x12: _spec("assigned_client_id", _TEXT, _P.CONNACK),
    0x13: _spec("server_keep_alive", _TWO, _P.CONNACK),
    0x15: _spec("authentication_method", _TEXT, _P.CONNECT, _P.CONNACK, _P.AUTH),
    0x16: _spec("authentication_data", _BINARY, _P.CONNECT, _P.CONNACK, _P.AUTH),
    0x17: _spec("request_problem_info", _FLAG, _P.CONNECT),
    0x18: _spec("will_delay", _FOUR, _P.WILL),
    0x19: _spec("request_response_info", _FLAG, _P.CONNECT),
    0x1A: _spec("response_info", _TEXT, _P.CONNACK),
    0x1C: _spec("server_reference", _TEXT, _P.CONNACK, _P.DISCONNECT),
    0x1F: _spec("reason_string", _TEXT, *_WITH_REASON),
    0x21: _spec("receive_maximum", _TWO, _P.CONNECT, _P.CONNACK, low=1),
    0x22: _spec("topic_alias_maximum", _TWO, _P.CONNECT, _P.CONNACK),
    0x23: _spec("topic_alias", _TWO, _P.PUBLISH, low=1),
    0x24: _spec("maximum_qos", _FLAG, _P.CONNACK),
    0x25: _spec("retain_available", _FLAG, _P.CONNACK),
    0x26: _Spec(name="user_properties", kind=_PAIR, packets=_EVERYWHERE, repeats=_EVERYWHERE),
    0x27: _spec("maximum_packet_size", _FOUR, _P.CONNECT, _P.CONNACK, low=1),
    0x28: _spec("wildcards_available", _FLAG, _P.CONNACK),
    0x29: _spec("subscription_ids_available", _FLAG, _P.CONNACK),
    0x2A: _spec("shared_available", _FLAG, _P.CONNACK),
}
_TUPLES = frozenset({"subscription_ids", "user_properties"})


def read_properties(reader: Reader, packet: PacketType) -> Properties:
    """Return the properties that come next, which must be such as ``packet`` may have, each once unless it may repeat.

    Raises ProtocolViolation.
    """
    length = reader.varint()
    if not length:
        return EMPTY
    section = reader.section(length)
    values: dict[str, Any] = {}
    while section.left:
        spec = _known(section.varint(), packet)
        _keep(values, spec, _value(section, spec), packet)
    return Properties(**values)


def _known(number: int, packet: PacketType) -> _Spec:
    spec = _SPECS.get(number)
    if spec is None or packet not in spec.packets:
        raise ProtocolViolation(f"Expected a property that {packet.name} may have, got 0x{number:02X}")
    return spec


def _value(section: Reader, spec: _Spec) -> Any:
    value = spec.kind.read(section)
    if spec.kind.high is not None and not spec.low <= value <= spec.kind.high:
        message = f"Expected {spec.name} from {spec.low} to {spec.kind.high}, got {value}"
        raise ProtocolViolation(message, Reason.PROTOCOL_ERROR)
    return value


def _keep(values: dict[str, Any], spec: _Spec, value: Any, packet: PacketType) -> None:
    if spec.name in values and packet not in spec.repeats:
        raise ProtocolViolation(f"Expected {spec.name} once in {packet.name}", Reason.PROTOCOL_ERROR)
    values[spec.name] = (*values.get(spec.name, ()), value) if spec.name in _TUPLES else value


def write_properties(properties: Properties) -> bytes:
    """Return the properties with their length before them."""
    if properties is EMPTY:
        return b"\0"
    out: list[bytes] = []
    for number, spec in _SPECS.items():
        value = getattr(properties, spec.name)
        values = value if spec.name in _TUPLES else () if value is None else (value,)
        out.extend(bytes((number,)) + spec.kind.write(item) for item in values)
    raw = b"".join(out)
    return wire.varint(len(raw)) + raw
