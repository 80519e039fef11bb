from __future__ import annotations

import pytest

from hearth_mqtt.codec import (
    Acknowledgement,
    Connack,
    Connect,
    Disconnect,
    PacketType,
    Pingreq,
    Pingresp,
    Properties,
    Publish,
    Reason,
    Suback,
    Subscribe,
    Subscription,
    Version,
)
from hearth_mqtt.endpoint import Limits
from hearth_mqtt.testing import Mosquitto, Served, Socket, client, connect, serve
from hub.testing import RecordingHost, SimulatedClock

V5 = Version.V5


def lasting(
    client_id: str = "c", *, version: Version = Version.V311, clean: bool = False, expiry: int = 3600
) -> Connect:
    properties = Properties(session_expiry=expiry) if version is V5 else Properties()
    return Connect(
        client_id=client_id,
        version=version,
        clean_start=clean,
        username="device",
        password=b"secret",
        properties=properties,
    )


async def subscribe(peer: Socket, topic_filter: str, qos: int = 1) -> None:
    peer.send(Subscribe(packet_id=1, subscriptions=(Subscription(topic_filter=topic_filter, qos=qos),)))
    assert isinstance(await peer.receive(), Suback)


async def present(served: Served, packet: Connect) -> bool:
    """Connect and leave; say whether there was a session."""
    async with connect(served.port, packet.version) as peer:
        peer.send(packet)
        answer = await peer.receive()
        assert isinstance(answer, Connack)
        peer.send(Disconnect())
        assert await peer.ended()
        return answer.session_present


async def publish_while_away(served: Served) -> None:
    await served.endpoint.publish("a", "unimportant")
    await served.endpoint.publish("a", "first", qos=1)
    await served.endpoint.publish("a", "second", qos=1)


@pytest.mark.parametrize("version", list(Version))
async def test_a_session_keeps_qos_1_messages_while_its_client_is_away(served: Served, version: Version) -> None:
    async with client(served.port, "c", lasting(version=version)) as peer:
        await subscribe(peer, "a")
    await served.host.until(lambda: served.endpoint.connected == 0 or bool(served.host.audited[1:]))
    await publish_while_away(served)
    async with connect(served.port, version) as peer:
        peer.send(lasting(version=version))
        answer = await peer.receive()
        assert isinstance(answer, Connack)
        assert answer.session_present
        assert [getattr(await peer.receive(), "payload", None) for _ in range(2)] == [b"first", b"second"]


async def test_mosquitto_sub_gets_what_came_while_it_was_away(served: Served, mosquitto: Mosquitto) -> None:
    arguments = ("-t", "a", "-q", "1", "-c", "-i", "away")
    done = await (await mosquitto.subscribe(*arguments, "-E")).finish()
    assert done.code == 0, done.err
    await publish_while_away(served)
    program = await mosquitto.subscribe(*arguments, "-C", "2")
    assert [await program.line(), await program.line()] == ["first", "second"]


async def test_a_session_survives_a_restart_of_the_hub(host: RecordingHost) -> None:
    async with serve(host) as served:
        async with client(served.port, "c", lasting()) as peer:
            await subscribe(peer, "a")
            peer.send(Disconnect())
            assert await peer.ended()
        await publish_while_away(served)
    async with serve(host) as served, client(served.port, "c", lasting()) as peer:
        assert [getattr(await peer.receive(), "payload", None) for _ in range(2)] == [b"first", b"second"]
        await served.endpoint.publish("a", "third", qos=1)
        assert getattr(await peer.receive(), "payload", None) == b"third"


async def test_what_was_acknowledged_is_not_sent_again_after_a_restart(host: RecordingHost) -> None:
    async with serve(host) as served, client(served.port, "c", lasting()) as peer:
        await subscribe(peer, "a")
        await publish_while_away(served)
        await peer.receive()
        for _ in range(2):
            message = await peer.receive()
            assert isinstance(message, Publish)
            peer.send(Acknowledgement(type=PacketType.PUBACK, packet_id=message.packet_id))
        peer.send(Pingreq())
        assert await peer.receive() == Pingresp()
    assert host.storage.load("clients")["sessions"][0]["unsent"] == []


async def test_what_was_not_acknowledged_is_sent_again_marked_so(served: Served) -> None:
    async with client(served.port, "c", lasting()) as peer:
        await subscribe(peer, "a")
        await served.endpoint.publish("a", "1", qos=1)
        first = await peer.receive()
        assert isinstance(first, Publish)
    async with client(served.port, "c", lasting()) as peer:
        again = await peer.receive()
        assert isinstance(again, Publish)
        assert (again.payload, again.packet_id, first.dup, again.dup) == (b"1", first.packet_id, False, True)


