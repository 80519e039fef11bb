"""Hearth's side of `script/bench core`, measured within a hub that runs; no benchmark itself.

``python -m benchmarks.core_hub NAME [key=value ...]`` prints the figures as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.clients import watching
from benchmarks.load import (
    AUTOMATIONS,
    ENTITIES,
    SHOWN,
    WATCHERS,
    at_once,
    automation,
    counting,
    one_by_one,
    rate,
    to_sockets,
)
from hub.adapters.interfaces import AdapterHost, ConfigEntry, EntityCall, EntityDescription, Integration, Report
from hub.adapters.manifest import Manifest
from hub.cli.run import settle_memory
from hub.core.bus import EventBus
from hub.core.clock import SystemClock
from hub.core.context import Context
from hub.core.events import RUN_FINISHED, Event
from hub.core.states import States
from hub.testing import RunningHub, running_hub

Figures = dict[str, float]


async def bus(listeners: int, events: int) -> Figures:
    """Events published for each CPU second, each heard by so many listeners."""
    carrier, (_, listener) = EventBus(), counting()
    for _ in range(listeners):
        carrier.listen("bench", listener)

    def once() -> None:
        for _ in range(events):
            carrier.publish(Event("bench", {"value": 1}, Context("bench"), time.time()))

    return {"value": rate(events, once)}


async def state_write() -> Figures:
    """State writes for each CPU second: many entities, some of them watched, attributes kept."""
    carrier, (_, listener) = EventBus(), counting()
    states, attributes = States(carrier, SystemClock()), {"friendly_name": "Bench", "unit_of_measurement": "W"}
    ids = [f"sensor.written_{number}" for number in range(ENTITIES)]
    for watched in ids[:: ENTITIES // WATCHERS]:
        carrier.listen_entity(watched, listener)
    values = itertools.count()

    def once() -> None:
        for _ in range(10):
            value = str(next(values))
            for entity_id in ids:
                states.set(entity_id, value, attributes, context=Context("bench"))

    return {"value": rate(10 * ENTITIES, once)}


async def automation_run() -> Figures:
    """CPU microseconds for each run."""
    async with automations(1) as (devices, until):
        return await one_by_one(devices.change, until)


async def automation_burst() -> Figures:
    """Runs for each CPU second."""
    async with automations(AUTOMATIONS) as (devices, until):
        return await at_once(devices.change, until)


async def sockets(burst: int, clients: int) -> Figures:
    """CPU microseconds for each delivery."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_hub(Path(folder)) as running:
            attributes = [{"friendly_name": f"Bench {number}", "unit_of_measurement": "W"} for number in range(SHOWN)]

            def write(number: int, state: str) -> None:
                context = Context("bench")
                running.hub.states.set(f"sensor.shown_{number}", state, attributes[number], context=context)

            for number in range(SHOWN):
                write(number, "0")
            settle_memory()
            async with watching(running.hub.port, running.token, clients, coalesce=burst > 1):
                return await to_sockets(write, burst, clients)


class Devices:
    """An adapter with lights and sensors that reports what it is told to, and takes every action."""

    def __init__(self, count: int) -> None:
        self.ready = asyncio.Event()
        self._on = [False] * count
        self._host: AdapterHost | None = None

    async def run(self, host: AdapterHost) -> None:
        self._host = host
        for number in range(len(self._on)):
            for domain, attributes in _KINDS:
                unique_id = f"{domain}_{number}"
                object_id = f"bench_{number}"
                host.add(
                    EntityDescription(
                        domain=domain, unique_id=unique_id, object_id=object_id, attributes=attributes, name=object_id
                    )
                )
                host.report(Report(unique_id=unique_id, state="off"))
        host.add(EntityDescription(domain="sensor", unique_id="mode", object_id="bench_mode"))
        host.report(Report(unique_id="mode", state="home"))
        host.connected(True)
        self.ready.set()
        await asyncio.get_running_loop().create_future()

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        return None

    def change(self, number: int) -> None:
        """Change what the automation of that number waits for."""
        assert self._host is not None
        self._on[number] = not self._on[number]
        self._host.report(Report(unique_id=f"binary_sensor_{number}", state="on" if self._on[number] else "off"))


_KINDS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("binary_sensor", {}),
    ("light", {"supported_color_modes": ["brightness"]}),
)


@asynccontextmanager
async def automations(count: int) -> AsyncIterator[tuple[Devices, Callable[[int], Awaitable[None]]]]:
    """Run a hub with so many automations; yield their devices, and what waits for a number of runs to have ended."""
    with tempfile.TemporaryDirectory() as place:
        _write_automations(Path(place, "automations"), count)
        async with running_hub(Path(place)) as running:
            devices = await _started(running, count)
            settle_memory()
            yield devices, _runs(running)


def _write_automations(folder: Path, count: int) -> None:
    folder.mkdir()
    for number in range(count):
        (folder / f"bench_{number}.yaml").write_text(json.dumps(automation(number)))


async def _started(running: RunningHub, count: int) -> Devices:
    devices = Devices(count)
    manifest = Manifest(domain="bench", name="Bench", version="1", api=(1, 1))
    entry = ConfigEntry(entry_id="bench", integration="bench", title="Bench")
    running.hub.supervisor.start(Integration(manifest=manifest, make=lambda _: devices), entry)
    await devices.ready.wait()
    return devices


def _runs(running: RunningHub) -> Callable[[int], Awaitable[None]]:
    ended, heard = counting()
    more = asyncio.Event()

    def hear(event: Event) -> None:
        heard(event)
        more.set()

    async def until(wanted: int) -> None:
        while ended() < wanted:
            more.clear()
            await more.wait()

    running.hub.bus.listen(RUN_FINISHED, hear)
    return until


_ROWS: Mapping[str, Callable[..., Coroutine[Any, Any, Figures]]] = {
    row.__name__: row for row in (bus, state_write, automation_run, automation_burst, sockets)
}

if __name__ == "__main__":
    options = dict(word.split("=") for word in sys.argv[2:])
    found = asyncio.run(_ROWS[sys.argv[1]](**{key: int(value) for key, value in options.items()}))
    print(json.dumps(found))
