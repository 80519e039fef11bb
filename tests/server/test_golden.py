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
    "config/category_registry/list": {"scope": "automation"},
    "config/device_registry/list": {},
    "config/entity_registry/get": {"entity_id": "light.golden"},
    "config/entity_registry/list": {},
    "config/entity_registry/list_for_display": {},
    "config/entity_registry/update": {"entity_id": "light.golden", "name": "Golden"},
    "config_entries/get": {},
    "conversation/process": {"text": "hello"},
    "execute_script": {"sequence": [{"action": "light.turn_on", "target": {"entity_id": "light.none"}}]},
    "extract_from_target": {"target": {"entity_id": ["light.golden"]}},
    "fire_event": {"event_type": "golden"},
    "get_config": {},
    "get_states": {},
    "supported_features": {"features": {}},
    "subscribe_events": {"event_type": "golden"},
    "subscribe_trigger": {"trigger": {"platform": "state", "entity_id": "light.golden"}},
    "validate_config": {"triggers": [{"trigger": "state", "entity_id": "light.x"}], "actions": []},
}
OURS: Mapping[str, set[str]] = {
    "auth/current_user": {"role", "capabilities", "sees_house"},
    "conversation/process": {"hearth"},
}


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


async def test_a_manifest_uses_the_keys_of_home_assistants(client: Client, recorded: dict[str, Any]) -> None:
    known = {key for row in recorded["manifest/list"] for key in row} | {"version"}
    rows = await client.result("manifest/list")
    assert (
        {"domain", "name", "documentation", "integration_type", "is_built_in"}
        <= {key for row in rows for key in row}
        <= known
    )


async def test_what_is_related_has_the_kinds_of_home_assistants(
    home: RunningHub, client: Client, recorded: dict[str, Any]
) -> None:
    _furnish(home)
    related = await client.result("search/related", item_type="entity", item_id="light.golden")
    assert set(recorded["search/related"]) - set(related) == {"config_entry", "integration"}  # it belongs to no entry
    assert all(isinstance(ids, list) for ids in related.values())


async def test_recorded_states_have_the_keys_of_home_assistants(
    home: RunningHub, client: Client, recorded: dict[str, Any]
) -> None:
    _furnish(home)
    (theirs,) = recorded["history/history_during_period"].values()
    asked = {"start_time": "2020-01-01T00:00:00Z", "entity_ids": ["light.golden"], "no_attributes": True}
    ours = await client.result("history/history_during_period", **asked, minimal_response=True)
    assert set(ours["light.golden"][0]) == set(theirs[0])


async def test_a_triggers_event_has_the_keys_of_home_assistants(home: RunningHub, client: Client) -> None:
    _furnish(home)
    await client.result("subscribe_trigger", trigger={"platform": "state", "entity_id": "light.golden"})
    home.hub.states.set("light.golden", "off", context=Context("test"))
    event = (await client.event())["event"]
    theirs = next(message["event"] for message in _messages("hajs.jsonl") if "variables" in message.get("event", {}))
    assert (set(event), set(event["variables"])) == (set(theirs), set(theirs["variables"]))
    ours, expected = event["variables"]["trigger"], theirs["variables"]["trigger"]
    assert set(ours) == set(expected)
    assert set(ours["to_state"]) == set(expected["to_state"])


async def test_the_logbook_has_the_keys_of_home_assistants(home: RunningHub, client: Client) -> None:
    _furnish(home)
    home.hub.states.set("light.golden", "off", context=Context("test"))
    await client.result("logbook/event_stream", start_time="2020-01-01T00:00:00Z", entity_ids=["light.golden"])
    ours, shapes = (await client.event())["event"], _shapes()
    theirs = next(row["event"] for row in shapes["events"] if "events" in row["event"] and "start_time" in row["event"])
    assert set(ours) == set(theirs) - {"partial"}
    known = {key for row in shapes["events"] for entry in row["event"].get("events", ()) for key in entry}
    assert {"state", "entity_id", "when"} <= set(ours["events"][-1]) <= known


@pytest.mark.parametrize("kind", ["area", "floor", "label"])
async def test_a_place_has_the_keys_of_home_assistants(client: Client, kind: str) -> None:
    ours = await client.result(f"config/{kind}_registry/create", name=f"Golden {kind}")
    assert set(ours) == set(_shapes()[f"config/{kind}_registry/create"]["result"])


def refused() -> list[Any]:
    """Return the recorded commands that were answered with an error, and what that was."""
    if not GOLDEN.exists():
        return []
    rows = json.loads((GOLDEN / "errors.json").read_text())
    answered = [(row[">"], row["<"]) for row in rows if isinstance(row, dict) and isinstance(row.get("<"), dict)]
    failed = [(asked, answer["error"]) for asked, answer in answered if not answer.get("success", True)]
    return [
        pytest.param(asked, error, id=f"{asked['type']} {error['code']} {n}") for n, (asked, error) in enumerate(failed)
    ]


@pytest.mark.parametrize(("asked", "error"), refused())
async def test_an_error_has_the_code_and_keys_of_home_assistants(
    client: Client, asked: dict[str, Any], error: dict[str, Any]
) -> None:
    fields = {key: value for key, value in asked.items() if key not in ("id", "type")}
    if error["code"] == "id_reuse":
        await client.socket.send_json({"id": 9, "type": "ping"})
        assert (await client.receive())["type"] == "pong"
    await client.socket.send_json({"type": asked["type"], "id": 9, **fields})
    ours = (await client.receive())["error"]
    assert ours["code"] == error["code"]
    assert ours.get("translation_key") == error.get("translation_key")
    assert set(ours) == set(error)


def _shapes() -> dict[str, Any]:
    if not GOLDEN.exists():
        pytest.skip("the recorded answers of Home Assistant (../shared/golden) are not here")
    shapes: dict[str, Any] = json.loads((GOLDEN / "misc_shapes.json").read_text())
    return shapes


def _messages(name: str) -> list[dict[str, Any]]:
    if not GOLDEN.exists():
        pytest.skip("the recorded answers of Home Assistant (../shared/golden) are not here")
    rows = (json.loads(line) for line in (GOLDEN / name).read_text(encoding="utf-8").splitlines())
    received = (row["m"] for row in rows if row["d"] == "<" and row.get("m"))
    return [message for item in received for message in (item if isinstance(item, list) else [item])]


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
