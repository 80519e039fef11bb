"""``kill -9`` of a whole hub while devices report and actions go out."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import sqlite3
from pathlib import Path

import aiohttp
import aiomqtt
import pytest

from hub.config.folder import AUDIT_FILE, HISTORY_FILE
from hub.core.clock import SystemClock
from hub.security import AuditLog
from tests.cli.conftest import Running, hearth, run_hub

CONFIG = {"name": "Lamp", "unique_id": "lamp", "command_topic": "lamp/set", "state_topic": "lamp/state"}


async def test_after_a_kill_nothing_acted_without_an_audit_row_and_the_databases_are_whole(folder: Path) -> None:
    async with asyncio.timeout(90), run_hub(folder) as hub:
        await hub.create_owner()
        _, token, _ = await hearth("token", "create", "device", folder=folder)
        commands, states = await _work_until_killed(hub, token.strip())
    assert commands > 0
    assert states > 0

    async with AuditLog(folder / AUDIT_FILE, SystemClock()) as audit:
        rows = await audit.rows(10_000)
        acts = [row for row in rows if row.kind == "action"]
        assert len(acts) >= commands
        verified = await audit.verify()
        assert verified.ok, verified.problem
    history = sqlite3.connect(folder / HISTORY_FILE)
    assert history.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    history.close()

    async with run_hub(folder) as hub:
        code, out, _ = await hearth("integration", "list", "--json", folder=folder)
        assert code == 0
        assert hub.welcome is None
        assert any(row["name"] == "mqtt" and row["entities"] for row in json.loads(out))


async def _work_until_killed(hub: Running, token: str) -> tuple[int, int]:
    """Be a lamp, switch it on and off as fast as it answers, and kill the hub in the middle of it."""
    commands = states = 0
    switching = asyncio.create_task(_switch(hub, token))
    try:
        async with aiomqtt.Client("127.0.0.1", hub.port, username="lamp", password=token) as lamp:
            await lamp.subscribe("lamp/set", qos=1)
            await lamp.publish("homeassistant/switch/lamp/config", json.dumps(CONFIG), qos=1, retain=True)
            await lamp.publish("lamp/state", "OFF", qos=1)
            async for message in lamp.messages:
                commands += 1
                await lamp.publish("lamp/state", message.payload, qos=1)
                states += 1
                if commands > 40 and _saved(hub.folder):
                    await hub.kill()
                    break
    except aiomqtt.MqttError:
        pass  # the client cannot take leave of a hub that is dead
    finally:
        switching.cancel()
        await asyncio.gather(switching, return_exceptions=True)
    return commands, states


def _saved(folder: Path) -> bool:
    """Say whether the lamp is remembered already; until then it is younger than the commit interval."""
    registry = folder / ".hearth" / "core.entity_registry.json"
    return registry.is_file() and "switch.lamp" in registry.read_text()


async def _switch(hub: Running, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(hub.url, headers=headers) as session:
        for name in itertools.cycle(("turn_on", "turn_off")):
            async with session.post(f"/api/services/switch/{name}", json={"entity_id": "switch.lamp"}) as response:
                await response.read()


@pytest.mark.parametrize("victim", ["hub.inference.worker"])
async def test_a_killed_worker_is_started_again_and_the_hub_goes_on(folder: Path, victim: str) -> None:
    async with run_hub(folder) as hub:
        await hub.create_owner()
        before = _children(hub.process.pid, victim)
        assert len(before) == 1
        os.kill(before[0], signal.SIGKILL)
        async with asyncio.timeout(60):
            while not (after := _others(hub.process.pid, victim, before)):  # noqa: ASYNC110 - not our own child
                await asyncio.sleep(0.1)  # another process's children cannot be awaited
        assert len(after) == 1
        code, _, _ = await hearth("integration", "list", folder=folder)
        assert code == 0


def _others(parent: int, name: str, known: list[int]) -> list[int]:
    return [pid for pid in _children(parent, name) if pid not in known]


def _children(parent: int, name: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat, command = (entry / "stat").read_text(), (entry / "cmdline").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent and name in command and " Z " not in stat:
                found.append(int(entry.name))
    return found
