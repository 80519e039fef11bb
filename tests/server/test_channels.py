"""The commands on chat channels, as the dashboard uses them; the live way through a messenger is tested with XMPP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from hub.adapters.interfaces import AdapterHost, ConfigEntry, Integration, Message
from hub.adapters.manifest import Manifest
from hub.security import Role
from hub.testing import RunningHub
from tests.server.conftest import Client, login

pytestmark = pytest.mark.asyncio(loop_scope="module")
COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("hearth/channel/list", {}),
    ("hearth/channel/subscribe", {}),
    ("hearth/channel/pairing/list", {}),
    ("hearth/channel/pairing/confirm", {"code": "ABCDEFGH", "guest": True}),
    ("hearth/channel/pairing/reject", {"pairing_id": "x"}),
    ("hearth/channel/sender/list", {}),
    ("hearth/channel/sender/remove", {"sender_id": "x"}),
)


class Postbox:
    """The adapter of a chat channel: what the hub sends waits in it."""

    def __init__(self) -> None:
        self.host: AdapterHost | None = None
        self.sent: asyncio.Queue[Message] = asyncio.Queue()

    async def run(self, host: AdapterHost) -> None:
        self.host = host
        host.connected(True)
        await asyncio.Event().wait()

    async def send_message(self, message: Message) -> bool:
        self.sent.put_nowait(message)
        return True

    async def code(self, sender: str) -> str:
        """Write to the hub as a stranger; return the code."""
        assert self.host is not None
        self.host.message(Message(conversation=sender, sender=sender, text="hello"))
        async with asyncio.timeout(15):
            return (await self.sent.get()).text.rpartition(" ")[2]


@pytest_asyncio.fixture(loop_scope="module")
async def postbox(home: RunningHub) -> AsyncIterator[Postbox]:
    box = Postbox()
    manifest = Manifest(domain="postbox", name="Postbox", version="1", api=(1, 1))
    entry = ConfigEntry(entry_id="postbox", integration="postbox", title="Postbox")
    home.hub.supervisor.start(Integration(manifest=manifest, make=lambda _: box), entry)
    await home.until(lambda: box.host is not None)
    yield box
    await home.hub.supervisor.stop("postbox")
    home.hub.channels.entrance.forget("postbox")


@pytest.mark.parametrize(("command", "fields"), COMMANDS)
async def test_only_owner_and_admins_may(
    home: RunningHub, http: aiohttp.ClientSession, command: str, fields: dict[str, Any]
) -> None:
    users = home.hub.auth.users
    user = users.named("user") or await users.add(name="User", username="user", password=None, role=Role.USER)
    token = await home.hub.auth.create_long_lived(user.user_id, command)
    async with http.ws_connect("/api/websocket") as socket:
        answer = await (await login(socket, token)).ask(command, **fields)
    assert answer["error"]["code"] == "unauthorized"


async def test_pairings_and_senders_are_followed(client: Client, postbox: Postbox) -> None:
    await client.result("hearth/channel/subscribe")
    assert (await client.event())["event"]["senders"] == []
    code = await postbox.code("ada")
    waiting = (await client.event())["event"]["pairings"]
    assert [row["address"] for row in waiting] == ["ada"]
    assert waiting[0]["expires"] == waiting[0]["created"] + 600
    sender = await client.result("hearth/channel/pairing/confirm", code=code.lower(), guest=True)
    assert sender["role"] == "guest"
    event = (await client.event())["event"]
    assert event["pairings"] == []
    assert event["senders"] == [sender]
    assert await client.result("hearth/channel/sender/list") == [sender]
    await client.result("hearth/channel/sender/remove", sender_id=sender["sender_id"])
    assert (await client.event())["event"]["senders"] == []


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        ("pairing/confirm", {"code": "ABCDEFGH"}, "invalid_format"),
        ("pairing/confirm", {"code": "ABCDEFGH", "guest": True, "user_id": "x"}, "invalid_format"),
        ("pairing/confirm", {"code": "ABCDEFGH", "guest": False}, "invalid_format"),
        ("pairing/confirm", {"code": "ABCDEFGH", "guest": True}, "not_found"),
        ("pairing/reject", {"pairing_id": "x"}, "not_found"),
        ("sender/remove", {"sender_id": "x"}, "not_found"),
    ],
)
async def test_what_is_wrong_is_said(client: Client, command: str, fields: dict[str, Any], code: str) -> None:
    answer = await client.ask(f"hearth/channel/{command}", **fields)
    assert answer["error"]["code"] == code


async def test_a_user_is_lent_by_id(home: RunningHub, client: Client, postbox: Postbox) -> None:
    owner = home.hub.auth.users.owner()
    assert owner is not None
    code = await postbox.code("olga")
    answer = await client.ask("hearth/channel/pairing/confirm", code=code, user_id="nobody")
    assert answer["error"]["code"] == "not_found"
    sender = await client.result("hearth/channel/pairing/confirm", code=code, user_id=owner.user_id)
    assert (sender["user_name"], sender["paired_by"]) == (owner.name, owner.user_id)
