from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hearth_mqtt.codec import (
    EMPTY,
    Acknowledgement,
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketStream,
    PacketType,
    Pingreq,
    Pingresp,
    Properties,
    ProtocolViolation,
    Publish,
    Reason,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Version,
    Will,
    encode,
)

MAX = 1 << 20
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
topics = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0+#"), min_size=1, max_size=20)
binaries = st.binary(max_size=40)
packet_ids = st.integers(1, 0xFFFF)
seconds = st.integers(0, 0xFFFF_FFFF)
shorts = st.integers(0, 0xFFFF)
flags = st.integers(0, 1)
users = st.lists(st.tuples(texts, texts), max_size=3).map(tuple)
reasons = st.sampled_from(Reason)
versions = st.sampled_from(Version)
MESSAGE = {
    "payload_format": flags,
    "message_expiry": seconds,
    "content_type": texts,
    "response_topic": texts,
    "correlation_data": binaries,
    "user_properties": users,
}
ANSWER = {"reason_string": texts, "user_properties": users}
V311_CODES = [
    Reason.SUCCESS,
    Reason.UNSUPPORTED_PROTOCOL_VERSION,
    Reason.CLIENT_ID_NOT_VALID,
    Reason.SERVER_UNAVAILABLE,
    Reason.BAD_CREDENTIALS,
    Reason.NOT_AUTHORIZED,
]


def properties(version: Version, **fields: SearchStrategy[object]) -> SearchStrategy[Properties]:
    if version is Version.V311:
        return st.just(EMPTY)
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: Properties(**values))  # type: ignore[arg-type]


def wills(version: Version) -> SearchStrategy[Will]:
    return st.builds(
        Will,
        topic=topics,
        payload=binaries,
        qos=st.integers(0, 2),
        retain=st.booleans(),
        properties=properties(version, will_delay=seconds, **MESSAGE),
    )


def connects(version: Version) -> SearchStrategy[Connect]:
    names: SearchStrategy[str | None] = texts if version is Version.V311 else st.none() | texts
    return st.builds(
        Connect,
        client_id=texts,
        version=st.just(version),
        clean_start=st.booleans(),
        keep_alive=shorts,
        username=names,
        password=st.none() | binaries,
        will=st.none() | wills(version),
        properties=properties(
            version,
            session_expiry=seconds,
            receive_maximum=st.integers(1, 0xFFFF),
            maximum_packet_size=st.integers(1, 0xFFFF_FFFF),
            topic_alias_maximum=shorts,
            request_problem_info=flags,
            request_response_info=flags,
            authentication_method=texts,
            user_properties=users,
        ),
    )


def connacks(version: Version) -> SearchStrategy[Connack]:
    return st.builds(
        Connack,
        reason=reasons if version is Version.V5 else st.sampled_from(V311_CODES),
        session_present=st.booleans(),
        properties=properties(
            version,
            assigned_client_id=texts,
            server_keep_alive=shorts,
            maximum_qos=flags,
            retain_available=flags,
            wildcards_available=flags,
            shared_available=flags,
            subscription_ids_available=flags,
            response_info=texts,
            server_reference=texts,
            **ANSWER,
        ),
    )


@st.composite
def publishes(draw: st.DrawFn, version: Version) -> Publish:
    qos = draw(st.integers(0, 2))
    ids = st.lists(st.integers(1, 268_435_455), max_size=3).map(tuple)
    return Publish(
        topic=draw(topics),
        payload=draw(binaries),
        qos=qos,
        retain=draw(st.booleans()),
        dup=bool(qos) and draw(st.booleans()),
        packet_id=draw(packet_ids) if qos else 0,
        properties=draw(properties(version, subscription_ids=ids, topic_alias=st.integers(1, 0xFFFF), **MESSAGE)),
    )


def acknowledgements(version: Version) -> SearchStrategy[Acknowledgement]:
    kinds = [PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP]
    return st.builds(
        Acknowledgement,
        type=st.sampled_from(kinds),
        packet_id=packet_ids,
        reason=reasons if version is Version.V5 else st.just(Reason.SUCCESS),
        properties=properties(version, **ANSWER),
    )


def subscriptions(version: Version) -> SearchStrategy[Subscription]:
    if version is Version.V311:
        return st.builds(Subscription, topic_filter=texts, qos=st.integers(0, 2))
    return st.builds(
        Subscription,
        topic_filter=texts,
        qos=st.integers(0, 2),
        no_local=st.booleans(),
        retain_as_published=st.booleans(),
        retain_handling=st.integers(0, 2),
    )


def requests(version: Version) -> SearchStrategy[Packet]:
    ids = st.tuples(st.integers(1, 268_435_455))
    filters = st.lists(texts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(
            Subscribe,
            packet_id=packet_ids,
            subscriptions=st.lists(subscriptions(version), min_size=1, max_size=3).map(tuple),
            properties=properties(version, subscription_ids=ids, user_properties=users),
        ),
        st.builds(
            Unsubscribe,
            packet_id=packet_ids,
            topic_filters=filters,
            properties=properties(version, user_properties=users),
        ),
    )


