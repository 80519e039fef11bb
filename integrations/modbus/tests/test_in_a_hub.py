"""A hub, a device, and an action by REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp

from hub.testing import RunningHub, running_hub
from tests.node_program import NodeProgram


def state_of(running: RunningHub, entity_id: str) -> str | None:
    state = running.hub.states.get(entity_id)
    return None if state is None else state.state


async def call(running: RunningHub, action: str, **data: Any) -> tuple[int, str]:
    session = aiohttp.ClientSession(running.url, headers=running.headers)
    async with session, session.post(f"/api/services/{action}", json=data) as response:
        return response.status, await response.text()


async def test_a_device_of_the_configuration_is_shown_and_switched(
    tmp_path: Path, devices: NodeProgram, data: dict[str, Any]
) -> None:
    async with running_hub(tmp_path, integrations={"modbus": [data]}) as running:
        await running.until(lambda: state_of(running, "switch.boiler_pump") == "off")
        assert state_of(running, "sensor.boiler_temperature") == "20.5"
        status, answer = await call(running, "switch/turn_on", entity_id="switch.boiler_pump")
        assert status == 200, answer
        await running.until(lambda: state_of(running, "switch.boiler_pump") == "on")
        await devices.until(lambda line: line.get("written") == "coil" and line["value"] is True)
        status, answer = await call(running, "number/set_value", entity_id="number.boiler_set_point", value=95)
        assert status != 200
        assert "from 5.0 to 90.0, got 95" in answer
        await devices.stop()
        await running.until(lambda: state_of(running, "switch.boiler_pump") == "unavailable")
        await devices.start()
        await running.until(lambda: state_of(running, "switch.boiler_pump") == "off", 30)
