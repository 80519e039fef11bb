"""Somebody with a messenger: slixmpp at the other end."""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from typing import Any

from slixmpp import JID

from hearth_xmpp.config import Settings
from hearth_xmpp.stream import Stream
from hearth_xmpp.testing.prosody import DOMAIN, PATIENCE, Prosody


class Human:
    """``async with Human("ada", server)`` is online; what arrives waits in order in ``heard`` and ``presences``."""

    def __init__(self, name: str, server: Prosody) -> None:
        self.jid = f"{name}@{DOMAIN}"
        self.heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.presences: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        context = ssl.create_default_context(cafile=server.ca)
        settings = Settings(jid=self.jid, password=server.users[name], host="127.0.0.1", port=server.port)
        self.stream = Stream(settings, context)

    async def __aenter__(self) -> Human:
        ready = asyncio.Event()
        self.stream.add_event_handler("session_start", lambda _: ready.set())
        self.stream.add_event_handler("message", self._hear)
        for kind in ("subscribed", "unsubscribed"):
            self.stream.add_event_handler(f"presence_{kind}", self._see)
        self.stream.register_plugin("xep_0045")
        self.stream.begin()
        async with asyncio.timeout(PATIENCE):
            await ready.wait()
            await self.stream.get_roster()  # without it the server does not say who grants a contact
        self.stream.send_presence()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stream.close()

    def say(self, to: str, text: str) -> None:
        """Write to somebody."""
        self.stream.send_message(mto=JID(to), mbody=text, mtype="chat")

    def say_in(self, room: str, text: str) -> None:
        """Write in a room."""
        self.stream.send_message(mto=JID(room), mbody=text, mtype="groupchat")

    async def enter(self, room: str, nickname: str, *, show_addresses: bool = False) -> None:
        """Enter a room, which begins with the first who does; ``show_addresses`` lets everybody see who is who."""
        rooms = self.stream.plugin["xep_0045"]
        async with asyncio.timeout(PATIENCE):
            await rooms.join_muc_wait(JID(room), nickname, maxstanzas=0)
            if show_addresses:
                form = await rooms.get_room_config(JID(room))
                form["type"] = "submit"
                form.set_values({"muc#roomconfig_whois": "anyone"})  # type: ignore[no-untyped-call]
                await rooms.set_room_config(JID(room), form)

    def add_contact(self, address: str) -> None:
        """Ask to see whether somebody is there."""
        self.stream.send_presence_subscription(pto=address, ptype="subscribe")

    async def answer(self, sender: str = "") -> str:
        """Return the next text that somebody wrote whose full address begins with ``sender``."""
        async with asyncio.timeout(PATIENCE):
            while True:
                who, text = await self.heard.get()
                if who.startswith(sender):
                    return text

    async def presence(self) -> tuple[str, str]:
        """Return who granted or ended a contact next: (address, ``subscribed`` or ``unsubscribed``)."""
        async with asyncio.timeout(PATIENCE):
            return await self.presences.get()

    def _hear(self, stanza: Any) -> None:
        self.heard.put_nowait((str(stanza["from"]), stanza["body"]))

    def _see(self, stanza: Any) -> None:
        self.presences.put_nowait((stanza["from"].bare, stanza["type"]))
