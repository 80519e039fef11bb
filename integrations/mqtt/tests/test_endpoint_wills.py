from __future__ import annotations

import pytest

from hearth_mqtt.bus import Received
from hearth_mqtt.codec import Connect, Disconnect, Properties, Reason, Version, Will
from hearth_mqtt.testing import Inbox, Mosquitto, Served, client, serve
from hub.testing import RecordingHost, SimulatedClock

V5 = Version.V5


def mortal(*, delay: int | None = None, expiry: int = 0, clean: bool = True, topic: str = "lamp/status") -> Connect:
    return Connect(
        client_id="lamp",
        version=V5,
        clean_start=clean,
        username="device",
        password=b"secret",
        will=Will(topic=topic, payload=b"offline", retain=True, properties=Properties(will_delay=delay)),
        properties=Properties(session_expiry=expiry),
    )


@pytest.mark.parametrize("version", ["311", "5"])
async def test_a_killed_mosquitto_sub_leaves_its_will(
    served: Served, mosquitto: Mosquitto, inbox: Inbox, version: str
) -> None:
    served.endpoint.subscribe("status", inbox)
    await served.endpoint.publish("hello", "there", retain=True)
    will = ("--will-topic", "status", "--will-payload", "gone", "--will-retain", "--will-qos", "1")
    program = await mosquitto.subscribe("-t", "hello", *will, version=version)
    assert await program.line() == "there"
    await program.kill()
    await inbox.wait(1)
    late = Inbox()
    served.endpoint.subscribe("status", late)
    assert await late.wait(1) == [Received("status", b"gone", True, 0)]


async def test_who_says_good_bye_leaves_no_will(served: Served, inbox: Inbox) -> None:
    served.endpoint.subscribe("#", inbox)
    async with client(served.port, "lamp", mortal()) as peer:
        peer.send(Disconnect())
        assert await peer.ended()
    await served.endpoint.publish("after", "")
    assert [each.topic for each in inbox.messages] == ["after"]


async def test_who_says_good_bye_with_the_will_leaves_it(served: Served, inbox: Inbox) -> None:
    served.endpoint.subscribe("lamp/status", inbox)
    async with client(served.port, "lamp", mortal()) as peer:
        peer.send(Disconnect(reason=Reason.DISCONNECT_WITH_WILL))
        await inbox.wait(1)


async def test_a_delayed_will_waits_and_then_comes() -> None:
    clock, inbox = SimulatedClock(), Inbox()
    async with serve(RecordingHost(clock=clock)) as served:
        served.endpoint.subscribe("lamp/status", inbox)
        async with client(served.port, "lamp", mortal(delay=30, expiry=100)) as peer:
            peer.send(Disconnect(reason=Reason.DISCONNECT_WITH_WILL))
            assert await peer.ended()
        await clock.advance(29)
        assert not inbox.messages
        await clock.advance(2)
        assert len(inbox.messages) == 1


async def test_a_will_is_delayed_no_longer_than_its_session_lasts() -> None:
    clock, inbox = SimulatedClock(), Inbox()
    async with serve(RecordingHost(clock=clock)) as served:
        served.endpoint.subscribe("lamp/status", inbox)
        async with client(served.port, "lamp", mortal(delay=30, expiry=10)) as peer:
            peer.send(Disconnect(reason=Reason.DISCONNECT_WITH_WILL))
            assert await peer.ended()
        await clock.advance(11)
        assert len(inbox.messages) == 1


@pytest.mark.parametrize(("clean", "expected"), [(False, 0), (True, 1)])
async def test_coming_back_stops_a_delayed_will_unless_the_session_begins_anew(clean: bool, expected: int) -> None:
    clock, inbox = SimulatedClock(), Inbox()
    async with serve(RecordingHost(clock=clock)) as served:
        served.endpoint.subscribe("lamp/status", inbox)
        async with client(served.port, "lamp", mortal(delay=30, expiry=100)) as peer:
            peer.send(Disconnect(reason=Reason.DISCONNECT_WITH_WILL))
            assert await peer.ended()
        async with client(served.port, "lamp", mortal(delay=30, expiry=100, clean=clean)):
            await clock.advance(40)
            assert len(inbox.messages) == expected


async def test_being_taken_over_publishes_the_will(served: Served, inbox: Inbox) -> None:
    served.endpoint.subscribe("lamp/status", inbox)
    async with client(served.port, "lamp", mortal()) as first, client(served.port, "lamp", mortal()):
        assert await first.ended()
        await inbox.wait(1)


@pytest.mark.parametrize("comes_back", [True, False])
async def test_after_a_restart_the_will_of_who_does_not_come_back_is_published(comes_back: bool) -> None:
    clock, inbox = SimulatedClock(), Inbox()
    host = RecordingHost(clock=clock)
    async with serve(host) as served, client(served.port, "lamp", mortal()):
        served.endpoint.subscribe("lamp/status", inbox)
    assert not inbox.messages
    async with serve(host) as served:
        served.endpoint.subscribe("lamp/status", inbox)
        await clock.advance(50)
        if comes_back:
            async with client(served.port, "lamp", mortal()):
                await clock.advance(20)
                assert not inbox.messages
        else:
            await clock.advance(20)
            assert [each.payload for each in inbox.messages] == [b"offline"]
    await host.close()


async def test_a_will_cannot_be_left_on_the_servers_own_topics(served: Served) -> None:
    with pytest.raises(AssertionError, match="NOT_AUTHORIZED"):
        async with client(served.port, "lamp", mortal(topic="$SYS/fake")):
            pass
