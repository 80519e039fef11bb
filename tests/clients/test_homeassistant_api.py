"""HomeAssistantAPI 6.1.0, REST and WebSocket, against a simulated home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub.testing import RunningHub
from tests.clients.conftest import AUTOMATION, LIGHT, SENSOR, run
from tests.clients.peers import python_of

FOLDER = Path(__file__).parent / "homeassistant_api"

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_it_reads_writes_follows_and_acts(home: RunningHub) -> None:
    python = python_of("homeassistant-api", FOLDER)
    await home.until(home.hub.flows.progress)  # a thing on the network, which the client will add and disable
    output = await run(
        python, FOLDER / "client.py",
        HUB_URL=home.url, HUB_TOKEN=home.token, LIGHT=LIGHT, SENSOR=SENSOR, AUTOMATION=AUTOMATION,
    )  # fmt: skip
    met: dict[str, Any] = json.loads(output.splitlines()[-1])
    assert met["rest"] == {
        "running": True,
        "valid": True,
        "config": "RUNNING",
        "components": True,
        "states": True,
        "groups": ["light", "sensor"],
        "history": True,
        "logbook": True,
        "changed": True,
        "made": ["sensor.made_by_rest", "1", "1"],
        "services": True,
        "domains": True,
        "events": True,
        "fired": "Event from_rest fired.",
        "template": "True",
        "log": True,
        "missing": "EndpointNotFoundError",
        "unknown": "RequestError",
        "broken": "BadTemplateError",
    }
    assert met["socket"] == {
        "config": "RUNNING",
        "states": True,
        "light": True,
        "domains": True,
        "ping": True,
        "template": "2",
        "registry": True,
        "named": "Renamed",
        "disabled": [False, "not_loaded"],
        "subentries": 0,
        "subentry": "ResponseError",
        "flows": ["demo"],
        "event": ["from_socket", {"n": 2}, True],
        "trigger": "event",
        "entries": ["demo", "mqtt"],
        "unknown": "ResponseError",
    }
    asynchronous = {
        "running": True,
        "state": LIGHT,
        "changed": True,
        "logbook": True,
        "event": {"n": 3},
        "config": "RUNNING",
    }
    assert met["asynchronous"] == asynchronous
