from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from hub.core.context import Context
from hub.server.websocket.connection import HA_VERSION
from hub.testing import RunningHub
from tests.server.conftest import Client, login

pytestmark = pytest.mark.asyncio(loop_scope="module")


def put(home: RunningHub, entity_id: str, state: str, **attributes: Any) -> None:
    home.hub.states.set(entity_id, state, attributes, context=Context("test"))


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ({"type": "auth", "access_token": "wrong"}, "Invalid access token or password"),
        ({"type": "get_states"}, "Auth message incorrectly formatted: "),
        ({"type": "auth", "access_token": "x", "id": 1}, "Auth message incorrectly formatted: extra keys not allowed"),
        ("no json", "Auth message incorrectly formatted"),
        (["auth"], "Auth message incorrectly formatted"),
    ],
)
async def test_a_wrong_first_message_is_refused_and_the_socket_closed(
    http: aiohttp.ClientSession, message: Any, answer: str
) -> None:
    async with http.ws_connect("/api/websocket") as socket:
        assert await socket.receive_json() == {"type": "auth_required", "ha_version": HA_VERSION}
        await socket.send_str(message if isinstance(message, str) else orjson.dumps(message).decode())
        refused = await socket.receive_json()
        assert refused["type"] == "auth_invalid"
        assert refused["message"].startswith(answer)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1000


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"id": 5, "type": "nope/unknown"}, "unknown_command"),
        ({"id": 5, "type": "get_states", "extra": 1}, "invalid_format"),
        ({"id": 5, "type": "call_service", "domain": "light"}, "invalid_format"),
        ({"id": 5, "type": "call_service", "domain": "light", "service": "nope"}, "not_found"),
        ({"id": 5, "type": "call_service", "domain": "light", "service": "turn_on", "service_data": {"nokey": 1}}, "invalid_format"),
        ({"id": 5, "type": "unsubscribe_events", "subscription": 77}, "not_found"),
        ({"id": 5, "type": "config/entity_registry/get", "entity_id": "light.none"}, "not_found"),
        ({"id": 5, "type": "config/area_registry/create", "name": " "}, "invalid_format"),
        ({"id": 5, "type": "render_template", "template": "{{ 1 +"}, "template_error"),
        ({"id": 5, "type": "history/history_during_period", "start_time": "soon", "entity_ids": ["a.b"]}, "invalid_format"),
        ({"id": 5, "type": "fire_event", "event_type": "state_changed", "event_data": {"entity_id": "a.b"}}, "invalid_format"),
        ({"id": 5, "type": "trace/get", "domain": "automation", "item_id": "a", "run_id": "b"}, "not_found"),
    ],
)  # fmt: skip
async def test_errors_have_home_assistants_codes(client: Client, message: dict[str, Any], code: str) -> None:
    await client.socket.send_json(message)
    answer = await client.receive()
    assert (answer["id"], answer["success"], answer["error"]["code"]) == (5, False, code)


async def test_ids_must_increase(client: Client) -> None:
    await client.socket.send_json({"id": 5, "type": "ping"})
    await client.socket.send_json({"id": 5, "type": "ping"})
    assert await client.receive() == {"id": 5, "type": "pong"}
    error = {"code": "id_reuse", "message": "Identifier values have to increase."}
    assert await client.receive() == {"id": 5, "type": "result", "success": False, "error": error}


async def test_states_come_whole_and_then_as_differences(home: RunningHub, client: Client) -> None:
    put(home, "light.a", "off", brightness=5, effect="x")
    answer = await client.ask("subscribe_entities", entity_ids=["light.a"])
    assert answer["result"] is None
    first = (await client.event())["event"]["a"]["light.a"]
    assert (first["s"], first["a"]) == ("off", {"brightness": 5, "effect": "x"})
    assert set(first) == {"s", "a", "c", "lc"}
    put(home, "light.b", "on")
    put(home, "light.a", "on", brightness=7)
    change = (await client.event())["event"]["c"]["light.a"]
    assert change["+"]["s"] == "on"
    assert change["+"]["a"] == {"brightness": 7}
    assert change["-"] == {"a": ["effect"]}
    assert "lc" in change["+"]
    home.hub.states.remove("light.a", context=Context("test"))
    assert (await client.event())["event"] == {"r": ["light.a"]}


async def test_with_max_hz_changes_are_merged_for_each_entity(home: RunningHub, client: Client) -> None:
    put(home, "sensor.a", "0")
    await client.ask("subscribe_entities", max_hz=20)
    await client.event()
    for number in range(50):
        put(home, "sensor.a", str(number))
        put(home, "sensor.b", str(number))
    event = (await client.event())["event"]
    assert event["c"]["sensor.a"]["+"]["s"] == "49"
    assert event["a"]["sensor.b"]["s"] == "49"


async def test_messages_are_coalesced_only_for_clients_that_ask(home: RunningHub, client: Client) -> None:
    await client.ask("supported_features", features={"coalesce_messages": 1})
    await client.ask("subscribe_entities")
    await client.event()
    for number in range(5):
        put(home, f"sensor.n{number}", "1")
    batch = await client.socket.receive_json()
    assert isinstance(batch, list)
    assert len(batch) == 5


async def test_a_client_may_ask_for_several_things_at_once(client: Client) -> None:
    await client.socket.send_json([{"id": 1, "type": "ping"}, {"id": 2, "type": "ping"}])
    assert [(await client.receive())["id"], (await client.receive())["id"]] == [1, 2]


