from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from hub.security.users import Role
from hub.testing import RunningHub, running_hub
from tests.server.conftest import Client, login

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    """One hub for the tests of this module: each defines items of its own."""
    async with running_hub(tmp_path_factory.mktemp("home") / "config", latitude=52.5163, longitude=13.3777) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def http(home: RunningHub) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(home.url) as session:
        yield session
    await asyncio.sleep(0)


@pytest_asyncio.fixture(loop_scope="module")
async def client(home: RunningHub, http: aiohttp.ClientSession) -> AsyncIterator[Client]:
    async with http.ws_connect("/api/websocket") as socket:
        yield await login(socket, home.token)


ITEMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    # what is created, and what the item is besides its id: as Home Assistant 2026.2 answers
    "input_boolean": ({"name": "Test"}, {"name": "Test"}),
    "input_button": ({"name": "Test", "icon": "mdi:bell"}, {"name": "Test", "icon": "mdi:bell"}),
    "input_datetime": ({"name": "Test", "has_time": True}, {"name": "Test", "has_date": False, "has_time": True}),
    "input_number": (
        {"name": "Test", "min": 1, "max": 5},
        {"name": "Test", "min": 1.0, "max": 5.0, "step": 1.0, "mode": "slider"},
    ),
    "input_select": ({"name": "Test", "options": ["a", "b"]}, {"name": "Test", "options": ["a", "b"]}),
    "input_text": ({"name": "Test"}, {"name": "Test", "min": 0, "max": 100, "mode": "text"}),
    "counter": (
        {"name": "Test"},
        {"name": "Test", "initial": 0, "step": 1, "minimum": None, "maximum": None, "restore": True},
    ),
    "timer": ({"name": "Test", "duration": "1:30"}, {"name": "Test", "duration": "1:30:00", "restore": False}),
    "schedule": (
        {"name": "Test", "monday": [{"from": "07:00:00", "to": "08:00:00"}]},
        {
            "name": "Test",
            "monday": [{"from": "07:00:00", "to": "08:00:00"}],
            **{day: [] for day in ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")},
        },
    ),
    "zone": (
        {"name": "Test", "latitude": 1, "longitude": 2},
        {"name": "Test", "latitude": 1.0, "longitude": 2.0, "radius": 100.0, "passive": False},
    ),
    "person": ({"name": "Test"}, {"name": "Test", "device_trackers": []}),
}


@pytest.mark.parametrize("domain", ITEMS)
async def test_items_are_made_changed_and_removed_as_in_home_assistant(
    client: Client, home: RunningHub, domain: str
) -> None:
    data, item = ITEMS[domain]
    key, made = f"{domain}_id", {"id": "test", **item}
    assert await client.result(f"{domain}/create", **data) == made
    listed = await client.result(f"{domain}/list")
    assert listed == ({"storage": [made], "config": []} if domain == "person" else [made])
    assert home.hub.states.get(f"{domain}.test") is not None
    updated = await client.result(f"{domain}/update", **{key: "test"}, **{**data, "name": "Other"})
    assert updated == {**made, "name": "Other"}
    state = home.hub.states.get(f"{domain}.test")
    assert state is not None
    assert state.name == "Other"
    assert await client.result(f"{domain}/delete", **{key: "test"}) is None
    assert home.hub.states.get(f"{domain}.test") is None
    gone = await client.ask(f"{domain}/delete", **{key: "test"})
    assert gone["error"]["code"] == "not_found"
    assert gone["error"]["message"].startswith(f"Unable to find {domain}_id test")


async def test_a_definition_that_does_not_fit_is_refused_in_words(client: Client) -> None:
    answer = await client.ask("input_number/create", name="Test", min=5, max=1)
    assert answer["error"]["code"] == "invalid_format"
    assert "Expected max above min" in answer["error"]["message"]


