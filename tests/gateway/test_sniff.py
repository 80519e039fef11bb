from __future__ import annotations

import itertools
import random
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.gateway import Wire, sniff


def client_hello() -> bytes:
    sent = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


# What clients send first: captured from the clients named, or, where none is, written by the protocol's document.
FIRST_FLIGHTS = [
    ("openssl", Wire.TLS, client_hello()),
    ("curl", Wire.HTTP, b"GET / HTTP/1.1\r\nHost: localhost:8123\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"),
    ("a browser's WebSocket", Wire.HTTP, b"GET /api/websocket HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
    ("a proxy's CONNECT", Wire.HTTP, b"CONNECT example.org:443 HTTP/1.1\r\n"),
    ("OPTIONS of the server", Wire.HTTP, b"OPTIONS * HTTP/1.1\r\n"),
    ("curl --http2-prior-knowledge", Wire.HTTP2, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("mosquitto_pub -V mqttv31", Wire.MQTT, b"\x10\x19\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x0bmosq-abcdef"),
    ("mosquitto_pub -V mqttv311", Wire.MQTT, b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"),
    ("mosquitto_pub -V mqttv5", Wire.MQTT, b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00"),
    ("MQTT with a long will", Wire.MQTT, b"\x10\xe8\x07\x00\x04MQTT\x04\x06\x00\x3c"),
    ("aio-pika", Wire.AMQP, b"AMQP\x00\x00\x09\x01"),
    ("AMQP 1.0", Wire.AMQP, b"AMQP\x00\x01\x00\x00"),
    ("stomp.py", Wire.STOMP, b"STOMP\naccept-version:1.2\nhost: localhost\n\n\x00"),
    ("STOMP 1.0", Wire.STOMP, b"CONNECT\nlogin: a\n\n\x00"),
    ("pymodbus", Wire.MODBUS, b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a"),
    ("asyncua", Wire.OPCUA, b"HELF\x38\x00\x00\x00\x00\x00\x00\x00"),
    ("NATS", Wire.NATS, b'CONNECT {"verbose":false}\r\n'),
    ("redis-py", Wire.REDIS, b"*2\r\n$5\r\nHELLO\r\n$1\r\n3\r\n"),
    ("irc", Wire.IRC, b"NICK hearth\r\n"),
    ("slixmpp", Wire.XMPP, b"<?xml version='1.0'?><stream:stream to='localhost'>"),
    ("XMPP without a declaration", Wire.XMPP, b"<stream:stream to='localhost'>"),
    ("logger", Wire.SYSLOG, b"<13>1 2026-11-22T07:29:00Z host app - - - text\n"),
    ("logger --octet-count", Wire.SYSLOG, b"95 <13>1 2026-11-22T07:29:00Z host app - - - text"),
    ("aiocoap", Wire.COAP, b"\x50\xe1\x22\x04\x00\x20\x64"),
    ("xknx", Wire.KNX, b"\x06\x10\x02\x05\x00\x1a"),
    ("aioesphomeapi", Wire.ESPHOME, b"\x00\x13\x01\x0a\x0d"),
    ("aioesphomeapi with Noise", Wire.ESPHOME, b"\x01\x00\x00\x01\x00\x30"),
    ("HAProxy", Wire.PROXY, b"PROXY TCP4 192.0.2.1 192.0.2.2 5000 80\r\n"),
    ("HAProxy, binary", Wire.PROXY, b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"),
    ("ssh", Wire.SSH, b"SSH-2.0-OpenSSH_9.2\r\n"),
    ("JSON lines", Wire.JSON, b'{"temperature": 21.5}\n'),
    ("a JSON array", Wire.JSON, b'[{"temperature": 21.5}]\n'),
    ("a line of text", Wire.TEXT, b"temperature 21.5\n"),
    ("a long line of text", Wire.TEXT, b"x" * 100),
    ("RTSP", Wire.TEXT, b"OPTIONS rtsp://camera/ RTSP/1.0\r\n"),
]


@pytest.mark.parametrize(("client", "wire", "flight"), FIRST_FLIGHTS, ids=[name for name, _, _ in FIRST_FLIGHTS])
def test_recognises_a_first_flight_and_every_prefix_says_the_same_or_nothing(
    client: str, wire: Wire, flight: bytes
) -> None:
    assert sniff(flight) is wire, client
    answers = [sniff(flight[:end]) for end in range(len(flight) + 1)]
    assert set(answers) <= {None, wire}
    decided = list(itertools.dropwhile(lambda answer: answer is None, answers))
    assert set(decided) == {wire}, "an answer never goes back to undecided"


@given(st.binary(min_size=0, max_size=80))
def test_an_answer_never_changes_with_more_bytes(data: bytes) -> None:
    answers = [sniff(data[:end]) for end in range(len(data) + 1)]
    decided = list(itertools.dropwhile(lambda answer: answer is None, answers))
    assert len(set(decided)) <= 1


_PIECES = [flight for _, _, flight in FIRST_FLIGHTS] + [b" ", b"\n", b"\r\n", b"\0\0", b"<", b"*1", b"[", b"CONNECT "]


@given(st.lists(st.tuples(st.sampled_from(_PIECES), st.integers(0, 12)), min_size=1, max_size=4))
def test_an_answer_never_changes_for_mixtures_of_protocols(pieces: list[tuple[bytes, int]]) -> None:
    data = b"".join(piece[:length] for piece, length in pieces)
    decided = [answer for end in range(len(data) + 1) if (answer := sniff(data[:end])) is not None]
    assert len(set(decided)) <= 1


@pytest.mark.parametrize("function", [1, 3, 16])
def test_every_modbus_transaction_id_is_modbus(function: int) -> None:
    for transaction in range(0x10000):
        frame = transaction.to_bytes(2) + bytes([0, 0, 0, 6, 1, function, 0, 0, 0, 10])
        assert {sniff(frame[:end]) for end in range(8)} == {None}
        assert sniff(frame[:8]) is sniff(frame) is Wire.MODBUS


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x00\x00\x50\x01\x00\x00\x4c",  # SSL 3
        b"\x80\x2e\x01\x03\x01\x00",  # SSL 2
        b"\x16\x03\x01\x02\x00\x02\x01",  # a TLS record that is no ClientHello
        b"\x00\x01\x00\x00\x00\x00\x01\x03",  # Modbus with an impossible length
        b"\x10\xff\xff\xff\xff\x00\x04MQTT",  # a remaining length of five bytes
        b"\x10\x0c\x00\x04MOTT\x04",
        b"\xff\xfe\xfd\xfc",
        "温度 21\n".encode(),
    ],
)
def test_what_is_no_protocol_is_unknown_at_once(garbage: bytes) -> None:
    assert sniff(garbage) is Wire.UNKNOWN


def test_nothing_is_decided_on_fewer_than_four_bytes() -> None:
    assert {sniff(flight[:3]) for _, _, flight in FIRST_FLIGHTS} == {None}


def test_random_bytes_are_hardly_ever_taken_for_a_binary_protocol() -> None:
    source = random.Random(20261122)
    seen = [sniff(source.randbytes(64)) for _ in range(50_000)]
    unknown = seen.count(Wire.UNKNOWN) / len(seen)
    assert unknown > 0.97
    assert seen.count(Wire.HTTP) == seen.count(Wire.MQTT) == seen.count(Wire.TLS) == 0
