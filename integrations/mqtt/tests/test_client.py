from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from hearth_mqtt.client import BrokerClient, BrokerRefused
from hearth_mqtt.config import V5, V311, BrokerSettings
from hearth_mqtt.testing import Inbox, Mosquitto, Running, free_port, start_broker
from hub import ConnectionLost, InvalidInput

protocols = pytest.mark.parametrize("protocol", [V5, V311])


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[int]:
    port = free_port()
    running = await start_broker(tmp_path, port, "allow_anonymous true")
    yield port
    await running.kill()


@contextlib.asynccontextmanager
async def connected(port: int, protocol: str = V5) -> AsyncIterator[BrokerClient]:
    """A client at work."""
    settings = BrokerSettings(host="127.0.0.1", port=port, protocol=protocol)
    async with BrokerClient(settings) as client:
        task = asyncio.create_task(client.run())
        try:
            yield client
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionLost):
                await task


@protocols
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_publishes_and_receives(broker: int, inbox: Inbox, protocol: str, qos: int) -> None:
    peer = Mosquitto(broker)
    async with connected(broker, protocol) as client:
        client.subscribe("to/hub/#", inbox, qos=qos)
        program = await peer.subscribe("-t", "to/peer", "-q", str(qos))
        await client.publish("to/peer", "kept", qos=qos, retain=True)
        assert await program.line() == "kept"
        await peer.publish("-t", "to/hub/1", "-m", "hello", "-q", str(qos), "-r")
        assert [tuple(each)[:2] for each in await inbox.wait(1)] == [("to/hub/1", b"hello")]
    await peer.close()


@protocols
async def test_every_listener_gets_the_retained_message_once(broker: int, protocol: str) -> None:
    await Mosquitto(broker).publish("-t", "a/b", "-m", "kept", "-r")
    first, second, other = Inbox(), Inbox(), Inbox()
    async with connected(broker, protocol) as client:
        client.subscribe("a/b", first)
        await first.wait(1)
        client.subscribe("a/b", second)
        await second.wait(1)
        client.subscribe("a/other", other)
        await client.publish("a/other", "done", qos=1)
        await client.publish("a/b", "live", qos=1)
        await second.wait(2)
        await first.wait(2)
    expected = [(b"kept", True), (b"live", False)]
    assert [(each.payload, each.retain) for each in first.messages] == expected
    assert [(each.payload, each.retain) for each in second.messages] == expected


async def test_overlapping_filters_get_one_copy_each_with_mqtt_5(broker: int, inbox: Inbox) -> None:
    exact, wide = Inbox(), Inbox()
    async with connected(broker) as client:
        client.subscribe("a/#", wide, qos=1)
        client.subscribe("a/b", exact, qos=1)
        client.subscribe("ready", inbox, qos=1)
        await _until_subscribed(client, inbox, "ready")
        for payload in ("1", "2", "3"):
            await client.publish("a/b", payload, qos=1)
        await exact.wait(3)
        await wide.wait(3)
        await client.publish("ready", "end", qos=1)
        await inbox.until(b"end")
    assert [each.payload for each in exact.messages] == [b"1", b"2", b"3"]
    assert [each.payload for each in wide.messages] == [b"1", b"2", b"3"]


async def _until_subscribed(client: BrokerClient, inbox: Inbox, topic: str) -> None:
    """Publish until a subscription works: those before it do too."""
    while not inbox.messages:
        await client.publish(topic, "?", qos=1)
        await asyncio.sleep(0.01)  # a broker does not tell when a subscription is in force


async def test_hundreds_of_subscriptions_are_made(broker: int) -> None:
    boxes = [Inbox() for _ in range(300)]
    async with connected(broker) as client:
        for number, box in enumerate(boxes):
            client.subscribe(f"many/{number}", box)
        await _until_subscribed(client, boxes[-1], "many/299")
        for number in range(299):
            await client.publish(f"many/{number}", str(number))
        for box in boxes:
            await box.wait(1)


async def test_unsubscribing_ends_the_messages(broker: int, inbox: Inbox) -> None:
    gone = Inbox()
    async with connected(broker) as client:
        unlisten = client.subscribe("a", gone)
        await _until_subscribed(client, gone, "a")
        unlisten()
        client.subscribe("b", inbox)
        await _until_subscribed(client, inbox, "b")
        seen = len(gone.messages)
        await client.publish("a", "unheard", qos=1)
        await client.publish("b", "end", qos=1)
        await inbox.until(b"end")
        assert len(gone.messages) == seen


async def test_a_killed_broker_is_a_lost_connection_and_a_new_client_subscribes_again(
    tmp_path: Path, inbox: Inbox
) -> None:
    port = free_port()
    settings = BrokerSettings(host="127.0.0.1", port=port)
    first = await start_broker(tmp_path, port, "allow_anonymous true")
    async with BrokerClient(settings) as client:
        client.subscribe("a", inbox)
        running = asyncio.create_task(client.run())
        await _until_subscribed(client, inbox, "a")
        await first.kill()
        with pytest.raises(ConnectionLost, match="Lost the MQTT broker at"):
            await running
        with pytest.raises(ConnectionLost):
            await client.publish("a", "into the void")
    with pytest.raises(ConnectionLost, match="Could not connect"):
        await BrokerClient(settings).__aenter__()
    second = await start_broker(tmp_path, port, "allow_anonymous true")
    try:
        async with connected(port) as client:
            again = Inbox()
            client.subscribe("a", again)
            await _until_subscribed(client, again, "a")
    finally:
        await second.kill()


async def test_the_will_is_published_when_the_client_is_lost(broker: int) -> None:
    peer = Mosquitto(broker)
    settings = BrokerSettings(host="127.0.0.1", port=broker)
    program = await peer.subscribe("-t", "status", "-t", "hello", "-v")
    will = aiomqtt.Will("status", "offline")
    async with BrokerClient(settings, will=will) as client:
        while not program.lines:
            await client.publish("hello", "there")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await program.line()
        assert client._client is not None
        sock: Any = client._client._client.socket()
        sock.shutdown(socket.SHUT_RDWR)
        while (line := await program.line()) == "hello there":
            pass
        assert line == "status offline"
        with pytest.raises(ConnectionLost):
            await client.run()
    await peer.close()


async def _protected(folder: Path) -> tuple[Running, int]:
    port = free_port()
    passwords = folder / "passwords"
    tool = await asyncio.create_subprocess_exec("mosquitto_passwd", "-b", "-c", str(passwords), "ada", "secret")
    assert await tool.wait() == 0
    running = await start_broker(folder, port, "allow_anonymous false", f"password_file {passwords}", "user root")
    return running, port


async def test_a_wrong_password_is_a_refusal(tmp_path: Path) -> None:
    running, port = await _protected(tmp_path)
    try:
        good = BrokerSettings(host="127.0.0.1", port=port, username="ada", password="secret")
        async with BrokerClient(good) as client:
            await client.publish("a", "1", qos=1)
        bad = BrokerSettings(host="127.0.0.1", port=port, username="ada", password="wrong")
        with pytest.raises(BrokerRefused, match="refused the connection"):
            await BrokerClient(bad).__aenter__()
    finally:
        await running.kill()


async def test_what_is_no_topic_is_not_sent(broker: int, inbox: Inbox) -> None:
    async with connected(broker) as client:
        with pytest.raises(InvalidInput):
            await client.publish("a/#", "1")
        with pytest.raises(InvalidInput):
            client.subscribe("a/#/b", inbox)
