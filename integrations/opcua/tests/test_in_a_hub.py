"""A hub with OPC UA in a process of its own, as it is by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.testing import RunningHub, running_hub
from integrations.opcua.tests.conftest import FOLDER, NODES, free_port
from tests.node_program import NodeProgram


def state_of(running: RunningHub, entity_id: str) -> str | None:
    state = running.hub.states.get(entity_id)
    return None if state is None else state.state


async def call(running: RunningHub, action: str, **data: Any) -> tuple[int, str]:
    session = aiohttp.ClientSession(running.url, headers=running.headers)
    async with session, session.post(f"/api/services/{action}", json=data) as response:
        return response.status, await response.text()


@pytest.mark.parametrize("isolated", [None, False])
async def test_a_server_of_the_configuration_is_shown_and_changed(
    tmp_path: Path, pki: Path, isolated: bool | None
) -> None:
    port = free_port()
    program = NodeProgram("opcua", FOLDER, port, pki)
    await program.start()
    entry = {"url": f"opc.tcp://127.0.0.1:{port}", "security": "sign_and_encrypt", "interval": 0.1, "nodes": NODES}
    if isolated is not None:
        entry["isolated"] = isolated
    try:
        async with running_hub(tmp_path, integrations={"opcua": [entry]}) as running:
            await running.until(lambda: _ending(running, "switch", "_pump") == "off", 60)
            (pump,) = [each.entity_id for each in running.hub.registries.entities if each.entity_id.endswith("_pump")]
            status, answer = await call(running, "switch/turn_on", entity_id=pump)
            assert status == 200, answer
            await program.until(lambda line: line.get("written") == "Pump" and line["value"] is True)
            await running.until(lambda: state_of(running, pump) == "on")
            status, answer = await call(
                running, "number/set_value", entity_id=pump.replace("switch", "number")[:-4] + "locked", value=3
            )
            assert status != 200
            assert "BadUserAccessDenied" in answer
            await program.stop()
            await running.until(lambda: state_of(running, pump) == "unavailable", 30)
            await program.start()
            await running.until(lambda: state_of(running, pump) == "off", 60)
    finally:
        await program.stop()


def _ending(running: RunningHub, domain: str, ending: str) -> str | None:
    """Return the state of the entity of a domain whose id ends so; the server names the device, and so the beginning."""
    found = [each.entity_id for each in running.hub.registries.entities if each.entity_id.endswith(ending)]
    return next((state_of(running, each) for each in found if each.startswith(f"{domain}.")), None)
