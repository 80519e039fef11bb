"""Users added, changed and removed by commands, in Home Assistant's shapes and in ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from hub.testing import RunningHub
from tests.server.conftest import Client, login

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROVIDER = "config/auth_provider/homeassistant"
ROW = {"id", "username", "name", "is_owner", "is_active", "local_only", "system_generated", "group_ids", "credentials",
       "role", "capabilities"}  # fmt: skip
HALL = [{"action": "*", "area": ["hall"], "domain": ["light"]}]


async def log_in(http: aiohttp.ClientSession, username: str, password: str) -> str | None:
    """Log in as the dashboard does; return the access token, or None."""
    client_id = str(http._base_url)
    begin = {"client_id": client_id, "handler": ["homeassistant", None], "redirect_uri": client_id}
    async with http.post("/auth/login_flow", json=begin) as response:
        flow = (await response.json())["flow_id"]
    answer = {"client_id": client_id, "username": username, "password": password}
    async with http.post(f"/auth/login_flow/{flow}", json=answer) as response:
        step = await response.json()
    if step["type"] != "create_entry":
        return None
    code = {"grant_type": "authorization_code", "code": step["result"], "client_id": client_id}
    async with http.post("/auth/token", data=code) as response:
        return str((await response.json())["access_token"])


@pytest_asyncio.fixture(loop_scope="module")
async def ben(client: Client) -> AsyncIterator[dict[str, Any]]:
    """A user who can log in, gone after the test."""
    created = await client.result(
        "hearth/user/create", name="Ben", role="user", username="ben", password="ben's own", language="zh-Hans"
    )
    yield created["user"]
    await client.ask("config/auth/delete", user_id=created["user"]["id"])


async def error(client: Client, command: str, **fields: Any) -> str:
    """Send a command that must fail; return the error's code."""
    answer = await client.ask(command, **fields)
    assert not answer["success"], answer
    return str(answer["error"]["code"])


async def test_a_user_made_as_home_assistant_does_can_log_in(client: Client, http: aiohttp.ClientSession) -> None:
    created = (await client.result("config/auth/create", name="Ada", group_ids=["system-admin"]))["user"]
    assert set(created) == ROW
    assert (created["role"], created["username"], created["credentials"]) == ("admin", None, [])
    names = {"user_id": created["id"], "username": "Ada", "password": "ada's own"}
    assert await client.result(f"{PROVIDER}/create", **names) is None
    rows = {row["id"]: row for row in await client.result("config/auth/list")}
    assert rows[created["id"]]["username"] == "ada"
    assert rows[created["id"]]["credentials"] == [{"type": "homeassistant"}]
    assert await log_in(http, "ada", "ada's own")
    await client.result(f"{PROVIDER}/delete", username="ada")
    assert await log_in(http, "ada", "ada's own") is None
    assert await client.result("config/auth/delete", user_id=created["id"]) is None
    assert created["id"] not in {row["id"] for row in await client.result("config/auth/list")}


async def test_groups_and_roles_mean_the_same(client: Client, ben: dict[str, Any]) -> None:
    for change, role, group in (
        ({"group_ids": ["system-read-only"]}, "guest", "system-read-only"),
        ({"role": "service"}, None, None),
        ({"group_ids": ["system-users", "system-admin"]}, "admin", "system-admin"),
        ({"role": "user"}, "user", "system-users"),
    ):
        command = "hearth/user/update" if "role" in change else "config/auth/update"
        answer = await client.ask(command, user_id=ben["id"], **change)
        if role is None:
            assert answer["error"]["code"] == "invalid_format"  # who has a password is no program
            continue
        row = answer["result"]["user"]
        assert (row["role"], row["group_ids"]) == (role, [group])


async def test_a_program_stays_one_when_home_assistant_s_screen_saves_it(client: Client) -> None:
    robot = (await client.result("hearth/user/create", name="Robot", role="service", capabilities=HALL))["user"]
    assert (robot["system_generated"], robot["capabilities"]) == (True, HALL)
    saved = await client.result("config/auth/update", user_id=robot["id"], name="Robbie", group_ids=robot["group_ids"])
    assert saved["user"] == {**robot, "name": "Robbie"}
    names = {"user_id": robot["id"], "username": "robot", "password": "robot's own"}
    assert await error(client, f"{PROVIDER}/create", **names) == "system_generated"


async def test_a_program_s_tokens_are_made_listed_and_ended(
    client: Client, http: aiohttp.ClientSession, ben: dict[str, Any]
) -> None:
    robot = (await client.result("hearth/user/create", name="Node-RED", role="service"))["user"]
    whose = {"user_id": robot["id"]}
    token = await client.result("hearth/user/token/create", **whose, client_name="flows", lifespan=30)
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get("/api/", headers=headers) as response:
        assert response.status == 200
    (row,) = await client.result("hearth/user/token/list", **whose)
    assert (row["client_name"], row["type"]) == ("flows", "long_lived_access_token")
    await client.result("hearth/user/token/delete", **whose, token_id=row["id"])
    async with http.get("/api/", headers=headers) as response:
        assert response.status == 401
    assert await error(client, "hearth/user/token/create", user_id=ben["id"], client_name="his") == "invalid_format"


