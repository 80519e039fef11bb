from __future__ import annotations

import asyncio
import random

import pytest

from hearth_mqtt.codec import (
    Acknowledgement,
    Connect,
    Disconnect,
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
    Version,
    encode,
)
from hearth_mqtt.endpoint import Limits, report_counters
from hearth_mqtt.testing import Inbox, Served, Socket, client, connect, serve
from hub.testing import RecordingHost, SimulatedClock

V5 = Version.V5
INTRODUCTION = encode(Connect(client_id="c", username="device", password=b"secret"), Version.V311)
PAYLOAD = bytes(32 << 10)


async def subscribe(peer: Socket, topic_filter: str, qos: int = 0) -> None:
    peer.send(Subscribe(packet_id=1, subscriptions=(Subscription(topic_filter=topic_filter, qos=qos),)))
    assert isinstance(await peer.receive(), Suback)


async def is_served(peer: Socket) -> bool:
    peer.send(Pingreq())
    return await peer.receive() == Pingresp()


async def read_messages(peer: Socket) -> list[Publish]:
    """Return the messages up to the answer to a ping, acknowledged."""
    peer.send(Pingreq())
    found: list[Publish] = []
    while (packet := await peer.receive()) != Pingresp():
        assert isinstance(packet, Publish)
        found.append(packet)
        if packet.qos:
            peer.send(Acknowledgement(type=PacketType.PUBACK, packet_id=packet.packet_id))
    return found


async def test_who_does_not_read_loses_messages_and_nobody_else_does(host: RecordingHost) -> None:
    limits = Limits(queued_messages=10)
    async with (
        serve(host, limits) as served,
        client(served.port, "slow") as slow,
        client(served.port, "quick") as quick,
    ):
        await subscribe(slow, "a")
        await subscribe(quick, "a")
        for number in range(2000):
            await served.endpoint.publish("a", number.to_bytes(4, "big") + PAYLOAD)
            assert getattr(await quick.receive(), "payload", b"")[:4] == number.to_bytes(4, "big")
        dropped = served.endpoint.counters.dropped
        # The first answer overtakes what is queued, the second does not.
        received = [each.payload for _ in range(2) for each in await read_messages(slow)]
        assert len(received) + dropped == 2000
        assert dropped > 500
        assert received == sorted(received)
        await served.endpoint.publish("a", "afterwards")
        assert getattr(await slow.receive(), "payload", None) == b"afterwards"


async def test_qos_1_messages_wait_for_acknowledgements_up_to_the_queues_bound(host: RecordingHost) -> None:
    async with serve(host, Limits(inflight=5, queued_messages=10)) as served, client(served.port, "c") as peer:
        await subscribe(peer, "a", qos=1)
        for number in range(20):
            await served.endpoint.publish("a", str(number), qos=1)
        assert served.endpoint.counters.dropped == 5
        payloads = [each.payload for _ in range(4) for each in await read_messages(peer)]
        assert payloads == [str(number).encode() for number in range(15)]


async def test_an_mqtt_5_client_says_how_many_messages_may_be_unacknowledged(served: Served) -> None:
    modest = Connect(
        client_id="c", version=V5, username="device", password=b"secret", properties=Properties(receive_maximum=2)
    )
    async with client(served.port, "c", modest) as peer:
        await subscribe(peer, "a", qos=1)
        for number in range(5):
            await served.endpoint.publish("a", str(number), qos=1)
        assert [len(await read_messages(peer)) for _ in range(3)] == [2, 2, 1]


async def test_the_queue_of_who_is_away_is_bounded_in_bytes(host: RecordingHost) -> None:
    lasting = Connect(client_id="c", clean_start=False, username="device", password=b"secret")
    async with serve(host, Limits(queued_bytes=1000)) as served:
        async with client(served.port, "c", lasting) as peer:
            await subscribe(peer, "a", qos=1)
            peer.send(Disconnect())
            assert await peer.ended()
        for _ in range(10):
            await served.endpoint.publish("a", "x" * 300, qos=1)
        async with client(served.port, "c", lasting) as peer:
            assert len(await read_messages(peer)) == 2


async def test_ten_thousand_retained_messages_reach_a_slow_reader_whole(host: RecordingHost) -> None:
    async with serve(host, Limits(queued_messages=10)) as served, client(served.port, "c") as peer:
        for number in range(10_000):
            await served.endpoint.publish(f"a/{number}", "x" * 200, retain=True)
        await subscribe(peer, "a/#")
        assert [each.topic for each in await read_messages(peer)] == [f"a/{number}" for number in range(10_000)]
        assert served.endpoint.counters.dropped == 0


