"""Our answers have the keys of Home Assistant's own, as recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.core.context import Context
from hub.testing import RunningHub
from tests.server.conftest import Client

GOLDEN = Path(__file__).parents[3] / "shared" / "golden"
RECORDINGS = ("hajs.jsonl", "hass_client.jsonl", "homeassistant_api.jsonl")

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED: Mapping[str, dict[str, Any]] = {
    "auth/current_user": {},
    "call_service": {"domain": "light", "service": "turn_on", "target": {"entity_id": "light.none"}},
    "config/device_registry/list": {},
    "config/entity_registry/get": {"entity_id": "light.golden"},
    "config/entity_registry/list": {},
    "config/entity_registry/list_for_display": {},
    "config/entity_registry/update": {"entity_id": "light.golden", "name": "Golden"},
    "config_entries/get": {},
    "conversation/process": {"text": "hello"},
    "fire_event": {"event_type": "golden"},
    "get_config": {},
    "get_states": {},
    "supported_features": {"features": {}},
    "subscribe_events": {"event_type": "golden"},
}
OURS: Mapping[str, set[str]] = {"conversation/process": {"hearth"}}


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    """The first successful answer to each command in the recordings."""
    if not GOLDEN.exists():
        pytest.skip("the recorded answers of Home Assistant (../shared/golden) are not here")
    answers: dict[str, Any] = {}
    for name in RECORDINGS:
        asked: dict[int, str] = {}
        for line in (GOLDEN / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            messages = row["m"] if isinstance(row.get("m"), list) else [row.get("m") or {}]
            for message in messages:
                if row["d"] == ">":
                    asked[message.get("id", 0)] = message["type"]
                elif message.get("type") == "result" and message["success"] and message["id"] in asked:
                    answers.setdefault(asked[message["id"]], message["result"])
    return answers


@pytest.mark.parametrize("command", list(ASKED))
async def test_an_answer_has_the_keys_of_home_assistants(
    home: RunningHub, client: Client, recorded: dict[str, Any], command: str
) -> None:
    _furnish(home)
    ours = await client.result(command, **ASKED[command])
    assert _keys(ours) == _keys(recorded[command]) | OURS.get(command, set())


async def test_a_row_for_display_uses_only_the_keys_of_home_assistants(
    home: RunningHub, client: Client, recorded: dict[str, Any]
) -> None:
    _furnish(home)
    command = "config/entity_registry/list_for_display"
    known = {key for row in recorded[command]["entities"] for key in row} | {"ai", "ic"}
    answer = await client.result(command)
    assert answer["entity_categories"] == recorded[command]["entity_categories"]
    assert {key for row in answer["entities"] for key in row} <= known


def _keys(answer: Any) -> set[str]:
    """Return the keys of an answer, or of its first row; an answer without keys is the same as none."""
    row = answer[0] if isinstance(answer, list) and answer else answer
    return set(row) if isinstance(row, dict) else set()


def _furnish(home: RunningHub) -> None:
    registries = home.hub.registries
    area = registries.areas.ensure("Study")
    device = registries.devices.ensure(identifiers=[("mqtt", "golden")], area_id=area.area_id, config_entry="mqtt")
    registries.entities.ensure(
        integration="mqtt", unique_id="golden", domain="light", suggested="golden", device_id=device.id
    )
    home.hub.states.set("light.golden", "on", context=Context("test"))
