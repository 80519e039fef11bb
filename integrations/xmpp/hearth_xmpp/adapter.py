"""XMPP's adapter: hands over what people write, and writes what the hub and its automations say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hearth_xmpp.config import Settings
from hearth_xmpp.contacts import Contacts
from hub import AdapterHost, ConfigEntry, ConnectionLost, EntityCall, EntityDescription, Message, Report, slugify

if TYPE_CHECKING:
    from hearth_xmpp.session import Session

_TITLE = 1  # the feature bit of a notify entity that shows titles


class XmppAdapter:
    """Runs one account. Each recipient and each room is a notify entity."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._settings = Settings.parse(entry.data)
        self._session: Session | None = None
        self._contacts: Contacts | None = None
        self._host: AdapterHost | None = None

    async def run(self, host: AdapterHost) -> None:
        from hearth_xmpp.session import Session  # noqa: PLC0415 - slixmpp is loaded where it is configured only

        self._host = host
        self._contacts = Contacts(host.storage, self._settings.contacts)
        for item in self._entities():
            host.add(item)
        try:
            async with Session(self._settings) as self._session:
                host.connected(True)
                host.available(True)
                await self._session.run(self._receive, host.clock)
        finally:
            self._session = None

    async def send_message(self, message: Message) -> bool:
        session = self._connected()
        if self._contacts is not None and not self._settings.is_room(message.conversation):
            self._contacts.learn(message.conversation, paired=message.data.get("paired") is True, granter=session)
        if message.text:
            session.send(message.conversation, message.text)
        return True

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        session = self._connected()
        title, text = call.data.get("title"), str(call.data["message"])
        text = f"{title}\n{text}" if title else text
        for address in call.data["to"] if call.action == "xmpp.send_message" else map(_address, call.unique_ids):
            session.send(address, text)
        self._report(call.unique_ids)
        return None

    def _receive(self, message: Message) -> None:
        if self._host is None or self._contacts is None:
            return
        if not message.data.get("contact_request") or self._contacts.request(message.sender, self._connected()):
            self._host.message(message)

    def _report(self, unique_ids: Iterable[str]) -> None:
        """A notify entity's state is when it was last used."""
        if self._host is not None:
            now = dt.datetime.fromtimestamp(self._host.clock.time(), dt.UTC).isoformat()
            for unique_id in unique_ids:
                self._host.report(Report(unique_id=unique_id, state=now))

    def _entities(self) -> list[EntityDescription]:
        addresses = dict.fromkeys((*self._settings.recipients, *(room.address for room in self._settings.rooms)))
        return [
            EntityDescription(
                domain="notify",
                unique_id=f"{self._settings.jid} {address}",
                name=address,
                object_id=slugify(address.partition("@")[0]),
                features=_TITLE,
            )
            for address in addresses
        ]

    def _connected(self) -> Session:
        if self._session is None:
            raise ConnectionLost(f"There is no connection to the XMPP server {self._settings.server}")
        return self._session


def _address(unique_id: str) -> str:
    return unique_id.partition(" ")[2]