async def test_retained_messages_are_bounded_and_those_kept_stay_up_to_date(host: RecordingHost) -> None:
    async with serve(host, Limits(retained_messages=3)) as served, client(served.port, "c") as peer:
        for payload in ("old", "new"):
            for number in range(5):
                await served.endpoint.publish(str(number), payload, retain=True)
        await subscribe(peer, "#")
        found = [(each.topic, each.payload) for each in await read_messages(peer)]
        assert found == [("0", b"new"), ("1", b"new"), ("2", b"new")]


async def test_subscriptions_are_bounded(host: RecordingHost) -> None:
    async with serve(host, Limits(subscriptions=2)) as served, client(served.port, "c", version=V5) as peer:
        wanted = tuple(Subscription(topic_filter=each) for each in ("a", "b", "c"))
        peer.send(Subscribe(packet_id=1, subscriptions=wanted[:2]), Subscribe(packet_id=2, subscriptions=wanted[2:]))
        await peer.receive()
        answer = await peer.receive()
        assert isinstance(answer, Suback)
        assert answer.reasons == (Reason.QUOTA_EXCEEDED,)
        await subscribe(peer, "a")


async def _ping_for_ever(peer: Socket) -> None:
    while True:
        peer.writer.write(bytes.fromhex("c000") * 50_000)
        await peer.writer.drain()
        await asyncio.sleep(0)


async def test_who_does_not_read_answers_is_cut_off(host: RecordingHost) -> None:
    async with serve(host, Limits(unread=1 << 20)) as served, client(served.port, "c") as peer:
        with pytest.raises(ConnectionError):
            await _ping_for_ever(peer)


async def test_only_so_many_may_wait_to_be_let_in(host: RecordingHost) -> None:
    async with serve(host, Limits(unauthenticated=3)) as served, client(served.port, "in") as inside:
        waiting = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(3)]
        async with connect(served.port) as one_too_many:
            one_too_many.send(INTRODUCTION)
            assert await one_too_many.ended()
        assert await is_served(inside)
        waiting[0][1].close()
        await waiting[0][1].wait_closed()
        async with client(served.port, "c") as peer:
            assert await is_served(peer)
        for _, writer in waiting:
            writer.close()
        assert served.endpoint.counters.refused == 1


async def test_connections_are_bounded(host: RecordingHost) -> None:
    async with serve(host, Limits(connections=2)) as served, client(served.port, "a"), client(served.port, "b") as peer:
        async with connect(served.port) as third:
            assert await third.ended()
        assert await is_served(peer)


@pytest.mark.parametrize("sent", [b"", b"\x10", INTRODUCTION[:5], INTRODUCTION[:-1]])
async def test_who_does_not_introduce_itself_in_ten_seconds_is_cut_off(sent: bytes) -> None:
    clock = SimulatedClock()
    async with serve(RecordingHost(clock=clock)) as served, connect(served.port) as peer:
        peer.send(sent)
        await clock.advance(9)
        assert not peer.reader.at_eof()
        await clock.advance(2)
        assert await peer.ended()


@pytest.mark.parametrize("version", list(Version))
async def test_who_is_silent_for_one_and_a_half_keep_alives_is_cut_off(version: Version) -> None:
    clock = SimulatedClock()
    packet = Connect(client_id="c", version=version, keep_alive=10, username="device", password=b"secret")
    async with serve(RecordingHost(clock=clock)) as served, client(served.port, "c", packet) as peer:
        await clock.advance(14)
        assert await is_served(peer)
        await clock.advance(14)
        assert await is_served(peer)
        await clock.advance(16)
        if version is V5:
            assert await peer.receive() == Disconnect(reason=Reason.KEEP_ALIVE_TIMEOUT)
        assert await peer.ended()


async def test_a_keep_alive_of_zero_is_none() -> None:
    clock = SimulatedClock()
    packet = Connect(client_id="c", keep_alive=0, username="device", password=b"secret")
    async with serve(RecordingHost(clock=clock)) as served, client(served.port, "c", packet) as peer:
        await clock.advance(100_000)
        assert await is_served(peer)


@pytest.mark.parametrize("length", [b"\xff\xff\xff\x7f", b"\x81\x80\x40", b"\xff\xff\xff\xff"])
async def test_an_oversized_length_closes_the_connection_before_its_body_comes(served: Served, length: bytes) -> None:
    async with client(served.port, "bystander") as bystander:
        async with client(served.port, "c", version=V5) as peer:
            peer.send(b"\x30" + length)
            answer = await peer.receive()
            assert isinstance(answer, Disconnect)
            assert answer.reason in (Reason.PACKET_TOO_LARGE, Reason.MALFORMED_PACKET)
            assert await peer.ended()
        assert await is_served(bystander)


async def test_before_being_let_in_packets_must_be_small(served: Served) -> None:
    async with connect(served.port) as peer:
        peer.send(b"\x10\x81\x80\x04")
        assert await peer.ended()