async def test_events_are_forwarded_until_the_client_has_enough(home: RunningHub, client: Client) -> None:
    await client.result("subscribe_events", event_type="lab_event")
    context = (await client.result("fire_event", event_type="lab_event", event_data={"a": 1}))["context"]
    event = (await client.event())["event"]
    assert (event["event_type"], event["data"], event["context"], event["origin"]) == (
        "lab_event",
        {"a": 1},
        context,
        "LOCAL",
    )
    await client.result("unsubscribe_events", subscription=1)
    await client.result("fire_event", event_type="lab_event")
    assert client.events == []


async def test_a_template_is_rendered_and_rendered_again_when_it_changes(home: RunningHub, client: Client) -> None:
    put(home, "sensor.a", "1")
    await client.result("render_template", template="{{ states('sensor.a') }} {{ now().year > 2000 }}")
    event = (await client.event())["event"]
    assert event["result"] == "1 True"
    assert event["listeners"] == {"all": False, "entities": ["sensor.a"], "domains": [], "time": True}
    put(home, "sensor.a", "2")
    assert (await client.event())["event"]["result"] == "2 True"


async def test_a_template_error_is_an_event_before_the_result_where_asked(client: Client) -> None:
    await client.result("render_template", template="{{ 1 +", report_errors=True)
    event = (await client.event())["event"]
    assert event["level"] == "ERROR"
    assert event["error"]


async def test_garbage_ends_the_connection_and_no_other(
    home: RunningHub, http: aiohttp.ClientSession, client: Client
) -> None:
    async with http.ws_connect("/api/websocket") as socket:
        other = await login(socket, home.token)
        await other.socket.send_str("{not json")
        assert (await other.socket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert (await client.ask("ping"))["type"] == "pong"


@pytest.mark.parametrize(
    "message", [{"type": "ping"}, {"id": "x", "type": "ping"}, {"id": 3}, 7, {"id": True, "type": "ping"}]
)
async def test_a_message_without_id_or_type_is_answered_with_an_error(client: Client, message: Any) -> None:
    await client.socket.send_json(message)
    assert (await client.receive())["error"]["code"] == "invalid_format"


async def test_a_frame_that_is_too_large_ends_the_connection(home: RunningHub, client: Client) -> None:
    await client.socket.send_str('{"id":1,"type":"ping","x":"' + "y" * (2 << 20) + '"}')
    assert (await client.socket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert home.hub.port


async def test_a_client_that_does_not_read_is_dropped(home: RunningHub, client: Client) -> None:
    await client.ask("subscribe_entities")
    await client.event()
    for number in range(5000):  # more than may wait, with no turn of the loop for the writer
        put(home, "sensor.a", str(number))
    async with asyncio.timeout(15):
        while (message := await client.socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)


async def test_revoking_a_token_closes_its_sockets(home: RunningHub, http: aiohttp.ClientSession) -> None:
    owner = home.hub.auth.users.owner()
    assert owner is not None
    token = await home.hub.auth.create_long_lived(owner.user_id, "phone", 1)
    async with http.ws_connect("/api/websocket") as socket:
        phone = await login(socket, token)
        await home.hub.auth.revoke(token)
        assert (await phone.socket.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    async with http.ws_connect("/api/websocket") as socket:
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        assert (await socket.receive_json())["type"] == "auth_invalid"


async def test_places_are_made_changed_and_removed(home: RunningHub, client: Client) -> None:
    floor = await client.result("config/floor_registry/create", name="Upstairs", level=1, aliases=["楼上"])
    area = await client.result("config/area_registry/create", name="Study", floor_id=floor["floor_id"])
    assert (floor["floor_id"], area["area_id"], area["aliases"]) == ("upstairs", "study", [])
    changed = await client.result("config/area_registry/update", area_id="study", icon="mdi:desk")
    assert changed["icon"] == "mdi:desk"
    assert [row["name"] for row in await client.result("config/area_registry/list")] == ["Study"]
    overview = await client.result("hearth/overview")
    assert overview["floors"] == [{"floor_id": "upstairs", "name": "Upstairs", "level": 1, "icon": None}]
    await client.result("config/area_registry/delete", area_id="study")
    assert await client.result("config/area_registry/list") == []


async def test_get_config_and_the_user_are_those_of_the_hub(home: RunningHub, client: Client) -> None:
    config = await client.result("get_config")
    assert (config["location_name"], config["state"], config["version"]) == ("Home", "RUNNING", HA_VERSION)
    user = await client.result("auth/current_user")
    assert (user["name"], user["is_owner"], user["is_admin"]) == ("Test owner", True, True)


async def test_a_long_lived_token_is_made_listed_and_works(
    home: RunningHub, http: aiohttp.ClientSession, client: Client
) -> None:
    token = await client.result("auth/long_lived_access_token", client_name="panel", lifespan=10)
    listed = await client.result("auth/refresh_tokens")
    assert "panel" in [row["client_name"] for row in listed]
    assert token not in orjson.dumps(listed).decode()
    async with http.ws_connect("/api/websocket") as socket:
        await login(socket, token)


async def test_the_installed_integrations_are_listed_with_their_status(client: Client) -> None:
    rows = {row["name"]: row for row in await client.result("hearth/integration/list")}
    assert rows["mqtt"]["status"] == "loaded"