async def test_a_clean_start_forgets_the_session(served: Served) -> None:
    async with client(served.port, "c", lasting()) as peer:
        await subscribe(peer, "a")
    assert not await present(served, lasting(clean=True))
    assert not await present(served, lasting())


async def test_a_session_ends_when_it_has_expired() -> None:
    clock = SimulatedClock()
    async with serve(RecordingHost(clock=clock)) as served:
        packet = lasting(version=V5, expiry=60)
        assert not await present(served, packet)
        await clock.advance(59)
        assert await present(served, packet)
        await clock.advance(61)
        assert not await present(served, packet)


async def test_a_client_may_change_its_sessions_expiry_when_it_leaves(served: Served) -> None:
    packet = lasting(version=V5)
    async with client(served.port, "c", packet) as peer:
        peer.send(Disconnect(properties=Properties(session_expiry=0)))
        assert await peer.ended()
    assert not await present(served, packet)


async def test_a_session_of_no_duration_cannot_be_given_one_at_the_end(served: Served) -> None:
    async with client(served.port, "c", version=V5) as peer:
        peer.send(Disconnect(properties=Properties(session_expiry=60)))
        answer = await peer.receive()
        assert getattr(answer, "reason", None) is Reason.PROTOCOL_ERROR


async def test_a_session_for_ever_is_cut_to_what_the_hub_allows(served: Served) -> None:
    async with connect(served.port, V5) as peer:
        peer.send(lasting(version=V5, expiry=0xFFFF_FFFF))
        answer = await peer.receive()
        assert isinstance(answer, Connack)
        assert answer.properties.session_expiry == Limits().session_expiry


@pytest.mark.parametrize("version", list(Version))
async def test_a_second_connection_with_a_client_id_takes_over(served: Served, version: Version) -> None:
    async with client(served.port, "c", version=version) as first, client(served.port, "c", version=version) as second:
        if version is V5:
            assert await first.receive() == Disconnect(reason=Reason.SESSION_TAKEN_OVER)
        assert await first.ended()
        second.send(Pingreq())
        assert await second.receive() == Pingresp()
        assert served.endpoint.connected == 1


async def test_another_users_client_id_cannot_be_taken_over(served: Served) -> None:
    async with client(served.port, "c") as owner, connect(served.port, V5) as thief:
        thief.send(Connect(client_id="c", version=V5, username="ada", password=b"a-long-lived-token"))
        answer = await thief.receive()
        assert getattr(answer, "reason", None) is Reason.CLIENT_ID_NOT_VALID
        owner.send(Pingreq())
        assert await owner.receive() == Pingresp()


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (Connect(client_id="", clean_start=True), Reason.SUCCESS),
        (Connect(client_id="", clean_start=False), Reason.CLIENT_ID_NOT_VALID),
        (Connect(client_id="x" * 256), Reason.SUCCESS),
        (Connect(client_id="x" * 257), Reason.CLIENT_ID_NOT_VALID),
        (Connect(client_id="", clean_start=False, version=V5), Reason.SUCCESS),
    ],
)
async def test_client_ids(host: RecordingHost, packet: Connect, expected: Reason) -> None:
    async with serve(host, anonymous=True) as served, connect(served.port, packet.version) as peer:
        peer.send(packet)
        answer = await peer.receive()
        assert isinstance(answer, Connack)
        assert answer.reason is expected
        assert (answer.properties.assigned_client_id is not None) is (packet.version is V5)


async def test_no_more_sessions_are_kept_than_allowed(host: RecordingHost) -> None:
    async with serve(host, Limits(sessions=2)) as served:
        for number in range(2):
            await present(served, lasting(f"c{number}"))
        async with connect(served.port, V5) as peer:
            peer.send(lasting("c3", version=V5))
            answer = await peer.receive()
            assert getattr(answer, "reason", None) is Reason.QUOTA_EXCEEDED
        assert await present(served, lasting("c1"))


async def test_a_damaged_document_is_left_out_and_the_rest_restored(
    host: RecordingHost, caplog: pytest.LogCaptureFixture
) -> None:
    good = {"topic": "a", "payload": "1", "qos": 0}
    host.storage.save("retained", lambda: {"messages": [{"topic": "b"}, "nonsense", good]})
    host.storage.save("clients", lambda: {"sessions": [{"client_id": 1}], "wills": [None]})
    async with serve(host) as served, client(served.port, "c") as peer:
        await subscribe(peer, "#")
        assert await peer.receive() == Publish(topic="a", payload=b"1", retain=True)
    assert caplog.text.count("cannot be read") == 4
