"""Config entries over the API: added through a dialog, and removed with everything they brought."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from hub.testing import RunningHub, running_hub
from tests.server.conftest import Client, login


@asynccontextmanager
async def speaker() -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the demo's HTTP device beside the hub."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hearth_demo.speaker", "--id", "entries-test", stdin=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def test_a_discovered_device_is_added_and_removed_with_its_entities(tmp_path: Path) -> None:
    async with (
        speaker(),
        running_hub(tmp_path / "home") as home,
        aiohttp.ClientSession(home.url, headers=home.headers) as http,
        http.ws_connect("/api/websocket") as socket,
    ):
        client = await login(socket, home.token)
        await home.until(lambda: _offer(home) is not None)
        path = f"/api/config/config_entries/flow/{_offer(home)}"
        async with http.get(path) as response:
            assert (await response.json())["type"] == "form"
        async with http.post(path, json={}) as response:
            step = await response.json()
        assert step["type"] == "create_entry", step
        await home.until(lambda: len(_entities(home)) >= 3)
        await _remove(client, home)
        await home.until(lambda: not _entities(home))
        assert [device for device in home.hub.registries.devices if device.integration == "demo"] == []
        assert [state for state in home.hub.states if state.domain == "media_player"] == []


def _offer(home: RunningHub) -> str | None:
    flows = home.hub.flows.progress()
    return next((flow["flow_id"] for flow in flows if "entries-test" in str(flow["context"])), None)


def _entities(home: RunningHub) -> list[str]:
    return [entity.entity_id for entity in home.hub.registries.entities if entity.integration == "demo"]


async def _remove(client: Client, home: RunningHub) -> None:
    (entry,) = await client.result("config_entries/get", domain="demo")
    await client.result("config_entries/delete", entry_id=entry["entry_id"])