def answers(version: Version) -> SearchStrategy[Packet]:
    granted = [Reason.SUCCESS, Reason.GRANTED_QOS_1, Reason.GRANTED_QOS_2, Reason.UNSPECIFIED_ERROR]
    codes = reasons if version is Version.V5 else st.sampled_from(granted)
    unsubscribed = st.lists(reasons, max_size=3).map(tuple) if version is Version.V5 else st.just(())
    return st.one_of(
        st.builds(
            Suback,
            packet_id=packet_ids,
            reasons=st.lists(codes, min_size=1, max_size=3).map(tuple),
            properties=properties(version, **ANSWER),
        ),
        st.builds(Unsuback, packet_id=packet_ids, reasons=unsubscribed, properties=properties(version, **ANSWER)),
    )


def endings(version: Version) -> SearchStrategy[Packet]:
    if version is Version.V311:
        return st.builds(Disconnect)
    disconnects = st.builds(
        Disconnect, reason=reasons, properties=properties(version, session_expiry=seconds, **ANSWER)
    )
    return disconnects | st.builds(Auth, reason=reasons, properties=properties(version, **ANSWER))


def packets(version: Version) -> SearchStrategy[Packet]:
    return st.one_of(
        connacks(version),
        publishes(version),
        acknowledgements(version),
        requests(version),
        answers(version),
        endings(version),
        st.sampled_from([Pingreq(), Pingresp()]),
    )


conversations = versions.flatmap(lambda version: st.tuples(connects(version), st.lists(packets(version), max_size=6)))


def drain(stream: PacketStream) -> list[Packet]:
    found = []
    while (packet := stream.next()) is not None:
        found.append(packet)
    return found


def decode_in_pieces(pieces: list[bytes], version: Version | None = None) -> tuple[list[Packet], Reason | None]:
    """Return what decodes, and the reason for which it stopped."""
    stream = PacketStream(max_size=MAX, version=version)
    found: list[Packet] = []
    try:
        for piece in pieces:
            stream.feed(piece)
            while (packet := stream.next()) is not None:
                found.append(packet)
    except ProtocolViolation as error:
        return found, error.reason
    return found, None


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@given(conversations)
def test_what_is_encoded_decodes_to_the_same(conversation: tuple[Connect, list[Packet]]) -> None:
    connect, others = conversation
    data = b"".join(encode(packet, connect.version) for packet in (connect, *others))
    assert decode_in_pieces([data]) == ([connect, *others], None)


@given(conversations, st.lists(st.integers(0, 10_000), max_size=8))
def test_a_stream_decodes_alike_however_it_is_cut(
    conversation: tuple[Connect, list[Packet]], places: list[int]
) -> None:
    connect, others = conversation
    data = b"".join(encode(packet, connect.version) for packet in (connect, *others))
    assert decode_in_pieces(cut(data, places)) == ([connect, *others], None)
    assert decode_in_pieces([data[at : at + 1] for at in range(len(data))]) == ([connect, *others], None)


@given(st.binary(max_size=200), versions | st.none(), st.lists(st.integers(0, 200), max_size=5))
def test_random_bytes_raise_nothing_but_a_protocol_violation(
    data: bytes, version: Version | None, places: list[int]
) -> None:
    assert decode_in_pieces([data], version) == decode_in_pieces(cut(data, places), version)


@given(conversations, st.integers(0, 5_000), st.integers(0, 255))
def test_one_wrong_byte_raises_nothing_but_a_protocol_violation(
    conversation: tuple[Connect, list[Packet]], place: int, byte: int
) -> None:
    connect, others = conversation
    data = bytearray(b"".join(encode(packet, connect.version) for packet in (connect, *others)))
    data[place % len(data)] = byte
    decode_in_pieces([bytes(data)])


@given(st.sampled_from(range(1, 15)), st.integers(0, 15), st.binary(max_size=64), versions)
def test_every_packet_type_with_a_random_body_raises_nothing_but_a_protocol_violation(
    kind: int, flag_bits: int, body: bytes, version: Version
) -> None:
    decode_in_pieces([bytes((kind << 4 | flag_bits, len(body))) + body], version)


CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"
CONNECT5 = b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x01a"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"\x30\x03\x00\x01a", Reason.PROTOCOL_ERROR, id="publish before connect"),
        pytest.param(b"\x10\xff\xff\xff\xff\x01", Reason.MALFORMED_PACKET, id="length of five bytes"),
        pytest.param(b"\x10\xff\xff\xff\x7f", Reason.PACKET_TOO_LARGE, id="length of 256 MB"),
        pytest.param(b"\x10\x08\x00\x06MQIsdp\x03", Reason.MALFORMED_PACKET, id="cut connect"),
        pytest.param(
            b"\x10\x0f\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x01a", Reason.UNSUPPORTED_PROTOCOL_VERSION, id="MQTT 3.1"
        ),
        pytest.param(
            b"\x10\x0d\x00\x04MQTT\x09\x02\x00\x3c\x00\x01a", Reason.UNSUPPORTED_PROTOCOL_VERSION, id="level 9"
        ),
        pytest.param(b"\x10\x0d\x00\x04MQTT\x04\x03\x00\x3c\x00\x01a", Reason.MALFORMED_PACKET, id="reserved flag"),
        pytest.param(
            b"\x10\x0d\x00\x04MQTT\x04\x42\x00\x3c\x00\x01a", Reason.MALFORMED_PACKET, id="password alone in 3.1.1"
        ),
        pytest.param(CONNECT[:-1] + b"\xff", Reason.MALFORMED_PACKET, id="no UTF-8"),
        pytest.param(CONNECT[:-1] + b"\0", Reason.MALFORMED_PACKET, id="U+0000"),
        pytest.param(CONNECT + b"\x31\x00", Reason.MALFORMED_PACKET, id="publish without topic"),
        pytest.param(CONNECT + b"\x30\x05\x00\x03a/#", Reason.TOPIC_NAME_INVALID, id="publish to a wildcard"),
        pytest.param(CONNECT + b"\x36\x05\x00\x01a\x00\x01", Reason.MALFORMED_PACKET, id="QoS 3"),
        pytest.param(CONNECT + b"\x38\x03\x00\x01a", Reason.MALFORMED_PACKET, id="DUP with QoS 0"),
        pytest.param(CONNECT + b"\x32\x05\x00\x01a\x00\x00", Reason.PROTOCOL_ERROR, id="packet id 0"),
        pytest.param(CONNECT + b"\x80\x06\x00\x01\x00\x01a\x00", Reason.MALFORMED_PACKET, id="subscribe flags"),
        pytest.param(CONNECT + b"\x82\x02\x00\x01", Reason.MALFORMED_PACKET, id="subscribe to nothing"),
        pytest.param(CONNECT + b"\x82\x06\x00\x01\x00\x01a\x03", Reason.MALFORMED_PACKET, id="subscribe QoS 3"),
        pytest.param(CONNECT + b"\xc0\x01\x00", Reason.MALFORMED_PACKET, id="ping with a body"),
        pytest.param(CONNECT + b"\x00\x00", Reason.MALFORMED_PACKET, id="packet type 0"),
        pytest.param(CONNECT + b"\xf0\x00", Reason.MALFORMED_PACKET, id="AUTH in 3.1.1"),
        pytest.param(CONNECT5 + b"\x30\x05\x00\x00\x01\x23\x00", Reason.MALFORMED_PACKET, id="cut alias"),
        pytest.param(CONNECT5 + b"\x30\x06\x00\x00\x03\x23\x00\x00", Reason.PROTOCOL_ERROR, id="alias 0"),
        pytest.param(CONNECT5 + b"\x30\x04\x00\x01a\x80", Reason.MALFORMED_PACKET, id="cut property length"),
        pytest.param(CONNECT5 + b"\x30\x05\x00\x01a\x80\x00", Reason.MALFORMED_PACKET, id="long zero"),
        pytest.param(CONNECT5 + b"\x30\x06\x00\x01a\x02\x11\x00", Reason.MALFORMED_PACKET, id="alien property"),
        pytest.param(CONNECT5 + b"\x30\x08\x00\x01a\x04\x01\x00\x01\x00", Reason.PROTOCOL_ERROR, id="property twice"),
    ],
)
def test_names_the_reason_for_what_is_malformed(data: bytes, reason: Reason) -> None:
    assert decode_in_pieces([data])[1] is reason


def test_a_packet_too_large_is_refused_before_its_body_comes() -> None:
    stream = PacketStream(max_size=100, version=Version.V311)
    stream.feed(b"\x30\x65")
    with pytest.raises(ProtocolViolation) as caught:
        stream.next()
    assert caught.value.reason is Reason.PACKET_TOO_LARGE


def test_holds_no_more_than_the_packet_that_has_not_come_whole() -> None:
    stream = PacketStream(max_size=100, version=Version.V311)
    for _ in range(1000):
        stream.feed(encode(Publish(topic="a", payload=b"x" * 60), Version.V311) + b"\x30\x20\x00")
        drain(stream)
        stream.feed(b"\x01a" + b"y" * 29)
        drain(stream)
    assert stream.held == 0


def test_an_acknowledgement_without_a_reason_is_four_bytes() -> None:
    assert encode(Acknowledgement(type=PacketType.PUBACK, packet_id=7), Version.V5) == b"\x40\x02\x00\x07"


def test_a_refusal_unknown_to_3_1_1_is_sent_as_server_unavailable() -> None:
    assert encode(Connack(reason=Reason.QUOTA_EXCEEDED), Version.V311) == b"\x20\x02\x00\x03"
