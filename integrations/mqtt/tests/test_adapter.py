from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hearth_mqtt import register_integrations
from hearth_mqtt.adapter import MqttAdapter
from hearth_mqtt.integration import probe
from hearth_mqtt.publishing import PUBLISH
from hearth_mqtt.testing import Mosquitto, Running, free_port, start_broker
from hub import (
    Actuator,
    ConfigEntry,
    ConnectionLost,
    EntityCall,
    EntityDescription,
    InvalidInput,
    Listener,
    Picture,
    PictureSource,
)
from hub.testing import RecordingHost

SENSOR = {"name": "Temperature", "state_topic": "kitchen/t", "unique_id": "t1", "unit_of_measurement": "°C"}
USERS = {"users": {"device": "secret"}}


def adapter_of(data: Mapping[str, Any]) -> MqttAdapter:
    return MqttAdapter(ConfigEntry(entry_id="1", integration="mqtt", title="MQTT", data=data))


def publishing(**data: Any) -> EntityCall:
    return EntityCall(action="mqtt.publish", data=PUBLISH.validate(data))


def announced(host: RecordingHost) -> list[EntityDescription]:
    """Return the entities that devices announced: those of the endpoint itself left out."""
    return [each for each in host.entities.values() if each.entity_category != "diagnostic"]


@contextlib.asynccontextmanager
async def running(adapter: MqttAdapter, host: RecordingHost) -> AsyncIterator[None]:
    """Run an adapter until it has its connection, and stop it at the end."""
    task = asyncio.create_task(adapter.run(host))
    await host.until(lambda: host.connection == (True, None))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionLost):
            await task
        host.connection = None


@contextlib.asynccontextmanager
async def at_its_port(host: RecordingHost) -> AsyncIterator[Mosquitto]:
    """Mosquitto's programs, aimed at the endpoint that the adapter serves."""
    server = await asyncio.get_running_loop().create_server(host.served["mqtt"], "127.0.0.1", 0)
    peer = Mosquitto(server.sockets[0].getsockname()[1])
    try:
        yield peer
    finally:
        await peer.close()
        server.close()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[int]:
    port = free_port()
    process = await start_broker(tmp_path, port, "allow_anonymous true")
    yield port
    await process.kill()


def test_the_integration_has_what_the_hub_needs() -> None:
    (integration,) = register_integrations()
    assert integration.manifest.domain == "mqtt"
    assert integration.manifest.default_entry == {}
    assert integration.manifest.triggers == ("mqtt", "mqtt.device")
    assert [each.full_name for each in integration.actions] == ["mqtt.publish"]
    adapter = integration.make(ConfigEntry(entry_id="1", integration="mqtt", title="MQTT"))
    assert isinstance(adapter, Actuator)
    assert isinstance(adapter, Listener)


async def test_a_device_that_announces_itself_appears_and_reports(host: RecordingHost) -> None:
    async with running(adapter_of(USERS), host), at_its_port(host) as peer:
        await peer.publish("-t", "homeassistant/sensor/t1/config", "-m", json.dumps(SENSOR), "-r")
        await peer.publish("-t", "kitchen/t", "-m", "21.5", version="5")
        await host.until(lambda: any(each.state == "21.5" for each in host.reports))
        (entity,) = announced(host)
        assert (entity.domain, entity.name, entity.unit) == ("sensor", "Temperature", "°C")


async def test_a_camera_shows_the_file_that_a_foreign_client_sent(host: RecordingHost, tmp_path: Path) -> None:
    camera = {"name": "Porch", "unique_id": "c1", "topic": "porch/picture"}
    (tmp_path / "porch.jpg").write_bytes(b"\xff\xd8\xff\0 a picture")
    adapter = adapter_of(USERS)
    assert isinstance(adapter, PictureSource)
    async with running(adapter, host), at_its_port(host) as peer:
        await peer.publish("-t", "homeassistant/camera/c1/config", "-m", json.dumps(camera), "-r")
        await peer.publish("-t", "porch/picture", "-f", str(tmp_path / "porch.jpg"), "-q", "1")
        picture = Picture(content=b"\xff\xd8\xff\0 a picture", content_type="image/jpeg")
        assert await adapter.picture("c1") == picture
    assert await adapter.picture("c1") is None


async def test_discovery_can_be_switched_off(host: RecordingHost) -> None:
    adapter = adapter_of({**USERS, "discovery": False})
    async with running(adapter, host), at_its_port(host) as peer:
        await peer.publish("-t", "homeassistant/sensor/t1/config", "-m", json.dumps(SENSOR), "-q", "1")
        assert not announced(host)
        with pytest.raises(ConnectionLost, match="switched off"):
            await adapter.execute(EntityCall(action="light.turn_on", unique_ids=("x",)))


async def test_the_hub_says_online_and_offline(host: RecordingHost) -> None:
    async with contextlib.AsyncExitStack() as stack:
        peer = Mosquitto(0)
        async with running(adapter_of(USERS), host):
            peer = await stack.enter_async_context(at_its_port(host))
            program = await peer.subscribe("-t", "homeassistant/status", "-F", "%p %r")
            assert await program.line() == "online 1"
        assert await program.line() == "offline 0"


async def test_the_publish_action_reaches_a_foreign_client(host: RecordingHost) -> None:
    adapter = adapter_of(USERS)
    async with running(adapter, host), at_its_port(host) as peer:
        await adapter.execute(publishing(topic="a", payload={"state": "ON"}, retain=True))
        program = await peer.subscribe("-t", "a")
        assert json.loads(await program.line()) == {"state": "ON"}
        with pytest.raises(InvalidInput):
            await adapter.execute(publishing(topic="a/#", payload="1"))
    with pytest.raises(ConnectionLost):
        await adapter.execute(publishing(topic="a", payload="1"))


