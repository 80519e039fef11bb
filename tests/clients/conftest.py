"""A hub with a simulated home, whose devices are MQTT and HTTP peers in processes of their own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hub.cli.demo import demo_home
from hub.testing import RunningHub, running_hub

LIGHT, SENSOR, AUTOMATION = "light.kitchen_light", "sensor.kitchen_temperature", "automation.hallway_light_on_motion"
PATIENCE = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    """One simulated home for the tests of a module."""
    async with running_hub(tmp_path_factory.mktemp("home") / "config") as running, demo_home(running.hub):
        states = running.hub.states
        await running.until(lambda: all(_works(states.get(id_)) for id_ in (LIGHT, SENSOR, AUTOMATION)), PATIENCE)
        yield running


def _works(state: object) -> bool:
    return getattr(state, "state", "unavailable") not in ("unavailable", "unknown")


async def run(*command: str | Path, folder: Path | None = None, **environment: str) -> str:
    """Run a program to its end and return what it printed; the test fails with it if the program does."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", ""), **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = output.decode(errors="replace")
    assert process.returncode == 0, text
    return text
