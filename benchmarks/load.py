"""The load that Hearth and Home Assistant carry alike in `script/bench core`; no benchmark itself.

It imports nothing but the standard library: Home Assistant's own environment reads it too.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

ENTITIES, WATCHERS = 10_000, 100
AUTOMATIONS = 1000
RUNS = 2000
SHOWN = 1000
"""Entities whose changes go to WebSockets."""
DELIVERIES = 10_000
PASSES = 5

Write = Callable[[int, str], None]
"""Sets the state of the entity of a number."""


class Used:
    """CPU seconds that a stretch of work took: of the thread that did it, and of the whole process."""

    def __init__(self) -> None:
        self.thread = self.process = 0.0


@contextmanager
def measured() -> Iterator[Used]:
    """Measure what the block uses."""
    used, thread, process = Used(), time.thread_time(), time.process_time()
    yield used
    used.thread, used.process = time.thread_time() - thread, time.process_time() - process


def counting() -> tuple[Callable[[], int], Callable[[Any], None]]:
    """Return what tells how often a listener was called, and the listener."""
    heard = 0

    def listener(_: Any) -> None:
        nonlocal heard
        heard += 1

    return lambda: heard, listener


def median_of(once: Callable[[], float]) -> float:
    """Return the median of some passes, after one to warm up."""
    once()
    return statistics.median(once() for _ in range(PASSES))


def rate(count: int, once: Callable[[], None]) -> float:
    """Return how often ``once`` does its work in a CPU second, where it does it ``count`` times."""

    def timed() -> float:
        with measured() as used:
            once()
        return count / used.thread

    return median_of(timed)


def automation(number: int) -> dict[str, Any]:
    """Return the automation that both sides run: any change triggers it, a condition, an action at one light."""
    return {
        "id": f"bench_{number}",
        "alias": f"Bench {number}",
        "mode": "queued",
        "trigger": [{"platform": "state", "entity_id": f"binary_sensor.bench_{number}"}],
        "condition": [{"condition": "state", "entity_id": "sensor.bench_mode", "state": "home"}],
        "action": [
            {
                "service": "light.turn_on",
                "target": {"entity_id": f"light.bench_{number}"},
                "data": {"brightness": 100},
            }
        ],
    }


async def one_by_one(change: Callable[[int], None], until: Callable[[int], Awaitable[None]]) -> dict[str, float]:
    """Return the CPU microseconds of a run whose automation is triggered again when the last run has ended."""
    done, passes = 0, []
    for _ in range(PASSES + 1):
        with measured() as used:
            for _ in range(RUNS):
                change(0)
                done += 1
                await until(done)
        passes.append(used)
    passes = passes[1:]
    return {
        "value": statistics.median(used.thread for used in passes) / RUNS * 1e6,
        "process": statistics.median(used.process for used in passes) / RUNS * 1e6,
    }


async def at_once(change: Callable[[int], None], until: Callable[[int], Awaitable[None]]) -> dict[str, float]:
    """Return the runs for each CPU second when every automation is triggered in the same turn of the event loop."""
    passes = []
    for number in range(1, PASSES + 2):
        with measured() as used:
            for each in range(AUTOMATIONS):
                change(each)
            await until(number * AUTOMATIONS)
        passes.append(used)
        await asyncio.sleep(1.5)  # what is written afterwards is not part of the next pass
    passes = passes[1:]
    return {
        "value": AUTOMATIONS / statistics.median(used.thread for used in passes),
        "process": AUTOMATIONS / statistics.median(used.process for used in passes),
    }


async def to_sockets(write: Write, burst: int, clients: int) -> dict[str, float]:
    """Return the CPU microseconds of a delivery when so many states change in each turn, and so many clients watch all."""
    passes = []
    for number in range(PASSES + 1):
        with measured() as used:
            for start in range(0, DELIVERIES, burst):
                for each in range(start, start + burst):
                    write(each % SHOWN, f"{number}.{each}")
                await asyncio.sleep(0)
                if start % 500 < burst:
                    await asyncio.sleep(0.1)  # or a client that gets no CPU is dropped for reading too slowly
        passes.append(used)
        await asyncio.sleep(0.5)
    passes = passes[1:]
    return {
        "value": statistics.median(used.thread for used in passes) / DELIVERIES / clients * 1e6,
        "process": statistics.median(used.process for used in passes) / DELIVERIES / clients * 1e6,
    }
