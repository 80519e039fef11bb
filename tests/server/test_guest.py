"""A guest of one room: what they see and do over a running hub, by WebSocket, REST, MQTT and in words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from hub.core.callers import Capability
from hub.security import Role, User
from hub.testing import RunningHub
from tests.server.conftest import Client, login

pytestmark = pytest.mark.asyncio(loop_scope="module")

HALL, BEDROOM = "input_boolean.hall_lamp", "input_boolean.bedroom_lamp"
LAMPS = {"hall": HALL, "bedroom": BEDROOM}
EPOCH = "2020-01-01T00:00:00Z"
ACCEPTED, NOT_AUTHORIZED = 0, 5


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(home: RunningHub) -> AsyncIterator[RunningHub]:
    """Two rooms on two floors, a lamp in each, and something that is nowhere."""
    registries = home.hub.registries
    for room, lamp in LAMPS.items():
        floor = registries.floors.create(name=f"{room} floor")
        registries.areas.create(name=room.title(), floor_id=floor.floor_id)
        home.hub.virtual.collections["input_boolean"].create({"name": f"{room.title()} lamp"})
        registries.entities.update(lamp, area_id=room)
    yield home


@pytest_asyncio.fixture(loop_scope="module")
async def guest(house: RunningHub) -> AsyncIterator[User]:
    grants = (Capability(areas=("hall",)),)
    users = house.hub.auth.users
    user = await users.add(name="Gus", username=None, password=None, role=Role.GUEST, capabilities=grants)
    yield user
    await house.hub.auth.remove_user(user.user_id)


@pytest_asyncio.fixture(loop_scope="module")
async def token(house: RunningHub, guest: User) -> str:
    return await house.hub.auth.create_long_lived(guest.user_id, "phone")


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(http: aiohttp.ClientSession, token: str) -> AsyncIterator[Client]:
    """The guest's connection."""
    async with http.ws_connect("/api/websocket") as socket:
        yield await login(socket, token)


@pytest.fixture
def rest(http: aiohttp.ClientSession, token: str) -> Any:
    """Fetch a path as the guest: status and JSON."""

    async def fetch(path: str, method: str = "GET", **options: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with http.request(method, path, headers=headers, **options) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text())

    return fetch


async def switch(house: RunningHub, *lamps: str) -> None:
    """Let the owner switch lamps."""
    async with aiohttp.ClientSession(house.url, headers=house.headers) as session:
        for lamp in lamps:
            async with session.post("/api/services/input_boolean/toggle", json={"entity_id": lamp}) as response:
                assert response.status == 200


async def test_lists_hold_their_room_alone(house: RunningHub, visitor: Client) -> None:
    assert {state["entity_id"] for state in await visitor.result("get_states")} == {HALL}
    overview = await visitor.result("hearth/overview")
    assert [row["entity_id"] for row in overview["entities"]] == [HALL]
    assert [row["area_id"] for row in overview["areas"]] == ["hall"]
    assert [row["floor_id"] for row in overview["floors"]] == ["hall_floor"]
    assert overview["devices"] == []
    for command, key, expected in (
        ("config/entity_registry/list", "entity_id", [HALL]),
        ("config/area_registry/list", "area_id", ["hall"]),
        ("config/floor_registry/list", "floor_id", ["hall_floor"]),
        ("config/label_registry/list", "label_id", []),
        ("config/device_registry/list", "id", []),
    ):
        assert [row[key] for row in await visitor.result(command)] == expected, command
    shown = await visitor.result("config/entity_registry/list_for_display")
    assert [row["ei"] for row in shown["entities"]] == [HALL]
    assert list(await visitor.result("entity/source")) == [HALL]
    for entity_id in (BEDROOM, "input_boolean.none"):
        answer = await visitor.ask("config/entity_registry/get", entity_id=entity_id)
        assert answer["error"]["code"] == "not_found"