async def test_capabilities_are_set_and_cleared(client: Client, ben: dict[str, Any]) -> None:
    change = {"user_id": ben["id"], "role": "guest", "capabilities": HALL}
    assert (await client.result("hearth/user/update", **change))["user"]["capabilities"] == HALL
    looking = [{"action": None, "area": ["hall"]}]
    changed = await client.result("hearth/user/update", user_id=ben["id"], capabilities=looking)
    assert changed["user"]["capabilities"] == looking
    raised = await client.result("hearth/user/update", user_id=ben["id"], role="admin")
    assert raised["user"]["capabilities"] is None
    for wrong in ([{"area": "hall"}], [{"action": "everything"}], "*", HALL):
        assert await error(client, "hearth/user/update", user_id=ben["id"], capabilities=wrong) == "invalid_format"


async def test_the_owner_is_kept_from_admins_and_from_being_locked_out(
    home: RunningHub, client: Client, http: aiohttp.ClientSession
) -> None:
    owner = next(row for row in await client.result("config/auth/list") if row["is_owner"])
    assert await error(client, "config/auth/delete", user_id=owner["id"]) == "no_delete_self"
    assert await error(client, "config/auth/update", user_id=owner["id"], is_active=False) == "cannot_deactivate_owner"
    assert await error(client, "hearth/user/update", user_id=owner["id"], role="user") == "invalid_format"
    assert await error(client, f"{PROVIDER}/delete", username="owner") == "unauthorized"
    created = await client.result("hearth/user/create", name="Eve", role="admin", username="eve", password="eve's own")
    async with http.ws_connect("/api/websocket") as socket:
        eve = await login(socket, await log_in(http, "eve", "eve's own") or "")
        password = {"user_id": owner["id"], "password": "taken over"}
        assert await error(eve, f"{PROVIDER}/admin_change_password", **password) == "unauthorized"
        assert await error(eve, "config/auth/update", user_id=owner["id"], name="Nobody") == "unauthorized"
        assert await error(eve, "config/auth/delete", user_id=owner["id"]) == "unauthorized"
    await client.result("config/auth/delete", user_id=created["user"]["id"])


async def test_what_there_is_not_has_home_assistant_s_codes(client: Client, ben: dict[str, Any]) -> None:
    none = {"user_id": "none"}
    password = {"password": "long enough"}
    robot = (await client.result("hearth/user/create", name="Bot", role="service"))["user"]
    for command, fields, code in (
        ("config/auth/update", none, "not_found"),
        ("config/auth/delete", none, "not_found"),
        ("config/auth/update", {"user_id": ben["id"], "local_only": True}, "invalid_format"),
        ("config/auth/update", {"user_id": ben["id"], "group_ids": ["wizards"]}, "invalid_format"),
        (f"{PROVIDER}/create", {**none, "username": "x", **password}, "not_found"),
        (f"{PROVIDER}/create", {"user_id": ben["id"], "username": "benny", **password}, "invalid_format"),
        (f"{PROVIDER}/delete", {"username": "nobody"}, "auth_not_found"),
        (f"{PROVIDER}/admin_change_password", {**none, **password}, "user_not_found"),
        (f"{PROVIDER}/admin_change_password", {"user_id": robot["id"], **password}, "credentials_not_found"),
        (f"{PROVIDER}/admin_change_password", {"user_id": ben["id"], "password": "short"}, "invalid_format"),
        (f"{PROVIDER}/admin_change_username", {"user_id": ben["id"], "username": "owner"}, "invalid_format"),
        ("hearth/user/create", {"name": "X", "role": "owner"}, "invalid_format"),
        ("hearth/user/create", {"name": "X", "role": "user", "username": "x"}, "invalid_format"),
    ):
        assert await error(client, command, **fields) == code, command


async def test_another_password_from_an_admin_ends_sessions(
    client: Client, http: aiohttp.ClientSession, ben: dict[str, Any]
) -> None:
    async with http.ws_connect("/api/websocket") as socket:
        session = await login(socket, await log_in(http, "ben", "ben's own") or "")
        names = {"user_id": ben["id"], "password": "another one"}
        await client.result(f"{PROVIDER}/admin_change_password", **names)
        assert (await session.socket.receive(timeout=15)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert await log_in(http, "ben", "ben's own") is None
    await client.result(f"{PROVIDER}/admin_change_username", user_id=ben["id"], username="benjamin")
    assert await log_in(http, "benjamin", "another one")


async def test_everybody_changes_their_own_password(http: aiohttp.ClientSession, ben: dict[str, Any]) -> None:
    async with http.ws_connect("/api/websocket") as socket:
        me = await login(socket, await log_in(http, "ben", "ben's own") or "")
        change = f"{PROVIDER}/change_password"
        guess = {"current_password": "a guess", "new_password": "another one"}
        assert await error(me, change, **guess) == "invalid_current_password"
        weak = {"current_password": "ben's own", "new_password": "short"}
        assert await error(me, change, **weak) == "invalid_format"
        await me.result(change, current_password="ben's own", new_password="another one")
        mine = await me.result("auth/current_user")
        assert (mine["role"], mine["capabilities"], mine["is_admin"]) == ("user", None, False)
    assert await log_in(http, "ben", "another one")


async def test_admins_hear_of_changes(client: Client, ben: dict[str, Any]) -> None:
    await client.result("subscribe_events", event_type="user_updated")
    await client.result("config/auth/update", user_id=ben["id"], name="Benjamin")
    assert (await client.event())["event"]["data"] == {"user_id": ben["id"]}
