from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hearth_mqtt.testing import Mosquitto
from hub.testing import RunningHub, running_hub

LAMP = {
    "name": None,
    "unique_id": "lamp",
    "schema": "json",
    "command_topic": "lamp/set",
    "state_topic": "lamp",
    "availability_topic": "lamp/status",
    "device": {"identifiers": ["lamp"], "name": "Porch lamp"},
}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path) as running:
        yield running


def peer_of(running: RunningHub) -> Mosquitto:
    return Mosquitto(running.hub.port, user=("-u", "anybody", "-P", running.token))


def state_of(running: RunningHub, entity_id: str) -> str | None:
    state = running.hub.states.get(entity_id)
    return None if state is None else state.state


async def announce(peer: Mosquitto) -> None:
    for topic, payload in {
        "homeassistant/light/lamp/config": json.dumps(LAMP),
        "lamp/status": "online",
        "lamp": '{"state": "ON"}',
    }.items():
        done = await peer.publish("-t", topic, "-m", payload, "-r", "-q", "1", version="5")
        assert done.code == 0, done.err


async def call(running: RunningHub, action: str, **data: str) -> None:
    session = aiohttp.ClientSession(running.url, headers=running.headers)
    async with session, session.post(f"/api/services/{action}", json=data) as response:
        assert response.status == 200, await response.text()


async def test_a_device_with_a_token_appears_and_is_switched(running: RunningHub) -> None:
    peer = peer_of(running)
    await announce(peer)
    await running.until(lambda: state_of(running, "light.porch_lamp") == "on")
    program = await peer.subscribe("-t", "lamp/set", "-t", "homeassistant/status", "-v")
    assert await program.line() == "homeassistant/status online"
    await call(running, "light/turn_off", entity_id="light.porch_lamp")
    assert await program.line() == 'lamp/set {"state":"OFF"}'
    await peer.close()


BUTTON = {
    "automation_type": "trigger",
    "topic": "remote/action",
    "type": "action",
    "subtype": "single",
    "payload": "single",
    "device": {"identifiers": ["remote"], "name": "Remote"},
}


async def test_a_button_of_a_device_runs_an_automation(running: RunningHub) -> None:
    peer = peer_of(running)
    await announce(peer)
    topic = "homeassistant/device_automation/remote/single/config"
    await peer.publish("-t", topic, "-m", json.dumps(BUTTON), "-r")
    await running.until(lambda: running.hub.registries.devices.find([("mqtt", "remote")]) is not None)
    device = running.hub.registries.devices.find([("mqtt", "remote")])
    assert device is not None
    trigger = {"trigger": "device", "domain": "mqtt", "device_id": device.id, "type": "action", "subtype": "single"}
    of_another = {"trigger": "device", "domain": "zha", "device_id": "gone", "type": "remote_press", "subtype": "on"}
    step = {"action": "light.turn_off", "target": {"entity_id": "light.porch_lamp"}}
    automation = {"alias": "Button", "triggers": [of_another, trigger], "actions": [step]}
    session = aiohttp.ClientSession(running.url, headers=running.headers)
    async with session, session.post("/api/config/automation/config/button", json=automation) as response:
        assert response.status == 200, await response.text()
    (record,) = [record for record in running.hub.automations.records() if record.id == "button"]
    assert record.problems == ("No installed integration has device triggers of zha: trigger/0 will not happen",)
    program = await peer.subscribe("-t", "lamp/set", "-t", "homeassistant/status")
    assert await program.line() == "online"
    await peer.publish("-t", "remote/action", "-m", "single")
    assert await program.line() == '{"state":"OFF"}'
    await peer.close()


async def test_a_restart_of_the_hub_makes_no_device_unavailable(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as running:
        peer = peer_of(running)
        await announce(peer)
        await running.until(lambda: state_of(running, "light.porch_lamp") == "on")
        will = ("--will-topic", "lamp/status", "--will-payload", "offline", "--will-retain")
        program = await peer.subscribe("-t", "lamp/status", *will)
        assert await program.line() == "online"
    await peer.close()
    async with running_hub(tmp_path) as running:
        await running.until(lambda: state_of(running, "light.porch_lamp") == "on")


async def test_revoking_a_token_ends_the_connection_that_was_made_with_it(running: RunningHub) -> None:
    peer = peer_of(running)
    program = await peer.subscribe("-t", "homeassistant/status")
    assert await program.line() == "online"
    await running.hub.auth.revoke(running.token)
    done = await peer.publish("-t", "a", "-m", "b")
    assert done.code != 0
    rows = await running.hub.audit.rows(20)
    assert any(row.kind == "mqtt_disconnected" and "NOT_AUTHORIZED" in str(row.detail) for row in rows)
    await peer.close()


async def test_a_stranger_is_refused_and_audited(running: RunningHub) -> None:
    stranger = Mosquitto(running.hub.port, user=("-u", "owner", "-P", "a guess"))
    done = await stranger.publish("-t", "lamp", "-m", "x")
    assert "not authorised" in done.err.lower() or "bad user name or password" in done.err.lower()