async def test_a_packet_of_the_largest_size_is_taken_byte_by_byte(served: Served, inbox: Inbox) -> None:
    served.endpoint.subscribe("a", inbox)
    async with client(served.port, "c") as peer:
        payload = random.Random(1).randbytes((1 << 20) - 3)
        data = encode(Publish(topic="a", payload=payload), Version.V311)
        for start in range(0, len(data), 50_000):
            peer.send(data[start : start + 50_000])
            await peer.writer.drain()
        assert (await inbox.wait(1))[0].payload == payload


@pytest.mark.parametrize("seed", range(20))
async def test_garbage_closes_its_connection_and_no_other(served: Served, seed: int) -> None:
    noise = random.Random(seed)
    async with client(served.port, "bystander") as bystander:
        async with connect(served.port) as peer:
            peer.send(bytes((noise.randrange(256) & 0xEF,)) + noise.randbytes(noise.randrange(1, 3000)))
            assert await peer.ended()
        async with client(served.port, "c") as peer:
            peer.send(b"\x00" + noise.randbytes(noise.randrange(1, 3000)))
            assert await peer.ended()
        assert await is_served(bystander)


async def test_broken_packets_after_the_introduction_close_the_connection(served: Served) -> None:
    noise = random.Random(7)
    samples: list[Packet] = [
        Publish(topic="a", payload=b"1", qos=1, packet_id=3),
        Subscribe(packet_id=1, subscriptions=(Subscription(topic_filter="a"),)),
        Connect(client_id="c", version=V5),
    ]
    async with client(served.port, "bystander") as bystander:
        for number in range(60):
            data = bytearray(encode(samples[number % 3], V5))
            data[noise.randrange(len(data))] = noise.randrange(256)
            async with client(served.port, f"c{number}", version=V5) as peer:
                peer.send(bytes(data), b"\x00\x00")  # whatever comes of the first, the second is no packet
                peer.writer.write_eof()
                assert await peer.ended()
        assert await is_served(bystander)
    await served.host.until(lambda: served.endpoint.connected == 0)


async def test_half_packets_hold_no_memory_once_their_connections_are_gone(served: Served) -> None:
    for number in range(50):
        async with client(served.port, f"c{number}") as peer:
            peer.send(b"\x30\x80\x80\x3f" + bytes(200_000))
            await peer.writer.drain()
    await served.host.until(lambda: not served.endpoint._connections)
    assert served.endpoint.connected == 0
    assert len(served.endpoint._broker.sessions) == 0


async def test_what_waits_for_all_clients_together_is_bounded(host: RecordingHost) -> None:
    async with serve(host, Limits(held=1000)) as served, client(served.port, "a") as first:
        async with client(served.port, "b") as second:
            for peer in (first, second):
                await subscribe(peer, "shared", qos=1)
            await subscribe(first, "own", qos=1)
            await served.endpoint.publish("shared", "x" * 500, qos=1)
            assert served.endpoint.counters.dropped == 0  # both wait for the same message, which counts once
            await served.endpoint.publish("own", "y" * 500, qos=1)
            assert served.endpoint.counters.dropped == 1
            assert len(await read_messages(first)) == 1
        await read_messages(first)
        await served.host.until(lambda: served.endpoint.connected == 1)
        await served.endpoint.publish("own", "z" * 500, qos=1)
        assert [each.payload[:1] for each in await read_messages(first)] == [b"z"]


async def test_who_comes_back_able_to_take_less_gets_no_more_at_once(served: Served) -> None:
    def introduction(most: int) -> Connect:
        properties = Properties(receive_maximum=most, session_expiry=100)
        return Connect(
            client_id="c", version=V5, clean_start=False, username="device", password=b"secret", properties=properties
        )

    async with client(served.port, "c", introduction(10)) as peer:
        await subscribe(peer, "a", qos=1)
        for number in range(5):
            await served.endpoint.publish("a", str(number), qos=1)
    async with client(served.port, "c", introduction(2)) as peer:
        batches = [[each.payload for each in await read_messages(peer)] for _ in range(3)]
        assert batches == [[b"0", b"1"], [b"2", b"3"], [b"4"]]


async def test_what_is_counted_can_be_seen() -> None:
    clock = SimulatedClock()
    host = RecordingHost(clock=clock)
    async with serve(host) as served:
        host.task(report_counters(served.endpoint, host), "counters")
        await clock.advance(0)
        sensor = host.entities["hearth_endpoint dropped"]
        assert (sensor.name, sensor.entity_category, sensor.enabled_by_default) == (
            "MQTT messages dropped",
            "diagnostic",
            False,
        )
        assert {key: report.state for key, report in host.states.items()} == {
            f"hearth_endpoint {name}": "0" for name in ("connected", "received", "sent", "dropped", "refused")
        }
        async with client(served.port, "somebody"):
            served.endpoint.counters.dropped += 7
            await clock.advance(30)
            assert host.states["hearth_endpoint dropped"].state == "7"
            assert host.states["hearth_endpoint connected"].state == "1"
    await host.close()
