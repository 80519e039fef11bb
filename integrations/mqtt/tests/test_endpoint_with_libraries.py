from __future__ import annotations

import asyncio
import contextlib

import aiomqtt
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hearth_mqtt.testing import PATIENCE, Inbox, Served

protocols = pytest.mark.parametrize("protocol", [aiomqtt.ProtocolVersion.V311, aiomqtt.ProtocolVersion.V5])


@protocols
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_aiomqtt_publishes_and_subscribes(
    served: Served, inbox: Inbox, protocol: aiomqtt.ProtocolVersion, qos: int
) -> None:
    served.endpoint.subscribe("to/hub", inbox, qos=2)
    await served.endpoint.publish("to/client/kept", "kept", retain=True)
    async with (
        asyncio.timeout(PATIENCE),
        aiomqtt.Client(
            "127.0.0.1", served.port, username="ada", password="a-long-lived-token", protocol=protocol
        ) as client,
    ):
        await client.subscribe("to/client/#", qos=qos)
        await client.publish("to/hub", "hello", qos=qos)
        await inbox.wait(1)
        await served.endpoint.publish("to/client/live", b"\x00\xff", qos=1)
        received = [await anext(client.messages) for _ in range(2)]
        await client.unsubscribe("to/client/#")
    assert [(each.topic.value, each.payload, each.retain) for each in received] == [
        ("to/client/kept", b"kept", True),
        ("to/client/live", b"\x00\xff", False),
    ]
    assert inbox.messages[0].payload == b"hello"


async def test_aiomqtt_is_told_of_a_wrong_password(served: Served) -> None:
    with pytest.raises(aiomqtt.MqttCodeError, match="user name or password"):
        async with aiomqtt.Client("127.0.0.1", served.port, username="ada", password="a guess"):
            pass


@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
async def test_paho_sends_a_thousand_messages_of_each_qos(
    served: Served, inbox: Inbox, protocol: MQTTProtocolVersion
) -> None:
    served.endpoint.subscribe("load/#", inbox, qos=2)
    await asyncio.to_thread(_load, served.port, protocol)
    received = await inbox.wait(3000)
    for qos in range(3):
        found = [int(each.payload) for each in received if each.topic == f"load/{qos}"]
        assert found == list(range(1000))


def _load(port: int, protocol: MQTTProtocolVersion) -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="paho", protocol=protocol)
    client.username_pw_set("device", "secret")
    client.connect("127.0.0.1", port)
    client.loop_start()
    with contextlib.closing(_Stopping(client)):
        sent = [client.publish(f"load/{qos}", str(number), qos=qos) for number in range(1000) for qos in range(3)]
        for each in sent:
            each.wait_for_publish(PATIENCE)


class _Stopping:
    def __init__(self, client: paho.Client) -> None:
        self._client = client

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
