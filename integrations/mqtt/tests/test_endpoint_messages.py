from __future__ import annotations

import pytest

from hearth_mqtt.codec import (
    Acknowledgement,
    Connect,
    Packet,
    PacketType,
    Pingreq,
    Pingresp,
    Properties,
    Publish,
    Reason,
    Suback,
    Subscribe,
    Subscription,
    Unsuback,
    Unsubscribe,
    Version,
)
from hearth_mqtt.testing import Inbox, Served, Socket, client, serve
from hub import InvalidInput
from hub.testing import RecordingHost, SimulatedClock

V5 = Version.V5
both = pytest.mark.parametrize("version", list(Version))


async def subscribe(peer: Socket, topic_filter: str, qos: int = 0, **options: object) -> None:
    wanted = Subscription(topic_filter=topic_filter, qos=qos, **options)  # type: ignore[arg-type]
    peer.send(Subscribe(packet_id=1, subscriptions=(wanted,)))
    answer = await peer.receive()
    assert isinstance(answer, Suback)
    assert answer.reasons[0] == min(qos, 1)


async def is_quiet(peer: Socket) -> bool:
    """Say whether nothing is on its way: the answer to a ping is the next packet."""
    peer.send(Pingreq())
    return await peer.receive() == Pingresp()


@both
async def test_a_qos_2_message_is_delivered_once_though_sent_twice(
    served: Served, inbox: Inbox, version: Version
) -> None:
    served.endpoint.subscribe("a", inbox)
    async with client(served.port, "c", version=version) as peer:
        for dup in (False, True):
            peer.send(Publish(topic="a", payload=b"1", qos=2, packet_id=7, dup=dup))
            assert await peer.receive() == Acknowledgement(type=PacketType.PUBREC, packet_id=7)
        peer.send(Acknowledgement(type=PacketType.PUBREL, packet_id=7))
        assert await peer.receive() == Acknowledgement(type=PacketType.PUBCOMP, packet_id=7)
        peer.send(Publish(topic="a", payload=b"2", qos=2, packet_id=7))
        assert await peer.receive() == Acknowledgement(type=PacketType.PUBREC, packet_id=7)
    assert [each.payload for each in await inbox.wait(2)] == [b"1", b"2"]


async def test_releasing_an_unknown_packet_id_is_answered_so(served: Served) -> None:
    async with client(served.port, "c", version=V5) as peer:
        peer.send(Acknowledgement(type=PacketType.PUBREL, packet_id=9))
        expected = Acknowledgement(type=PacketType.PUBCOMP, packet_id=9, reason=Reason.PACKET_ID_NOT_FOUND)
        assert await peer.receive() == expected


async def test_more_unreleased_qos_2_messages_than_agreed_close_the_connection(served: Served) -> None:
    async with client(served.port, "c", version=V5) as peer:
        count = served.endpoint.limits.receive_maximum
        for packet_id in range(1, count + 2):
            peer.send(Publish(topic="a", qos=2, packet_id=packet_id))
        for _ in range(count):
            await peer.receive()
        answer = await peer.receive()
        assert getattr(answer, "reason", None) is Reason.RECEIVE_MAXIMUM_EXCEEDED
        assert await peer.ended()


@both
async def test_a_new_subscriber_gets_the_last_retained_message(served: Served, version: Version) -> None:
    async with client(served.port, "c", version=version) as peer:
        peer.send(Publish(topic="a/b", payload=b"old", retain=True), Publish(topic="a/b", payload=b"new", retain=True))
        peer.send(Publish(topic="a/c", payload=b"gone", retain=True), Publish(topic="a/c", retain=True))
        await subscribe(peer, "a/+")
        assert await peer.receive() == Publish(topic="a/b", payload=b"new", retain=True)
        assert await is_quiet(peer)


async def test_who_is_subscribed_already_gets_a_retained_message_as_a_live_one(served: Served) -> None:
    async with client(served.port, "c") as peer:
        await subscribe(peer, "a")
        peer.send(Publish(topic="a", payload=b"1", retain=True))
        assert await peer.receive() == Publish(topic="a", payload=b"1", retain=False)


@pytest.mark.parametrize("payload", [b"text", "grüße".encode(), b"\xff\x00\xfe"])
async def test_retained_messages_survive_a_restart(host: RecordingHost, payload: bytes) -> None:
    properties = Properties(content_type="x", user_properties=(("a", "b"),), correlation_data=b"\xff")
    async with serve(host) as served, client(served.port, "c", version=V5) as peer:
        peer.send(Publish(topic="a", payload=payload, retain=True, qos=1, packet_id=1, properties=properties))
        assert isinstance(await peer.receive(), Acknowledgement)
    async with serve(host) as served, client(served.port, "c", version=V5) as peer:
        await subscribe(peer, "#", qos=0)
        assert await peer.receive() == Publish(topic="a", payload=payload, retain=True, properties=properties)