async def test_the_past_holds_their_room_alone(house: RunningHub, visitor: Client, rest: Any) -> None:
    await switch(house, HALL, BEDROOM)
    await house.hub.recorder.flush()
    fields = {"start_time": EPOCH, "entity_ids": [HALL, BEDROOM]}
    assert set(await visitor.result("history/history_during_period", **fields)) == {HALL}
    for narrowed in ({}, {"entity_ids": [HALL, BEDROOM]}):
        rows = await visitor.result("logbook/get_events", start_time=EPOCH, **narrowed)
        assert {row.get("entity_id") for row in rows} == {HALL}
        assert not {key for row in rows for key in row if key.startswith("context_")}
    _, past = await rest(f"/api/history/period?filter_entity_id={HALL},{BEDROOM}")
    assert {row["entity_id"] for rows in past for row in rows} == {HALL}
    _, told = await rest("/api/logbook")
    assert {row.get("entity_id") for row in told} == {HALL}


async def test_rest_shows_their_room_alone(house: RunningHub, rest: Any) -> None:
    status, states = await rest("/api/states")
    assert (status, [state["entity_id"] for state in states]) == (200, [HALL])
    assert (await rest(f"/api/states/{HALL}"))[0] == 200
    assert await rest(f"/api/states/{BEDROOM}") == await rest("/api/states/input_boolean.none")
    assert (await rest(f"/api/camera_proxy/{BEDROOM}"))[0] == 404


async def test_changes_elsewhere_are_not_told(house: RunningHub, visitor: Client) -> None:
    await visitor.result("subscribe_entities")
    assert set((await visitor.event())["event"]["a"]) == {HALL}
    await visitor.result("subscribe_events", event_type="state_changed")
    await visitor.result("history/stream", start_time=EPOCH, entity_ids=[HALL, BEDROOM])
    await visitor.result("logbook/event_stream", start_time=EPOCH)
    await switch(house, BEDROOM, HALL)
    kinds: set[str] = set()
    while kinds < {"c", "event_type", "states", "events"}:
        event = (await visitor.event())["event"]
        assert BEDROOM not in str(event)
        kinds |= set(event)


async def test_what_moves_comes_into_view_and_leaves_it(house: RunningHub, visitor: Client) -> None:
    entities = house.hub.registries.entities
    await visitor.result("subscribe_entities")
    assert set((await visitor.event())["event"]["a"]) == {HALL}
    entities.update(BEDROOM, area_id="hall")
    assert set((await visitor.event())["event"]["a"]) == {BEDROOM}
    entities.update(BEDROOM, area_id="bedroom")
    await switch(house, BEDROOM)
    assert (await visitor.event())["event"] == {"r": [BEDROOM]}


async def test_they_act_in_their_room_alone(house: RunningHub, visitor: Client, rest: Any) -> None:
    call: dict[str, Any] = {"domain": "input_boolean", "service": "turn_on"}
    await visitor.result("call_service", **call, target={"entity_id": HALL})
    for hidden in (BEDROOM, "input_boolean.none"):
        answer = await visitor.ask("call_service", **call, target={"entity_id": hidden})
        assert answer["error"]["code"] == "unauthorized"
        assert (await rest("/api/services/input_boolean/turn_on", "POST", json={"entity_id": hidden}))[0] == 403
        answer = await visitor.ask(
            "call_service", domain="homeassistant", service="turn_on", target={"entity_id": hidden}
        )
        assert answer.get("error", {}).get("code") == "unauthorized"
    before = house.hub.states.get(BEDROOM)
    for target in ({"entity_id": "all"}, {"area_id": ["hall", "bedroom"]}):
        await visitor.result("call_service", domain="homeassistant", service="turn_off", target=target)
        hall = house.hub.states.get(HALL)
        assert hall is not None
        assert hall.state == "off"
        await visitor.result("call_service", **call, target={"entity_id": HALL})
    assert house.hub.states.get(BEDROOM) is before


