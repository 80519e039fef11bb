"""MQTT's control packets as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from hearth_mqtt.codec.properties import EMPTY, Properties
from hearth_mqtt.codec.reasons import Reason
from hearth_mqtt.codec.types import PacketType


class Version(IntEnum):
    """The protocol levels that we speak."""

    V311 = 4
    V5 = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the server publishes when the client is lost."""

    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """A client introduces itself. ``keep_alive`` is in seconds, 0 for none."""

    client_id: str
    version: Version = Version.V311
    clean_start: bool = True
    keep_alive: int = 60
    username: str | None = None
    password: bytes | None = None
    will: Will | None = None
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Connack:
    """The server's answer to a CONNECT."""

    reason: Reason = Reason.SUCCESS
    session_present: bool = False
    properties: Properties = EMPTY


@dataclass(slots=True, kw_only=True)
class Publish:
    """A message. ``packet_id`` is 0 with QoS 0. Not frozen: it is made for every message, and frozen ones cost three times as much."""

    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0
    properties: Properties = EMPTY


@dataclass(slots=True, kw_only=True)
class Acknowledgement:
    """PUBACK, PUBREC, PUBREL or PUBCOMP: ``type`` says which. Not frozen, as a Publish is not."""

    type: PacketType
    packet_id: int
    reason: Reason = Reason.SUCCESS
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A topic filter with its options; those after ``qos`` are MQTT 5's.

    ``retain_handling``: 0 sends retained messages, 1 only if the subscription is new, 2 never.
    """

    topic_filter: str
    qos: int = 0
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """A client asks for topics."""

    packet_id: int
    subscriptions: tuple[Subscription, ...]
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Suback:
    """The answer to a SUBSCRIBE, one reason for each of its filters."""

    packet_id: int
    reasons: tuple[Reason, ...]
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """A client no longer wants topics."""

    packet_id: int
    topic_filters: tuple[str, ...]
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsuback:
    """The answer to an UNSUBSCRIBE; MQTT 3.1.1 sends no reasons."""

    packet_id: int
    reasons: tuple[Reason, ...] = ()
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True)
class Pingreq:
    """A client says that it is there."""


@dataclass(frozen=True, slots=True)
class Pingresp:
    """The answer to a PINGREQ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnect:
    """The last packet of a connection; in MQTT 3.1.1 only a client sends it, without a reason."""

    reason: Reason = Reason.SUCCESS
    properties: Properties = EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """A step of MQTT 5's extended authentication."""

    reason: Reason = Reason.SUCCESS
    properties: Properties = EMPTY


Packet = (
    Connect
    | Connack
    | Publish
    | Acknowledgement
    | Subscribe
    | Suback
    | Unsubscribe
    | Unsuback
    | Pingreq
    | Pingresp
    | Disconnect
    | Auth
)
