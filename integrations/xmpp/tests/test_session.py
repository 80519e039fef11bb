from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from hearth_xmpp.config import Settings
from hearth_xmpp.session import LoginRefused, Session
from hearth_xmpp.testing import PATIENCE, ROOMS, Human, Prosody, free_port
from hub import ConnectionLost, Message
from hub.testing import SimulatedClock

Account = Mapping[str, Any]


@dataclass
class Talk:
    """A session at work, with what it handed over."""

    session: Session
    clock: SimulatedClock
    task: asyncio.Task[None]
    heard: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)

    async def next(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            return await self.heard.get()


@asynccontextmanager
async def talking(account: Account, **more: Any) -> AsyncIterator[Talk]:
    heard: asyncio.Queue[Message] = asyncio.Queue()
    clock = SimulatedClock()
    async with Session(Settings.parse({**account, **more})) as session:
        task = asyncio.create_task(session.run(heard.put_nowait, clock))
        try:
            yield Talk(session, clock, task, heard)
        finally:
            task.cancel()
            await asyncio.wait([task])


async def fails(account: Account, **more: Any) -> str:
    """Return why logging in fails."""
    with pytest.raises(ConnectionLost) as caught:
        async with Session(Settings.parse({**account, **more})):
            pass
    return str(caught.value)


async def test_says_and_hears(server: Prosody, account: Account) -> None:
    async with Human("ada", server) as ada, talking(account) as talk:
        talk.session.send(ada.jid, "Hello & <welcome> \x00你好")
        assert await ada.answer() == "Hello & <welcome> 你好"
        ada.say(account["jid"], "turn <b>on</b> & off\n开灯")
        assert await talk.next() == Message(conversation=ada.jid, sender=ada.jid, text="turn <b>on</b> & off\n开灯")


async def test_speaks_tls_from_the_first_byte_where_that_is_configured(server: Prosody, account: Account) -> None:
    async with Human("ada", server) as ada, talking(account, port=server.direct_port, direct_tls=True) as talk:
        talk.session.send(ada.jid, "hello")
        assert await ada.answer() == "hello"


async def test_a_wrong_password_is_said_to_be_one(server: Prosody, account: Account) -> None:
    with pytest.raises(LoginRefused, match=r"refused the address hearth@localhost or its password \(not-authorized\)"):
        await Session(Settings.parse({**account, "password": "a guess"})).__aenter__()


async def test_a_certificate_that_is_not_trusted_is_refused(server: Prosody, account: Account) -> None:
    assert "certificate verify failed" in await fails({**account, "ca": None})
    direct = {"port": server.direct_port, "direct_tls": True}
    assert "certificate verify failed" in await fails({**account, "ca": None, **direct})


async def test_a_file_of_certificates_that_is_not_there_is_named(account: Account) -> None:
    assert "/nowhere/ca.pem" in await fails(account, ca="/nowhere/ca.pem")


@pytest.mark.parametrize(("tls", "reason"), [("tlsv1_2", "protocol version"), (None, "no encrypted way to log in")])
async def test_a_server_that_encrypts_too_little_is_refused(
    server: Prosody, account: Account, tls: str | None, reason: str
) -> None:
    await server.stop()
    server.tls = tls
    await server.start()
    assert reason in await fails(account)


async def test_a_server_that_is_not_there_is_said_to_be_so(account: Account) -> None:
    assert "could not be reached" in await fails(account, port=free_port())


async def test_a_domain_that_leads_nowhere_is_said_to_be_so() -> None:
    assert "could not be reached" in await fails({"jid": "hearth@nowhere.invalid", "password": "x"})


async def test_a_server_that_points_elsewhere_before_anything_is_encrypted_is_not_followed(account: Account) -> None:
    visitors = 0

    async def elsewhere(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visitors
        visitors += 1
        writer.close()

    other = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]

    async def hostile(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b">")
        writer.write(
            b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
            b"<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>"
            b"127.0.0.1:%d</see-other-host></stream:error></stream:stream>" % port
        )
        await writer.drain()
        await reader.read()
        writer.close()

    first = await asyncio.start_server(hostile, "127.0.0.1", 0)
    assert "see-other-host" in await fails(account, port=first.sockets[0].getsockname()[1])
    assert visitors == 0
    for each in (first, other):
        each.close()
        await each.wait_closed()


async def test_a_server_that_ends_ends_the_session(server: Prosody, account: Account) -> None:
    async with talking(account) as talk:
        await server.stop()
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConnectionLost, match=r"Lost the XMPP server 127\.0\.0\.1"):
                await talk.task
        with pytest.raises(ConnectionLost, match="no connection"):
            talk.session.send("ada@localhost", "hello")
    await server.start()
    async with talking(account):
        pass