async def test_a_hub_that_was_killed_has_the_retained_messages_of_five_seconds_ago() -> None:
    clock = SimulatedClock()
    host = RecordingHost(clock=clock)
    async with serve(host) as served:
        await served.endpoint.publish("a", "1", retain=True)
        await clock.advance(5)
        assert [each["topic"] for each in host.storage.load("retained")["messages"]] == ["a"]


@pytest.mark.parametrize(("handling", "first", "again"), [(0, True, True), (1, True, False), (2, False, False)])
async def test_retain_handling_says_when_retained_messages_are_sent(
    served: Served, handling: int, first: bool, again: bool
) -> None:
    await served.endpoint.publish("a", "kept", retain=True)
    async with client(served.port, "c", version=V5) as peer:
        for expected in (first, again):
            await subscribe(peer, "a", retain_handling=handling)
            if expected:
                assert await peer.receive() == Publish(topic="a", payload=b"kept", retain=True)
            assert await is_quiet(peer)


async def test_retain_as_published_keeps_the_flag(served: Served) -> None:
    async with client(served.port, "c", version=V5) as peer:
        await subscribe(peer, "a", retain_as_published=True)
        peer.send(Publish(topic="a", payload=b"1", retain=True))
        assert await peer.receive() == Publish(topic="a", payload=b"1", retain=True)


async def test_no_local_keeps_a_clients_own_messages_from_it(served: Served) -> None:
    async with client(served.port, "c", version=V5) as peer:
        await subscribe(peer, "a", no_local=True)
        peer.send(Publish(topic="a", payload=b"mine"))
        await served.endpoint.publish("a", "others")
        assert await peer.receive() == Publish(topic="a", payload=b"others")
        assert await is_quiet(peer)


async def test_overlapping_subscriptions_get_one_copy_with_the_higher_qos_and_both_identifiers(
    served: Served,
) -> None:
    async with client(served.port, "c", version=V5) as peer:
        for identifier, (topic_filter, qos) in enumerate({"a/#": 0, "a/b": 1}.items(), 1):
            wanted = (Subscription(topic_filter=topic_filter, qos=qos),)
            properties = Properties(subscription_ids=(identifier,))
            peer.send(Subscribe(packet_id=identifier, subscriptions=wanted, properties=properties))
            assert isinstance(await peer.receive(), Suback)
        await served.endpoint.publish("a/b", "1", qos=1)
        message = await peer.receive()
        assert isinstance(message, Publish)
        assert message.qos == 1
        assert sorted(message.properties.subscription_ids) == [1, 2]
        assert await is_quiet(peer)


async def test_properties_are_passed_on(served: Served) -> None:
    properties = Properties(
        payload_format=1,
        content_type="text/plain",
        response_topic="answer/here",
        correlation_data=b"\x01",
        user_properties=(("a", "1"), ("a", "2")),
    )
    async with client(served.port, "c", version=V5) as peer, client(served.port, "old") as old:
        await subscribe(peer, "a")
        await subscribe(old, "a")
        peer.send(Publish(topic="a", payload=b"1", properties=properties))
        assert await peer.receive() == Publish(topic="a", payload=b"1", properties=properties)
        assert await old.receive() == Publish(topic="a", payload=b"1")


async def test_a_message_expires_and_says_how_long_it_has_left() -> None:
    clock = SimulatedClock()
    async with serve(RecordingHost(clock=clock)) as served, client(served.port, "c", version=V5) as peer:
        short, long = Properties(message_expiry=10), Properties(message_expiry=100)
        peer.send(Publish(topic="short", payload=b"1", retain=True, properties=short))
        peer.send(Publish(topic="long", payload=b"1", retain=True, properties=long))
        assert await is_quiet(peer)
        await clock.advance(40)
        await subscribe(peer, "#")
        left = Properties(message_expiry=60)
        assert await peer.receive() == Publish(topic="long", payload=b"1", retain=True, properties=left)
        assert await is_quiet(peer)


@both
async def test_topics_that_begin_with_a_dollar_are_the_servers(served: Served, inbox: Inbox, version: Version) -> None:
    served.endpoint.subscribe("$SYS/#", inbox)
    async with client(served.port, "c", version=version) as peer:
        peer.send(Publish(topic="$SYS/fake", payload=b"1", qos=1, packet_id=1))
        answer = await peer.receive()
        assert isinstance(answer, Acknowledgement)
        assert answer.reason == (Reason.NOT_AUTHORIZED if version is V5 else Reason.SUCCESS)
    assert not inbox.messages


