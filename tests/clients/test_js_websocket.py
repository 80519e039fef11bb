"""home-assistant-js-websocket 9.7.0, in node, against a simulated home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.server.websocket.connection import HA_VERSION
from hub.testing import RunningHub
from hub.testing.running import OWNER
from tests.clients.conftest import LIGHT, SENSOR, run
from tests.clients.peers import node_of

FOLDER = Path(__file__).parent / "js"
CLIENT = "http://localhost:9/"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_it_logs_in_reads_follows_acts_reconnects_and_logs_out(home: RunningHub) -> None:
    node, folder = node_of("home-assistant-js-websocket", FOLDER)
    script = folder / "run.mjs"
    script.write_text((FOLDER / "run.mjs").read_text())  # beside its node_modules
    code = await home.hub.auth.login(OWNER["username"], OWNER["password"], CLIENT, "127.0.0.1")
    output = await run(
        node,
        script,
        HUB_URL=home.url,
        HUB_TOKEN=home.token,
        HUB_CODE=code,
        HUB_CLIENT=CLIENT,
        LIGHT=LIGHT,
        SENSOR=SENSOR,
    )
    met: dict[str, Any] = json.loads(output.splitlines()[-1])
    states, services = met.pop("states"), met.pop("services")
    assert states == len(home.hub.states)
    assert {"turn_on", "turn_off", "toggle"} <= set(services)
    assert met.pop("template") in ("on", "off")
    assert met == {
        "version": HA_VERSION,
        "user": OWNER["name"],
        "location": home.hub.settings.name,
        "light": "Kitchen light",
        "called": ["context"],
        "toggled": True,
        "config": "RUNNING",
        "domains": True,
        "collections": True,
        "event": "js_event",
        "trigger": "event",
        "unknown": "unknown_command",
        "wrong": "not_found",
        "reconnected": True,
        "revoked": "invalid auth",
        "lasting": True,
    }