@pytest.mark.parametrize(
    ("payload", "expected"), [("ON", "ON"), (21.5, "21.5"), (None, ""), ([1, "a"], '[1,"a"]'), (True, "True")]
)
def test_the_publish_action_takes_what_templates_make(payload: Any, expected: str) -> None:
    assert PUBLISH.validate({"topic": "a", "payload": payload})["payload"] == expected


async def test_a_payload_can_be_raw_bytes(host: RecordingHost) -> None:
    adapter = adapter_of(USERS)
    async with running(adapter, host), at_its_port(host) as peer:
        await adapter.execute(publishing(topic="a", payload=r"b'\xca\xfe'", evaluate_payload=True, retain=True))
        program = await peer.subscribe("-t", "a", "-F", "%x")
        assert await program.line() == "cafe"


@pytest.mark.parametrize("data", [{}, {"topic": "a", "qos": 3}, {"topic": "a", "payload": object()}])
def test_the_publish_action_refuses_what_it_cannot_send(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="for mqtt"):
        PUBLISH.validate(data)


async def test_the_trigger_fires_on_a_foreign_clients_message(host: RecordingHost) -> None:
    adapter, fired = adapter_of(USERS), asyncio.Queue[Mapping[str, Any]]()
    unlisten = adapter.listen({"platform": "mqtt", "topic": "button/+", "payload": "press"}, fired.put_nowait)
    async with running(adapter, host), at_its_port(host) as peer:
        for payload in ("hold", "press"):
            await peer.publish("-t", "button/1", "-m", payload, "-q", "1")
        variables = await asyncio.wait_for(fired.get(), 10)
        assert (variables["topic"], variables["payload"], fired.empty()) == ("button/1", "press", True)
        unlisten()
        await peer.publish("-t", "button/1", "-m", "press", "-q", "1")
        assert fired.empty()


async def test_works_over_another_broker_and_after_that_was_killed(tmp_path: Path, host: RecordingHost) -> None:
    port = free_port()
    adapter = adapter_of({"host": "127.0.0.1", "port": port})
    with pytest.raises(ConnectionLost, match="Could not connect"):
        await adapter.run(host)
    fired = asyncio.Queue[Mapping[str, Any]]()
    adapter.listen({"topic": "button/1"}, fired.put_nowait)
    for _ in range(2):
        process = await start_broker(tmp_path, port, "allow_anonymous true")
        task = asyncio.create_task(adapter.run(host))
        await host.until(lambda: host.connection == (True, None))
        await _use(adapter, host, Mosquitto(port), fired)
        await process.kill()
        with pytest.raises(ConnectionLost, match="Lost the MQTT broker"):
            await task
        host.connection = None
        host.reports.clear()


async def _use(
    adapter: MqttAdapter, host: RecordingHost, peer: Mosquitto, fired: asyncio.Queue[Mapping[str, Any]]
) -> None:
    await peer.publish("-t", "homeassistant/sensor/t1/config", "-m", json.dumps(SENSOR), "-r")
    await peer.publish("-t", "kitchen/t", "-m", "21.5", "-r")
    await host.until(lambda: any(each.state == "21.5" for each in host.reports))
    while fired.empty():
        await peer.publish("-t", "button/1", "-m", "press", "-q", "1")
    program = await peer.subscribe("-t", "a", "-W", "10")
    await adapter.execute(publishing(topic="a", payload="1", qos=1, retain=True))
    assert await program.line() == "1"
    await peer.close()
    while not fired.empty():
        fired.get_nowait()


async def test_a_broker_sees_the_hub_come_and_go(broker: int, host: RecordingHost) -> None:
    peer = Mosquitto(broker)
    program = await peer.subscribe("-t", "homeassistant/status", "-t", "ready")
    while not program.lines:
        await peer.publish("-t", "ready", "-m", "ready")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await program.line()
    async with running(adapter_of({"host": "127.0.0.1", "port": broker}), host):
        assert await _next(program) == "online"
    assert await _next(program) == "offline"
    await peer.close()


async def _next(program: Running) -> str:
    while (line := await program.line()) == "ready":
        pass
    return line


async def test_the_form_is_tried_out(broker: int) -> None:
    probed = await probe({"host": "127.0.0.1", "port": broker, "username": ""})
    assert (probed.title, probed.unique_id) == (f"127.0.0.1:{broker}",) * 2
    assert probed.data == {"host": "127.0.0.1", "port": broker}


async def test_the_form_says_when_nobody_answers() -> None:
    with pytest.raises(ConnectionLost, match="Could not connect"):
        await probe({"host": "127.0.0.1", "port": free_port()})


@pytest.mark.parametrize(("data", "path"), [({"host": ""}, ("host",)), ({"host": "far.away"}, ("tls",))])
async def test_the_form_says_what_is_wrong(data: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as caught:
        await probe(data)
    assert caught.value.path == path


async def test_the_form_says_that_the_password_is_wrong(host: RecordingHost) -> None:
    async with running(adapter_of(USERS), host), at_its_port(host) as peer:
        with pytest.raises(InvalidInput, match="refused") as caught:
            await probe({"host": "127.0.0.1", "port": peer.port, "username": "device", "password": "wrong"})
        assert caught.value.path == ("password",)


async def test_an_unencrypted_connection_to_another_machine_is_audited(host: RecordingHost) -> None:
    with pytest.raises(ConnectionLost):
        await adapter_of({"host": "broker.invalid", "allow_plaintext": True}).run(host)
    assert host.audited[0][:2] == ("mqtt_plaintext", "broker.invalid:1883")
