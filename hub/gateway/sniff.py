"""Which protocol a connection speaks, from the first bytes that its client sent. Pure: bytes in, a name out.

A protocol is recognised whether or not anybody serves it: the log then says what came, instead of "garbage".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

Rule = Callable[[bytes], bool | None]
"""True: this is the protocol. False: it is not. None: more bytes are needed. An answer never changes with more bytes."""

_LEAST = 4  # with fewer, half of the protocols look like one another


class Wire(StrEnum):
    """A protocol as it looks on the wire. A WebSocket begins as HTTP/1.1 and is HTTP's affair."""

    MODBUS = "modbus"
    TLS = "tls"
    HTTP2 = "h2"
    MQTT = "mqtt"
    AMQP = "amqp"
    OPCUA = "opcua"
    KNX = "knx"
    ESPHOME = "esphome"
    COAP = "coap"
    PROXY = "proxy"
    SSH = "ssh"
    NATS = "nats"
    STOMP = "stomp"
    HTTP = "http"
    REDIS = "redis"
    IRC = "irc"
    XMPP = "xmpp"
    SYSLOG = "syslog"
    JSON = "json"
    TEXT = "text"
    UNKNOWN = "unknown"


def sniff(data: bytes) -> Wire | None:
    """Return the protocol that begins with ``data``, or None while more bytes are needed to tell.

    Once it names a protocol, further bytes do not change the answer.
    """
    if len(data) < _LEAST:
        return None
    for wire, rule in _RULES:
        answer = rule(data)
        if answer is None:
            return None
        if answer:
            return wire
    return Wire.UNKNOWN


def _starts(*words: bytes) -> Rule:
    """A rule: the data begins with one of ``words``."""

    def rule(data: bytes) -> bool | None:
        if data.startswith(words):
            return True
        return None if any(word.startswith(data) for word in words) else False

    return rule


def _looks_like(whole: bytes, part: bytes) -> Rule:
    """A rule: the data matches the pattern ``whole``; all of it matches ``part`` while that is still possible."""
    complete, possible = re.compile(whole), re.compile(part)

    def rule(data: bytes) -> bool | None:
        if complete.match(data):
            return True
        return None if possible.fullmatch(data) else False

    return rule


def _modbus(data: bytes) -> bool | None:
    """Any transaction id, then 00 00: asked first, because the id may look like the beginning of anything else."""
    if data[2:4] != b"\0\0":
        return False
    if len(data) < 8:
        return None
    return 2 <= int.from_bytes(data[4:6]) <= 254 and 1 <= data[7] <= 127


def _tls(data: bytes) -> bool | None:
    """A handshake record of TLS (not SSL 3) that holds a ClientHello."""
    if data[:2] != b"\x16\x03" or not 1 <= data[2] <= 4 or data[3] > 0x40:
        return False
    return data[5] == 1 if len(data) > 5 else None


_MQTT_NAME = _starts(b"\x00\x04MQTT", b"\x00\x06MQIsdp")


def _mqtt(data: bytes) -> bool | None:
    """CONNECT, its remaining length in one to four bytes, and the protocol's name; the version is the server's affair."""
    if data[0] != 0x10:
        return False
    for end in range(1, 5):
        if end >= len(data):
            return None
        if data[end] < 0x80:
            return _MQTT_NAME(data[end + 1 :])
    return False


_METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"CONNECT", b"TRACE")


def _http(data: bytes) -> bool | None:
    """A method and a path; for any other target the line must end as HTTP's does, for RTSP and others look alike."""
    method, space, target = data.partition(b" ")
    if not space:
        return None if any(known.startswith(method) for known in _METHODS) else False
    if method not in _METHODS:
        return False
    if target[:1] == b"/":
        return True
    line, end, _ = target.partition(b"\n")
    return b" HTTP/1." in line if end else None


def _esphome(data: bytes) -> bool:
    """Plain text: 0, a length, message 1 (hello). Noise: 1, an empty frame, and the next frame's 1."""
    return (data[0] == 0 and 0 < data[1] < 0x80 and data[2] == 1) or data[:4] == b"\x01\x00\x00\x01"


def _coap(data: bytes) -> bool:
    """A capabilities message (7.01) with a short length and no token, as RFC 8323 has every connection begin."""
    return data[0] & 0x0F == 0 and data[0] >> 4 <= 12 and data[1] == 0xE1


_RULES: tuple[tuple[Wire, Rule], ...] = (
    (Wire.MODBUS, _modbus),
    (Wire.TLS, _tls),
    (Wire.HTTP2, _starts(b"PRI ")),  # "PRIVMSG" of IRC differs at the fourth byte
    (Wire.MQTT, _mqtt),
    (Wire.AMQP, _starts(b"AMQP\x00\x00\x09\x01", *(b"AMQP" + bytes([kind, 1, 0, 0]) for kind in (0, 2, 3)))),
    (Wire.OPCUA, _starts(b"HELF", b"RHEF")),
    (Wire.KNX, _starts(b"\x06\x10\x02")),
    (Wire.ESPHOME, _esphome),
    (Wire.COAP, _coap),
    (Wire.PROXY, _starts(b"PROXY TCP", b"PROXY UNKNOWN", b"\r\n\r\n\x00\r\nQUIT\n")),
    (Wire.SSH, _starts(b"SSH-")),
    (Wire.NATS, _starts(b"CONNECT {")),
    (Wire.STOMP, _starts(b"STOMP\n", b"STOMP\r\n", b"CONNECT\n", b"CONNECT\r\n")),
    (Wire.HTTP, _http),
    (Wire.REDIS, _looks_like(rb"\*\d{1,6}\r\n", rb"\*\d{0,6}\r?")),
    (Wire.IRC, _starts(b"NICK ", b"CAP ", b"USER ", b"PASS ")),
    (Wire.XMPP, _starts(b"<?xml ", b"<stream:stream")),
    (Wire.SYSLOG, _looks_like(rb"(\d{1,5} )?<\d{1,3}>", rb"(\d{1,5} ?)?(<\d{0,3})?")),
    (Wire.JSON, _looks_like(rb"""\{\s*["}]|\[\s*["\d{\[\]-]""", rb"[{\[]\s*")),
    (Wire.TEXT, _looks_like(rb"[\t\x20-\x7e]*\r?\n|[\t\x20-\x7e]{64}", rb"[\t\x20-\x7e]{0,63}\r?")),
)
