"""Who may use which route, command and subscription: for each of them, tried over a running hub, against what it declares."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from hub.core.callers import Capability
from hub.security import Role
from hub.server.needs import Needs
from hub.server.web import COMMANDS, ROUTES
from hub.server.websocket.subscriptions import SUBSCRIPTIONS
from hub.testing import RunningHub
from tests.server.conftest import Client, login

pytestmark = pytest.mark.asyncio(loop_scope="module")

Grants = tuple[Capability, ...] | None
PEOPLE: Mapping[str, tuple[Role, Grants]] = {
    "owner": (Role.OWNER, None),
    "admin": (Role.ADMIN, None),
    "user": (Role.USER, None),
    "limited user": (Role.USER, (Capability(areas=("hall",)),)),
    "guest": (Role.GUEST, (Capability(areas=("hall",)),)),
    "guest of the whole house": (Role.GUEST, (Capability(),)),
    "guest without a grant": (Role.GUEST, None),
    "program": (Role.SERVICE, (Capability(),)),
    "limited program": (Role.SERVICE, (Capability(domains=("light",)),)),
}
EVERYBODY = frozenset(PEOPLE)
TABLE: Mapping[Needs, frozenset[str]] = {
    Needs.NOTHING: EVERYBODY | {"a stranger"},
    Needs.LINK: EVERYBODY,
    Needs.LOGIN: EVERYBODY,
    Needs.HOUSE: frozenset({"owner", "admin", "user", "program"}),
    Needs.MODEL: frozenset({"owner", "admin", "user", "program", "guest of the whole house"}),
    Needs.ADMIN: frozenset({"owner", "admin"}),
}
"""Who may use what needs that."""
UNLISTED = ("*", "call_service", "automation_triggered", "user_added", "state_reported", "anything_else")
REFUSED = {"code": "unauthorized", "message": "Unauthorized"}
_PLACES = {"entity_id": "light.none", "start": "2026-01-01T00:00:00Z", "domain": "light", "service": "turn_on"}


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the people, with a token."""

    name: str
    token: str | None

    @property
    def headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(home: RunningHub) -> AsyncIterator[Mapping[str, Somebody]]:
    auth, found = home.hub.auth, {"owner": Somebody("owner", home.token), "a stranger": Somebody("a stranger", None)}
    for name, (role, grants) in PEOPLE.items():
        if role is not Role.OWNER:
            user = await auth.users.add(name=name, username=None, password=None, role=role, capabilities=grants)
            found[name] = Somebody(name, await auth.create_long_lived(user.user_id, name))
    yield found


@pytest_asyncio.fixture(loop_scope="module")
async def speaker(
    request: pytest.FixtureRequest, people: Mapping[str, Somebody], http: aiohttp.ClientSession
) -> AsyncIterator[tuple[str, Client]]:
    name = request.param
    async with http.ws_connect("/api/websocket") as socket:
        yield name, await login(socket, people[name].token or "")


async def test_everything_declares_what_it_needs(home: RunningHub) -> None:
    app = home.hub.application
    silent = [f"{route.method} {route.path}" for route in app[ROUTES] if route.needs is None]
    silent += [name for name, command in app[COMMANDS].items() if command.needs is None]
    assert silent == [], "say needs=Needs... next to each: without it only owner and admins may use it"
    assert not [name for name, command in app[COMMANDS].items() if command.needs in (Needs.NOTHING, Needs.LINK)]


@pytest.mark.parametrize("speaker", PEOPLE, indirect=True)
async def test_each_command_answers_whom_it_says(home: RunningHub, speaker: tuple[str, Client]) -> None:
    name, client = speaker
    wrong = []
    for command in home.hub.application[COMMANDS].values():
        fields = {"event_type": "state_changed"} if command.name == "subscribe_events" else {}
        answer = await client.ask(command.name, **fields)
        refused = answer.get("error") == REFUSED
        if refused == (name in TABLE[command.needs or Needs.ADMIN]):
            wrong.append((command.name, command.needs, answer))
    assert wrong == []


@pytest.mark.parametrize("speaker", PEOPLE, indirect=True)
async def test_each_type_of_event_may_be_followed_by_whom_it_says(speaker: tuple[str, Client]) -> None:
    name, client = speaker
    allowed = {type_: subscription.needs for type_, subscription in SUBSCRIPTIONS.items()}
    for type_ in (*SUBSCRIPTIONS, *UNLISTED):
        answer = await client.ask("subscribe_events", event_type=type_)
        assert answer["success"] == (name in TABLE[allowed.get(type_, Needs.ADMIN)]), (type_, answer)
    everything = await client.ask("subscribe_events")
    assert everything["success"] == (name in TABLE[Needs.ADMIN])


@pytest.mark.parametrize("name", [*PEOPLE, "a stranger"])
async def test_each_route_answers_whom_it_says(
    home: RunningHub, http: aiohttp.ClientSession, people: Mapping[str, Somebody], name: str
) -> None:
    wrong = []
    for route in home.hub.application[ROUTES]:
        path = re.sub(r"\{(\w+)[^}]*\}", lambda place: _PLACES.get(place[1], "x"), route.path)
        async with http.request(route.method, path, headers=people[name].headers) as response:
            refused = response.status == 401 or (route.needs is Needs.MODEL and response.status == 403)
        if refused == (name in TABLE[route.needs or Needs.ADMIN]):
            wrong.append((route.method, path, route.needs, response.status))
    assert wrong == []


async def test_a_path_of_the_api_that_is_no_route_needs_a_login(
    http: aiohttp.ClientSession, people: Mapping[str, Somebody]
) -> None:
    for name, status in (("a stranger", 401), ("guest", 404), ("owner", 404)):
        async with http.get("/api/nothing", headers=people[name].headers) as response:
            assert response.status == status, name
    await asyncio.sleep(0)
