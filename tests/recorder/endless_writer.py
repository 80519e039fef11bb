"""Records without end and tells how far it has surely come: made to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hub.core.bus import EventBus
from hub.core.clock import SystemClock
from hub.core.context import Context
from hub.core.records import Run
from hub.core.states import States
from hub.recorder import Recorder, RecorderSettings


async def write(path: Path, first: int) -> None:
    bus, clock = EventBus(), SystemClock()
    states = States(bus, clock)
    async with (
        Recorder(path, bus, clock, RecorderSettings(commit_interval=0.05)) as recorder,
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(recorder.run())
        number = first
        while True:
            for _ in range(50):
                number += 1
                states.set(f"sensor.s{number % 20}", str(number), {"n": number}, context=Context("adapter:test"))
            recorder.runs.add(
                Run(run_id=f"run{number}", automation_id="a", entity_id="automation.a", started=clock.time())
            )
            await recorder.flush()
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
