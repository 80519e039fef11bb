from __future__ import annotations

import pytest

from hearth_mqtt.testing import Inbox, Mosquitto, Served

versions = pytest.mark.parametrize("version", ["311", "5"])


@versions
@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_mosquitto_pub_reaches_the_hub(
    served: Served, mosquitto: Mosquitto, inbox: Inbox, version: str, qos: str
) -> None:
    served.endpoint.subscribe("home/+/temperature", inbox, qos=2)
    done = await mosquitto.publish("-t", "home/kitchen/temperature", "-m", "21.5", "-q", qos, version=version)
    assert done.code == 0, done.err
    assert [(each.topic, each.payload) for each in await inbox.wait(1)] == [("home/kitchen/temperature", b"21.5")]


@versions
@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_the_hub_reaches_mosquitto_sub(served: Served, mosquitto: Mosquitto, version: str, qos: str) -> None:
    await served.endpoint.publish("home/lamp/set", "waiting", retain=True)
    program = await mosquitto.subscribe("-t", "home/#", "-q", qos, "-v", version=version)
    assert await program.line() == "home/lamp/set waiting"
    await served.endpoint.publish("home/lamp/set", "ON", qos=1)
    assert await program.line() == "home/lamp/set ON"