async def test_a_connection_that_is_alive_stays(server: Prosody, account: Account) -> None:
    async with Human("ada", server) as ada, talking(account) as talk:
        for _ in range(3):
            await talk.clock.advance(60)
            ada.say(account["jid"], "are you there")
            assert (await talk.next()).text == "are you there"


async def test_what_was_written_while_the_hub_was_away_says_when(server: Prosody, account: Account) -> None:
    async with Human("ada", server) as ada:
        ada.say(account["jid"], "open the garage")
        async with Human("eve", server) as eve:  # messages of one server keep their order
            ada.say(eve.jid, "done")
            await eve.answer()
        async with talking(account) as talk:
            assert (await talk.next()).data["sent"] > 1_700_000_000


async def test_in_a_room_everybody_is_told_apart_by_their_address(server: Prosody, account: Account) -> None:
    room = f"home@{ROOMS}"
    async with Human("ada", server) as ada, Human("eve", server) as eve:
        await ada.enter(room, "Ada", show_addresses=True)
        async with talking(account, rooms=[room], nickname="Hearth") as talk:
            await _joined(talk, ada, room)
            await eve.enter(room, "ada@localhost")
            eve.say_in(room, "@Hearth open the garage")
            message = await talk.next()
            assert (message.sender, message.text) == (eve.jid, "open the garage")
            assert message.data == {"group": True, "addressed": True, "verified": True}
            ada.say_in(room, "how are you, eve")
            assert (await talk.next()).data["addressed"] is False
            eve.say(f"{room}/Hearth", "open the garage")  # in private, through the room
            talk.session.send(room, "hello everybody")
            assert await ada.answer(f"{room}/Hearth") == "hello everybody"
            assert talk.heard.empty()


async def test_in_a_room_that_hides_addresses_nobody_is_verified(server: Prosody, account: Account) -> None:
    room = f"secret@{ROOMS}"
    async with Human("ada", server) as ada:
        await ada.enter(room, "Ada")
        async with talking(account, rooms=[room]) as talk:
            await _joined(talk, ada, room, verified=False)


async def test_a_room_that_lets_nobody_in_costs_the_room_only(
    server: Prosody, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    async with Human("ada", server) as ada:
        await ada.enter(f"full@{ROOMS}", "Hearth")  # the nickname is taken
        async with talking(account, rooms=[f"full@{ROOMS}", f"gone@{DEAD}"]) as talk:
            ada.say(account["jid"], "hello")
            assert (await talk.next()).text == "hello"
            async with asyncio.timeout(PATIENCE):
                while len(caplog.records) < 2:
                    ada.say(account["jid"], "and now?")
                    await talk.next()
    assert {"conflict", "not-allowed"} <= set(" ".join(caplog.messages).replace("\n", " ").split())


DEAD = "rooms.elsewhere.invalid"


async def _joined(talk: Talk, ada: Human, room: str, *, verified: bool = True) -> None:
    """Wait until the hub is in the room: it hears what is said there only then."""
    async with asyncio.timeout(PATIENCE):
        while True:
            ada.say_in(room, "Hearth: ping")
            ada.say("hearth@localhost", "said")
            message = await talk.next()
            if message.conversation == room:
                assert message.data["verified"] is verified
                await talk.next()
                return
