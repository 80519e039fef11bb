"""The row of `script/bench core` about a whole home under load; no benchmark itself.

Thousands of entities announced in MQTT discovery, a thousand messages a second, automations that act, a recorder and sockets.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.clients import watching
from benchmarks.homes import Home, hearth, peer_with_mqtt
from hearth_mqtt.codec import Publish, Subscribe, Subscription, Version, encode
from hearth_mqtt.testing import Socket, client

SENSORS, AUTOMATIONS, WITH_AGENT, SOCKETS = 4900, 50, 5, 5
MESSAGES = 1000
"""Messages a second."""
SECONDS = 60
_TICK = 0.02
_EVENTS = 20
"""Events a second that start automations."""

HomeOf = Callable[[Path], AbstractContextManager[Home]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a home did under load: milliseconds from event to action, share of a core, megabytes held and written an hour."""

    actions: int
    p50: float
    p99: float
    cpu: float
    megabytes: float
    written: float


def hub(folder: Path) -> AbstractContextManager[Home]:
    """Run a hub with its own endpoint, its model and the automations, some of which ask the agent."""
    place = folder / "automations"
    place.mkdir(parents=True)
    for number in range(AUTOMATIONS):
        steps = _agent_steps(number) if number < WITH_AGENT else _steps(number)
        (place / f"home_{number}.yaml").write_text(json.dumps(_automation(number, steps)))
    return hearth(folder, {"integrations": {"mqtt": {"users": {"device": "secret"}}}})


def peer(folder: Path) -> AbstractContextManager[Home]:
    """Run a Home Assistant with mosquitto beside it, its recorder and the automations; it has no model."""
    folder.mkdir()
    automations = [_automation(number, _steps(number)) for number in range(AUTOMATIONS)]
    (folder / "automations.yaml").write_text(json.dumps(automations))
    return peer_with_mqtt(folder, "recorder:\nautomation: !include automations.yaml\n")


def measure(home_of: HomeOf) -> Found:
    """Run the load on a home and return what it did."""
    with tempfile.TemporaryDirectory() as place, home_of(Path(place, "home")) as home:
        return asyncio.run(_load(home))


def _automation(number: int, steps: list[dict[str, Any]]) -> dict[str, Any]:
    trigger = {"platform": "state", "entity_id": f"binary_sensor.home_{number}"}
    return {"id": f"home_{number}", "alias": f"Home {number}", "mode": "queued", "trigger": [trigger], "action": steps}


def _steps(number: int) -> list[dict[str, Any]]:
    return [{"service": "light.toggle", "target": {"entity_id": f"light.home_{number}"}}]


def _agent_steps(number: int) -> list[dict[str, Any]]:
    capability = {"action": "light.*", "entity": f"light.home_{number}"}
    return [{"agent": {"command": f"toggle light home {number}", "capabilities": [capability], "confidence": 0.1}}]


async def _load(home: Home) -> Found:
    async with client(home.mqtt_port, "devices") as devices, watching(home.port, home.token, SOCKETS, coalesce=True):
        devices.send(Subscribe(packet_id=1, subscriptions=(Subscription(topic_filter="home/light/+/set", qos=0),)))
        await devices.receive()
        await _announce(devices)
        await asyncio.to_thread(home.wait_for, f"light.home_{AUTOMATIONS - 1}", "off")
        watch = _Watch(devices)
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(watch.read(), name="read")
            await _talk(devices, watch, 5)  # to warm up
            watch.took.clear()
            seconds, written, began = home.seconds(with_children=True), home.written(), time.monotonic()
            await _talk(devices, watch, SECONDS)
            await asyncio.sleep(1)
            took = time.monotonic() - began
            used, bytes_written = home.seconds(with_children=True) - seconds, home.written() - written
            reading.cancel()
        return Found(
            actions=len(watch.took),
            p50=statistics.median(watch.took) * 1e3,
            p99=statistics.quantiles(watch.took, n=100)[98] * 1e3,
            cpu=used / took,
            megabytes=home.megabytes(with_children=True),
            written=bytes_written / 1e6 / took * 3600,
        )


async def _announce(devices: Socket) -> None:
    for topic, config in _configs():
        devices.send(Publish(topic=topic, payload=json.dumps(config).encode(), retain=True))
        await devices.writer.drain()
    await asyncio.sleep(3)
    for number in range(AUTOMATIONS):
        for topic in (f"home/light/{number}", f"home/binary/{number}"):
            devices.send(Publish(topic=topic, payload=b"OFF", retain=True))
    await devices.writer.drain()


def _configs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number in range(AUTOMATIONS):
        names = {"name": f"Light home {number}", "object_id": f"home_{number}", "unique_id": f"light_{number}"}
        topics = {"state_topic": f"home/light/{number}", "command_topic": f"home/light/{number}/set"}
        yield f"homeassistant/light/home_{number}/config", {**names, **topics}
        names = {"name": f"Event {number}", "object_id": f"home_{number}", "unique_id": f"binary_{number}"}
        yield f"homeassistant/binary_sensor/home_{number}/config", {**names, "state_topic": f"home/binary/{number}"}
    for number in range(SENSORS):
        names = {"name": f"Sensor {number}", "object_id": f"home_{number}", "unique_id": f"sensor_{number}"}
        more = {"state_topic": f"home/sensor/{number}", "unit_of_measurement": "W", "device_class": "power"}
        yield f"homeassistant/sensor/home_{number}/config", {**names, **more}


async def _talk(devices: Socket, watch: _Watch, seconds: int) -> None:
    """Send sensor values at an even pace, and now and then an event."""
    each, loop = int(MESSAGES * _TICK), asyncio.get_running_loop()
    began, sensor = loop.time(), 0
    for tick in range(int(seconds / _TICK)):
        messages = [_message(f"home/sensor/{(sensor + step) % SENSORS}", f"{tick}.{step}") for step in range(each)]
        sensor += each
        devices.send(b"".join(messages))
        if tick % int(1 / _TICK / _EVENTS) == 0:
            watch.event(tick // int(1 / _TICK / _EVENTS))
        await asyncio.sleep(max(0.0, began + (tick + 1) * _TICK - loop.time()))


class _Watch:
    """Measures the time from an event to the command that its automation sends."""

    def __init__(self, devices: Socket) -> None:
        self.took: list[float] = []
        self._devices = devices
        self._on = [False] * AUTOMATIONS
        self._began: dict[int, float] = {}

    def event(self, count: int) -> None:
        """Let a device report; one in ten starts an automation that asks the agent, whose time is not measured."""
        number = count // 10 % WITH_AGENT if count % 10 == 0 else WITH_AGENT + count % (AUTOMATIONS - WITH_AGENT)
        self._on[number] = not self._on[number]
        self._began[number] = time.monotonic()
        self._devices.send(_message(f"home/binary/{number}", "ON" if self._on[number] else "OFF"))

    async def read(self) -> None:
        """Note each command, and be the light that follows it."""
        while (packet := await self._devices.receive()) is not None:
            if not isinstance(packet, Publish):
                continue
            number = int(packet.topic.split("/")[2])
            began = self._began.pop(number, None)
            if began is not None and number >= WITH_AGENT:
                self.took.append(time.monotonic() - began)
            self._devices.send(_message(f"home/light/{number}", packet.payload.decode()))


def _message(topic: str, payload: str) -> bytes:
    return encode(Publish(topic=topic, payload=payload.encode()), Version.V311)
