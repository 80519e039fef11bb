"""The rows of `script/bench core` that go through MQTT; no benchmark itself."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from benchmarks.homes import Home, hearth, mosquitto, peer_with_mqtt
from hearth_mqtt.codec import Publish, Version, encode
from hearth_mqtt.testing import client

SENSORS, MESSAGES, AHEAD = 100, 30_000, 500

HomeOf = Callable[[Path], AbstractContextManager[Home]]


def endpoint(folder: Path) -> AbstractContextManager[Home]:
    """Run a hub whose own endpoint the messages come to."""
    return hearth(folder, {"integrations": {"mqtt": {"users": {"device": "secret"}}}})


@contextmanager
def client_of_mosquitto(folder: Path) -> Iterator[Home]:
    """Run a hub that gets the messages from a mosquitto."""
    folder.mkdir()
    with (
        mosquitto(folder) as port,
        hearth(folder, {"integrations": {"mqtt": {"host": "127.0.0.1", "port": port}}}) as home,
    ):
        yield Home(home.pid, home.port, home.token, port, folder)


def message_cost(home_of: HomeOf) -> dict[str, float]:
    """Return the CPU microseconds for each message that comes in and becomes a state."""
    with tempfile.TemporaryDirectory() as place, home_of(Path(place, "home")) as home:
        asyncio.run(_announce(home))
        home.wait_for("sensor.bench_0", "0")
        _publish(home, 2000, "warm")
        thread, process = home.loop_seconds(), home.seconds()
        _publish(home, MESSAGES, "done")
        used = home.loop_seconds() - thread, home.seconds() - process
    return {"value": used[0] / MESSAGES * 1e6, "process": used[1] / MESSAGES * 1e6}


def _publish(home: Home, count: int, last: str) -> None:
    asyncio.run(_send(home, count, last))
    home.wait_for("sensor.bench_0", last)


async def _announce(home: Home) -> None:
    async with client(home.mqtt_port, "announcer") as peer:
        for number in range(SENSORS):
            config = {"name": None, "object_id": f"bench_{number}", "unique_id": f"bench_{number}", "state_topic": f"bench/{number}"}  # fmt: skip
            payload = json.dumps(config).encode()
            peer.send(Publish(topic=f"homeassistant/sensor/bench_{number}/config", payload=payload, retain=True))
        await peer.writer.drain()
        await asyncio.sleep(2)  # a peer that has just subscribed would not show the first states
        peer.send(_state(0, "0"))
        await peer.writer.drain()
        await asyncio.sleep(0.5)


async def _send(home: Home, count: int, last: str) -> None:
    async with client(home.mqtt_port, "sender") as peer:
        for start in range(0, count, AHEAD):
            peer.send(b"".join(_state(each % SENSORS, str(each)) for each in range(start, start + AHEAD)))
            await peer.writer.drain()
            await asyncio.sleep(0.02)
        peer.send(_state(0, last))
        await peer.writer.drain()
        await asyncio.sleep(0.2)


def _state(number: int, state: str) -> bytes:
    return encode(Publish(topic=f"bench/{number}", payload=state.encode()), Version.V311)


PEER: HomeOf = peer_with_mqtt
