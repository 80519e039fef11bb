"""Commands on chat channels: who waits to be let in, who is in, as whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.adapters.entries import ConfigEntries
from hub.adapters.interfaces import ConfigEntry
from hub.adapters.supervisor import Supervisor
from hub.agent.channels import Channels, PairedSender, Pairing
from hub.agent.channels.entrance import CHANGED
from hub.core.bus import EventBus
from hub.core.callers import Caller
from hub.errors import InvalidInput, NotFound
from hub.server.needs import Needs
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection


class ChannelCommands:
    """hearth/channel/*: for owner and admins."""

    def __init__(self, channels: Channels, entries: ConfigEntries, supervisor: Supervisor, bus: EventBus) -> None:
        self._channels = channels
        self._entrance = channels.entrance
        self._entries = entries
        self._supervisor = supervisor
        self._bus = bus

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        code = vol.All(str, vol.Length(min=1, max=40))
        return (
            Command(name="hearth/channel/list", needs=Needs.ADMIN, handler=lambda *_: self.rows()["channels"],
                summary="List the chat channels and how they are."),
            Command(name="hearth/channel/subscribe", needs=Needs.ADMIN, handler=self._subscribe,
                summary="Follow the channels, who waits to be let in, and who is in."),
            Command(name="hearth/channel/pairing/list", needs=Needs.ADMIN, handler=lambda *_: self.rows()["pairings"],
                summary="List the strangers who were given a code, without the codes."),
            Command(name="hearth/channel/pairing/confirm", needs=Needs.ADMIN, handler=self._confirm, fields={
                vol.Required("code"): code, vol.Exclusive("user_id", "user"): str, vol.Exclusive("guest", "user"): True},
                summary="Let in whoever was given the code, to speak for a user or as a guest."),
            Command(name="hearth/channel/pairing/reject", needs=Needs.ADMIN, handler=self._reject, fields={
                vol.Required("pairing_id"): str}, summary="Leave a stranger outside."),
            Command(name="hearth/channel/sender/list", needs=Needs.ADMIN, handler=lambda *_: self.rows()["senders"],
                summary="List who may talk to the hub through a channel, and as whom."),
            Command(name="hearth/channel/sender/remove", needs=Needs.ADMIN, handler=self._remove, fields={
                vol.Required("sender_id"): str}, summary="Let somebody in no more, at once."),
        )  # fmt: skip

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Return the channels, the strangers who were given a code (never the code), and the paired senders."""
        known = {sender.entry_id for sender in self._entrance.senders}
        return {
            "channels": [
                self._channel(entry)
                for entry in self._entries
                if entry.entry_id in known or self._supervisor.messenger(entry.entry_id) is not None
            ],
            "pairings": [self._pairing(pairing) for pairing in self._entrance.pairings],
            "senders": [self.sender(sender) for sender in self._entrance.senders],
        }

    def sender(self, sender: PairedSender) -> dict[str, Any]:
        """Return a paired sender with the user it speaks for."""
        return {
            "sender_id": sender.sender_id,
            "address": sender.address,
            "user_id": sender.user_id,
            **self._entrance.named(sender),
            "paired_at": sender.paired_at,
            "paired_by": sender.paired_by,
            **self._place(sender.integration, sender.entry_id),
        }

    def _pairing(self, pairing: Pairing) -> dict[str, Any]:
        return {
            "pairing_id": pairing.pairing_id,
            "address": pairing.origin.address,
            "created": pairing.created,
            "expires": pairing.expires,
            **self._place(pairing.origin.integration, pairing.origin.entry_id),
        }

    def _channel(self, entry: ConfigEntry) -> dict[str, Any]:
        health = next((health for health in self._supervisor.health() if health.entry_id == entry.entry_id), None)
        return {
            **self._place(entry.integration, entry.entry_id),
            "connected": health.connected if health else None,
            "reason": health.reason if health else None,
            "dropped": self._channels.queues.dropped[entry.entry_id],
        }

    def _place(self, integration: str, entry_id: str) -> dict[str, Any]:
        try:
            title = self._entries.get(entry_id).title
        except NotFound:
            title = integration
        return {"integration": integration, "entry_id": entry_id, "title": title}

    async def _confirm(self, connection: Connection, message: dict[str, Any]) -> Any:
        if not {"user_id", "guest"} & message.keys():
            raise InvalidInput(
                "Expected user_id, or guest: true, to say whose rights the sender has", path=("user_id",)
            )
        by = Caller.user(connection.principal.user_id)
        return self.sender(await self._channels.confirm(message["code"], user_id=message.get("user_id"), by=by))

    def _reject(self, connection: Connection, message: dict[str, Any]) -> None:
        self._entrance.reject(message["pairing_id"], connection.caller)

    def _remove(self, connection: Connection, message: dict[str, Any]) -> None:
        self._entrance.remove(message["sender_id"], connection.caller)

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> Any:
        def show(_: Any = None) -> None:
            connection.event(message["id"], self.rows())

        connection.result(message["id"])
        connection.subscribe(message["id"], self._bus.listen(CHANGED, show))
        show()
        return ANSWERED