@pytest.mark.parametrize(
    ("topic_filter", "reason"),
    [
        ("$share/group/a", Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED),
        ("a/#/b", Reason.TOPIC_FILTER_INVALID),
        ("a+", Reason.TOPIC_FILTER_INVALID),
        ("", Reason.TOPIC_FILTER_INVALID),
        ("/" * 300, Reason.TOPIC_FILTER_INVALID),
    ],
)
@both
async def test_a_subscription_that_cannot_be_is_refused_and_the_others_work(
    served: Served, version: Version, topic_filter: str, reason: Reason
) -> None:
    async with client(served.port, "c", version=version) as peer:
        wanted = (Subscription(topic_filter=topic_filter), Subscription(topic_filter="good", qos=2))
        peer.send(Subscribe(packet_id=1, subscriptions=wanted))
        refusal = reason if version is V5 else Reason.UNSPECIFIED_ERROR
        assert await peer.receive() == Suback(packet_id=1, reasons=(refusal, Reason.GRANTED_QOS_1))
        await served.endpoint.publish("good", "1")
        assert await peer.receive() == Publish(topic="good", payload=b"1")


async def test_unsubscribing_ends_the_messages(served: Served) -> None:
    async with client(served.port, "c", version=V5) as peer:
        await subscribe(peer, "a/+")
        peer.send(Unsubscribe(packet_id=2, topic_filters=("a/+", "other")))
        reasons = (Reason.SUCCESS, Reason.NO_SUBSCRIPTION_EXISTED)
        assert await peer.receive() == Unsuback(packet_id=2, reasons=reasons)
        await served.endpoint.publish("a/b", "1")
        assert await is_quiet(peer)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (Publish(topic="", properties=Properties(topic_alias=1)), Reason.TOPIC_ALIAS_INVALID),
        (Publish(topic="a", properties=Properties(subscription_ids=(1,))), Reason.PROTOCOL_ERROR),
        (Connect(client_id="again", version=V5), Reason.PROTOCOL_ERROR),
        (Suback(packet_id=1, reasons=(Reason.SUCCESS,)), Reason.PROTOCOL_ERROR),
        (Acknowledgement(type=PacketType.PUBREC, packet_id=1), Reason.PROTOCOL_ERROR),
    ],
)
async def test_what_a_client_must_not_send_closes_its_connection(
    served: Served, packet: Packet, reason: Reason
) -> None:
    async with client(served.port, "bystander") as bystander:
        async with client(served.port, "c", version=V5) as peer:
            peer.send(packet)
            answer = await peer.receive()
            assert getattr(answer, "reason", None) is reason
            assert await peer.ended()
        assert await is_quiet(bystander)


async def test_a_packet_larger_than_a_client_takes_is_not_sent_to_it(served: Served) -> None:
    limited = Connect(
        client_id="c",
        version=V5,
        username="device",
        password=b"secret",
        properties=Properties(maximum_packet_size=50),
    )
    async with client(served.port, "c", limited) as peer:
        await subscribe(peer, "a", qos=1)
        await served.endpoint.publish("a", "x" * 60)
        await served.endpoint.publish("a", "x" * 60, qos=1)
        await served.endpoint.publish("a", "small")
        assert await peer.receive() == Publish(topic="a", payload=b"small")


async def test_the_hub_hears_its_own_messages_and_the_retained_ones_first(served: Served, inbox: Inbox) -> None:
    await served.endpoint.publish("a", "kept", retain=True)
    unlisten = served.endpoint.subscribe("a", inbox)
    assert not inbox.messages
    await inbox.wait(1)
    await served.endpoint.publish("a", b"live")
    assert [(each.payload, each.retain) for each in inbox.messages] == [(b"kept", True), (b"live", False)]
    unlisten()
    await served.endpoint.publish("a", "unheard")
    assert len(inbox.messages) == 2


async def test_a_listener_that_raises_does_not_silence_the_others(
    served: Served, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("broken listener")

    served.endpoint.subscribe("a", fail)
    served.endpoint.subscribe("a", inbox)
    await served.endpoint.publish("a", "1")
    assert len(inbox.messages) == 1
    assert "broken listener" in caplog.text


async def test_the_hub_cannot_publish_or_subscribe_to_what_is_no_topic(served: Served, inbox: Inbox) -> None:
    with pytest.raises(InvalidInput, match="Expected a topic without wildcards"):
        await served.endpoint.publish("a/#", "1")
    with pytest.raises(InvalidInput, match="Expected a topic filter"):
        served.endpoint.subscribe("a/#/b", inbox)
