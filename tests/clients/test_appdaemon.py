"""AppDaemon 4.5.13 with a small app, beside a simulated home."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.core.actions import Action, Target
from hub.core.bus import EventBus
from hub.core.callers import SYSTEM
from hub.core.context import Context
from hub.core.events import Event
from hub.testing import RunningHub
from tests.clients.conftest import LIGHT, PATIENCE
from tests.clients.peers import python_of

FOLDER = Path(__file__).parent / "appdaemon"
SWITCH = "switch.coffee_machine"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_app_hears_states_and_calls_services(home: RunningHub, tmp_path: Path) -> None:
    python, states, bus = python_of("appdaemon", FOLDER), home.hub.states, home.hub.bus
    ready, answer = _heard(bus, "appdaemon_ready"), _heard(bus, "appdaemon_answer")
    async with appdaemon(python, home, tmp_path):
        greeting = await ready
        assert greeting["states"] > 40
        assert greeting["light"] == _state(home, LIGHT)
        await _turn(home, SWITCH, "off")
        before = _state(home, LIGHT)
        await _turn(home, SWITCH, "on")
        await home.until(lambda: _state(home, LIGHT) != before, PATIENCE)
        bus.publish(Event("appdaemon_question", {}, Context("test"), home.hub.clock.time()))
        said = await answer
    assert said["template"] in ("42", 42)
    assert said["history"] == [_state(home, LIGHT)]
    assert (said["exists"], said["services"]) == (True, True)
    written = states.get("sensor.from_appdaemon")
    assert written is not None
    assert (written.state, written.attributes["unit_of_measurement"]) == ("7", "W")


@asynccontextmanager
async def appdaemon(python: Path, home: RunningHub, folder: Path) -> AsyncIterator[None]:
    """Run AppDaemon over ``folder`` for the time of the block; if it fails, its log is printed."""
    _configure(folder, home)
    log = folder / "log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            str(python), "-m", "appdaemon", "-c", str(folder),
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder)},
        )  # fmt: skip
        try:
            yield
        finally:
            print(log.read_text(errors="replace")[-5000:])  # noqa: T201 - pytest shows it where the test fails
            process.terminate()
            await process.wait()


def _configure(folder: Path, home: RunningHub) -> None:
    shutil.copytree(FOLDER / "apps", folder / "apps")
    (folder / "apps" / "apps.yaml").write_text(
        f"lamp: {{module: lamp, class: Lamp, switch: {SWITCH}, light: {LIGHT}}}\n"
    )
    (folder / "appdaemon.yaml").write_text(
        "appdaemon:\n  latitude: 0\n  longitude: 0\n  elevation: 0\n  time_zone: UTC\n  use_dictionary_unpacking: true\n"
        f"  plugins:\n    HASS:\n      type: hass\n      ha_url: {home.url}\n      token: {home.token}\n"
    )


def _heard(bus: EventBus, type_: str) -> asyncio.Future[Mapping[str, Any]]:
    """Return the data of the next event of this type, to be."""
    future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()

    def hear(event: Event) -> None:
        if not future.done():
            future.set_result(event.data)

    bus.listen(type_, hear)
    return asyncio.ensure_future(asyncio.wait_for(future, PATIENCE))


async def _turn(home: RunningHub, entity_id: str, wanted: str) -> None:
    action = Action(name=f"switch.turn_{wanted}", target=Target(entity_id=(entity_id,)))
    result = await home.hub.actions.call(action, context=Context("test"), caller=SYSTEM)
    assert result.ok, result.error
    await home.until(lambda: _state(home, entity_id) == wanted, PATIENCE)


def _state(home: RunningHub, entity_id: str) -> str:
    state = home.hub.states.get(entity_id)
    return state.state if state is not None else "none"