async def test_a_guest_who_may_only_look_does_nothing(house: RunningHub, http: aiohttp.ClientSession) -> None:
    auth = house.hub.auth
    grants = (Capability(action="", areas=("hall",)),)
    user = await auth.users.add(name="Lou", username=None, password=None, role=Role.GUEST, capabilities=grants)
    async with http.ws_connect("/api/websocket") as socket:
        client = await login(socket, await auth.create_long_lived(user.user_id, "phone"))
        assert [state["entity_id"] for state in await client.result("get_states")] == [HALL]
        answer = await client.ask("call_service", domain="input_boolean", service="toggle", target={"entity_id": HALL})
        assert answer["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(("room", "outcome"), [("hall", "action_done"), ("bedroom", "error")])
async def test_in_words_they_reach_their_room_alone(
    house: RunningHub, visitor: Client, room: str, outcome: str
) -> None:
    lamp, domain = LAMPS[room], "input_boolean"
    for entity_id in LAMPS.values():
        async with aiohttp.ClientSession(house.url, headers=house.headers) as session:
            await session.post(f"/api/services/{domain}/turn_off", json={"entity_id": entity_id})
    answer = await visitor.result("conversation/process", text=f"turn on the {room} lamp", language="en")
    assert answer["response"]["response_type"] == outcome, answer
    state = house.hub.states.get(lamp)
    assert state is not None
    assert (state.state == "on") == (outcome == "action_done")
    assert BEDROOM not in str(answer)


async def test_other_capabilities_are_in_force_at_once(
    house: RunningHub, guest: User, token: str, visitor: Client, client: Client, http: aiohttp.ClientSession
) -> None:
    grants = [{"action": "*", "area": ["bedroom"]}]
    await client.result("hearth/user/update", user_id=guest.user_id, capabilities=grants)
    assert (await visitor.socket.receive(timeout=15)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    async with http.ws_connect("/api/websocket") as socket:
        again = await login(socket, token)
        assert [state["entity_id"] for state in await again.result("get_states")] == [BEDROOM]
        assert (await again.result("auth/current_user"))["capabilities"] == grants


async def test_whoever_is_put_out_of_action_is_out_at_once(
    house: RunningHub, guest: User, token: str, visitor: Client, client: Client, http: aiohttp.ClientSession, rest: Any
) -> None:
    await client.result("config/auth/update", user_id=guest.user_id, is_active=False)
    assert (await visitor.socket.receive(timeout=15)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    assert (await rest("/api/states"))[0] == 401
    async with http.ws_connect("/api/websocket") as socket:
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": token})
        assert (await socket.receive_json())["type"] == "auth_invalid"


async def mqtt_answer(house: RunningHub, token: str) -> int:
    """Return what the hub's MQTT endpoint answers somebody who connects with a token."""
    payload = b"".join(len(part).to_bytes(2, "big") + part for part in (b"a", b"any", token.encode()))
    body = b"\x00\x04MQTT\x04\xc2\x00\x3c" + payload
    reader, writer = await asyncio.open_connection("127.0.0.1", house.hub.port)
    try:
        writer.write(bytes([0x10, len(body)]) + body)
        async with asyncio.timeout(15):
            return (await reader.readexactly(4))[3]
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("role", "grants", "answer"),
    [
        (Role.ADMIN, None, ACCEPTED),
        (Role.USER, None, NOT_AUTHORIZED),
        (Role.GUEST, (Capability(),), NOT_AUTHORIZED),
        (Role.SERVICE, (Capability(),), NOT_AUTHORIZED),
        (Role.SERVICE, (Capability(action="mqtt.connect"),), ACCEPTED),
    ],
)
async def test_mqtt_reaches_every_device_and_so_needs_an_admin_or_a_grant(
    house: RunningHub, role: Role, grants: tuple[Capability, ...] | None, answer: int
) -> None:
    auth = house.hub.auth
    user = await auth.users.add(name="Max", username=None, password=None, role=role, capabilities=grants)
    assert await mqtt_answer(house, await auth.create_long_lived(user.user_id, "mqtt")) == answer
