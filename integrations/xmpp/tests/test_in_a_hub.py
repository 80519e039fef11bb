"""The whole way: a person's messenger, a real server, the hub, the agent, a light."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hearth_xmpp.testing import ROOMS, Human, Prosody
from hub import (
    AdapterHost,
    ConfigEntry,
    DeviceDescription,
    EntityCall,
    EntityDescription,
    Integration,
    Manifest,
    Report,
)
from hub.testing import RunningHub, running_hub

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
(AUTOMATION,) = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "triggers:" in block]
CODE = re.compile(r"\b[2-9A-HJ-KMNP-TV-Z]{8}\b")
Account = Mapping[str, Any]


class Lamp:
    """A light in the kitchen."""

    def __init__(self, _: ConfigEntry) -> None:
        self._host: AdapterHost | None = None

    async def run(self, host: AdapterHost) -> None:
        self._host = host
        device = DeviceDescription(identifiers=("1",), name="Kitchen light", area="Kitchen")
        modes = {"supported_color_modes": ["onoff"]}
        host.add(EntityDescription(domain="light", unique_id="lamp", device=device, attributes=modes))
        host.report(Report(unique_id="lamp", state="off"))
        await asyncio.Event().wait()

    async def execute(self, call: EntityCall) -> None:
        assert self._host is not None
        self._host.report(Report(unique_id="lamp", state="on" if call.action == "light.turn_on" else "off"))


class Dashboard:
    """The owner at the dashboard: a WebSocket, and the events that came in between."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._id = 0

    async def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a command; return its answer."""
        self._id += 1
        await self._socket.send_json({"id": self._id, "type": command, **fields})
        while True:
            message: dict[str, Any] = await self._socket.receive_json(timeout=15)
            if message["id"] == self._id and message["type"] == "result":
                return message

    async def result(self, command: str, **fields: Any) -> Any:
        """Send a command that must succeed; return its result."""
        answer = await self.ask(command, **fields)
        assert answer["success"], answer
        return answer["result"]

    async def event(self) -> Any:
        """Return the next event."""
        while True:
            message = await self._socket.receive_json(timeout=15)
            if message["type"] == "event":
                return message["event"]


@asynccontextmanager
async def a_home(folder: Path, account: Account) -> AsyncIterator[RunningHub]:
    """Run a hub with the account and the lamp."""
    async with running_hub(folder, integrations={"xmpp": [dict(account)]}) as home:
        manifest = Manifest(domain="lamp", name="Lamp", version="1", api=(1, 1))
        entry = ConfigEntry(entry_id="lamp", integration="lamp", title="Lamp")
        home.hub.supervisor.start(Integration(manifest=manifest, make=Lamp), entry)
        await home.until(lambda: light(home) == "off")
        await home.until(lambda: health(home)[0])
        yield home


@asynccontextmanager
async def dashboard(home: RunningHub) -> AsyncIterator[Dashboard]:
    async with aiohttp.ClientSession(home.url) as http, http.ws_connect("/api/websocket") as socket:
        await socket.receive_json()
        await socket.send_json({"type": "auth", "access_token": home.token})
        assert (await socket.receive_json())["type"] == "auth_ok"
        yield Dashboard(socket)


def light(home: RunningHub) -> str | None:
    state = home.hub.states.get("light.kitchen_light")
    return None if state is None else state.state


def health(home: RunningHub) -> tuple[bool, str | None]:
    found = next(row for row in home.hub.supervisor.health() if row.integration == "xmpp")
    return found.connected is True, found.reason


async def owner_id(owner: Dashboard) -> str:
    return str((await owner.result("auth/current_user"))["id"])


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found is not None, text
    return found[0]


@pytest.mark.parametrize("isolated", [False, True])
async def test_a_stranger_is_let_in_acts_and_is_shut_out(
    tmp_path: Path, server: Prosody, account: Account, isolated: bool
) -> None:
    hub, chosen = account["jid"], {**account, "isolated": isolated}
    async with a_home(tmp_path / "home", chosen) as home, dashboard(home) as owner, Human("ada", server) as ada:
        ada.say(hub, "turn on the kitchen light")
        code = code_in(await ada.answer())
        assert light(home) == "off"

        (waiting,) = await owner.result("hearth/channel/pairing/list")
        assert (waiting["address"], waiting["integration"]) == (ada.jid, "xmpp")
        assert code not in str(waiting)
        refused = await owner.ask("hearth/channel/pairing/confirm", code=code)
        assert refused["error"]["code"] == "invalid_format"
        sender = await owner.result("hearth/channel/pairing/confirm", code=code, user_id=await owner_id(owner))
        assert (sender["address"], sender["user_name"], sender["role"]) == (ada.jid, "Test owner", "owner")
        assert "Test owner" in await ada.answer()

        ada.say(hub, "turn on the kitchen light")
        assert await ada.answer() == "Turned on Kitchen light."
        assert light(home) == "on"
        ada.say(hub, "把厨房的灯关掉")
        assert "已关闭" in await ada.answer()
        assert light(home) == "off"

        (row,) = await owner.result("hearth/channel/sender/list")
        await owner.result("hearth/channel/sender/remove", sender_id=row["sender_id"])
        ada.say(hub, "turn on the kitchen light")
        assert code_in(await ada.answer()) != code
        assert light(home) == "off"
        kinds = [(row.kind, row.subject) for row in await home.hub.audit.rows(100)]
        assert {("pairing", f"xmpp:{ada.jid}"), ("message", f"xmpp:{ada.jid}")} <= set(kinds)


async def test_a_guest_may_ask_and_a_rejected_stranger_hears_nothing_more(
    tmp_path: Path, server: Prosody, account: Account
) -> None:
    hub = account["jid"]
    async with a_home(tmp_path / "home", account) as home, dashboard(home) as owner:
        await owner.result("hearth/channel/subscribe")
        assert (await owner.event())["channels"][0]["connected"] is True
        async with Human("ada", server) as ada, Human("eve", server) as eve:
            ada.say(hub, "hello")
            await owner.result("hearth/channel/pairing/confirm", code=code_in(await ada.answer()), guest=True)
            await ada.answer()
            ada.say(hub, "is the kitchen light on")
            assert "off" in await ada.answer()
            ada.say(hub, "turn on the kitchen light")
            assert "guest" in await ada.answer()
            assert light(home) == "off"

            eve.say(hub, "hello")
            await eve.answer()
            (waiting,) = await owner.result("hearth/channel/pairing/list")
            await owner.result("hearth/channel/pairing/reject", pairing_id=waiting["pairing_id"])
            eve.say(hub, "hello?")
            ada.say(hub, "is the kitchen light on")
            await ada.answer()
            assert eve.heard.empty()


async def test_the_pairing_outlives_the_hub_and_the_server(tmp_path: Path, server: Prosody, account: Account) -> None:
    hub, folder = account["jid"], tmp_path / "home"
    async with a_home(folder, account) as home, dashboard(home) as owner, Human("ada", server) as ada:
        ada.say(hub, "hello")
        code, user_id = code_in(await ada.answer()), await owner_id(owner)
        await owner.result("hearth/channel/pairing/confirm", code=code, user_id=user_id)
        await ada.answer()
    async with a_home(folder, account) as home:
        await server.stop()
        await home.until(lambda: not health(home)[0])
        assert "Lost the XMPP server" in str(health(home)[1])
        await server.start()
        await home.until(lambda: health(home)[0])
        async with Human("ada", server) as ada:
            ada.say(hub, "turn on the kitchen light")
            assert await ada.answer() == "Turned on Kitchen light."


async def test_what_was_said_while_the_hub_was_away_is_not_carried_out(
    tmp_path: Path, server: Prosody, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, folder = account["jid"], tmp_path / "home"
    async with Human("ada", server) as ada:
        async with a_home(folder, account) as home, dashboard(home) as owner:
            ada.say(hub, "hello")
            code, user_id = code_in(await ada.answer()), await owner_id(owner)
            await owner.result("hearth/channel/pairing/confirm", code=code, user_id=user_id)
            await ada.answer()
        ada.say(hub, "turn on the kitchen light")
        monkeypatch.setattr("hub.agent.channels.channels.TOO_OLD", -1.0)  # as if it had waited for longer
        async with a_home(folder, account) as home:
            assert "while I was away" in await ada.answer()
            assert light(home) == "off"


async def test_a_wrong_password_shows_as_the_reason(tmp_path: Path, server: Prosody, account: Account) -> None:
    wrong = {**account, "password": "a guess"}
    async with running_hub(tmp_path / "home", integrations={"xmpp": [wrong]}) as home, dashboard(home) as owner:
        await home.until(lambda: health(home)[1] is not None)
        rows = await owner.result("hearth/integration/list")
        (row,) = [row for row in rows if row["name"] == "xmpp"]
        assert row["connected"] is False
        assert "refused the address hearth@localhost or its password" in row["last_error"]
        assert "a guess" not in str(row)


async def test_an_automation_answers_and_notifies(tmp_path: Path, server: Prosody, account: Account) -> None:
    folder, hub = tmp_path / "home", account["jid"]
    (folder / "automations").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    (folder / "automations" / "route.yaml").write_text(AUTOMATION)
    async with (
        a_home(folder, {**account, "recipients": ["eve@localhost"]}) as home,
        dashboard(home) as owner,
        Human("ada", server) as ada,
        Human("eve", server) as eve,
    ):
        ada.say(hub, "is dinner ready")
        code = code_in(await ada.answer())
        assert await hearth(folder, "channel", "pair", code, "--guest") == f"{ada.jid} (xmpp)  is {ada.jid} (guest)\n"
        await ada.answer()
        ada.say(hub, "is dinner ready")
        assert await eve.answer() == "Dinner\nada@localhost asks: is dinner ready"
        said = {await ada.answer(), await ada.answer()}
        assert "Eve was told" in said
        assert ada.jid in await hearth(folder, "channel", "list")
        assert await hearth(folder, "channel", "remove", ada.jid) == f"{ada.jid} is let in no more\n"
        assert await owner.result("hearth/channel/sender/list") == []


async def hearth(folder: Path, *arguments: str) -> str:
    """Run ``hearth`` as on the page; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli", *arguments, "--config", str(folder), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_in_a_room_the_hub_answers_whoever_is_paired_and_speaks_to_it(
    tmp_path: Path, server: Prosody, account: Account
) -> None:
    room, hub = f"home@{ROOMS}", account["jid"]
    async with Human("ada", server) as ada, Human("eve", server) as eve:
        await ada.enter(room, "Ada", show_addresses=True)
        async with a_home(tmp_path / "home", {**account, "rooms": [room]}) as home, dashboard(home) as owner:
            ada.say(hub, "hello")
            code, user_id = code_in(await ada.answer(f"{hub}/")), await owner_id(owner)
            await owner.result("hearth/channel/pairing/confirm", code=code, user_id=user_id)
            await ada.answer(f"{hub}/")
            await eve.enter(room, "ada")
            answer = asyncio.ensure_future(ada.answer(f"{room}/Hearth"))
            while not answer.done():  # until the hub is in the room too
                eve.say_in(room, "Hearth: turn on the kitchen light")
                ada.say_in(room, "turn on the kitchen light")
                ada.say_in(room, "Hearth: is the kitchen light on")
                await asyncio.wait([answer], timeout=0.5)
            assert "off" in answer.result()
            assert light(home) == "off"