async def test_only_admins_change_definitions(home: RunningHub, http: aiohttp.ClientSession, client: Client) -> None:
    await client.result("timer/create", name="Egg")
    auth = home.hub.auth
    user = await auth.users.add(name="Eve", username="eve", password="long enough password", role=Role.USER)
    token = await auth.create_long_lived(user.user_id, "test", 1)
    async with http.ws_connect("/api/websocket") as socket:
        eve = await login(socket, token)
        assert [item["id"] for item in await eve.result("timer/list")] == ["egg"]
        for command, data in (
            ("create", {"name": "x"}),
            ("update", {"timer_id": "egg"}),
            ("delete", {"timer_id": "egg"}),
        ):
            assert (await eve.ask(f"timer/{command}", **data))["error"]["code"] == "unauthorized"
        target = {"entity_id": "timer.egg"}
        await eve.result("call_service", domain="timer", service="start", target=target, service_data={"duration": 60})
    state = home.hub.states.get("timer.egg")
    assert state is not None
    assert state.state == "active"
    await client.result("timer/delete", timer_id="egg")


async def test_whoever_subscribes_hears_of_every_change_of_a_collection(client: Client) -> None:
    await client.result("counter/create", name="One")
    await client.result("counter/subscribe")
    event = await client.event()
    assert [(row["change_type"], row["counter_id"]) for row in event["event"]] == [("added", "one")]
    await client.result("counter/delete", counter_id="one")
    event = await client.event()
    assert [(row["change_type"], row["item"]["name"]) for row in event["event"]] == [("removed", "One")]


async def test_to_do_lists_have_home_assistant_s_commands(client: Client) -> None:
    await client.result("hearth/todo/create", name="Shopping")
    todo = "todo.shopping"
    for item in ("Milk", "Bread"):
        await client.result(
            "call_service", domain="todo", service="add_item", target={"entity_id": todo}, service_data={"item": item}
        )
    rows = (await client.result("todo/item/list", entity_id=todo))["items"]
    assert [sorted(row) for row in rows] == [["status", "summary", "uid"]] * 2
    await client.result("todo/item/subscribe", entity_id=todo)
    first = await client.event()
    assert first["event"]["items"][0] == {
        "uid": rows[0]["uid"], "summary": "Milk", "status": "needs_action", "due": None, "description": None,
        "completed": None,
    }  # fmt: skip
    assert await client.result("todo/item/move", entity_id=todo, uid=rows[1]["uid"]) is None
    moved = await client.event()
    assert [row["summary"] for row in moved["event"]["items"]] == ["Bread", "Milk"]
    missing = await client.ask("todo/item/list", entity_id="todo.nothing")
    assert missing["error"]["code"] == "not_found"


async def test_notifications_are_told_as_in_home_assistant(client: Client) -> None:
    await client.result("persistent_notification/subscribe")
    assert (await client.event())["event"] == {"type": "current", "notifications": {}}
    call = {"domain": "persistent_notification", "service": "create"}
    await client.result("call_service", **call, service_data={"message": "wet", "notification_id": "cellar"})
    added = (await client.event())["event"]
    assert (added["type"], list(added["notifications"])) == ("added", ["cellar"])
    [row] = await client.result("persistent_notification/get")
    assert sorted(row) == ["created_at", "message", "notification_id", "title"]


async def test_definitions_and_values_are_in_files_that_outlast_the_hub(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    async with (
        running_hub(folder) as first,
        aiohttp.ClientSession(first.url) as http,
        http.ws_connect("/api/websocket") as socket,
    ):
        client = await login(socket, first.token)
        await client.result("input_text/create", name="Note")
        await client.result(
            "call_service", domain="input_text", service="set_value", target={"entity_id": "input_text.note"},
            service_data={"value": "kept"},
        )  # fmt: skip
    assert (folder / ".hearth" / "input_text.json").is_file()
    async with running_hub(folder) as again:
        state = again.hub.states.get("input_text.note")
        assert state is not None
        assert state.state == "kept"


async def test_a_fresh_hub_has_its_sun_and_its_home(home: RunningHub) -> None:
    states = {entity_id: home.hub.states.get(entity_id) for entity_id in ("sun.sun", "zone.home")}
    assert all(states.values())
