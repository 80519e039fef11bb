"""What the command line asks about chat channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.agent.channels import Channels
from hub.core.callers import SYSTEM, Caller
from hub.errors import NotFound
from hub.security import Users
from hub.server.control import Answer
from hub.server.websocket.channels import ChannelCommands


class ChannelAnswers:
    """Who may talk to the hub: listed, let in and shut out by whoever owns the configuration folder."""

    def __init__(self, channels: Channels, commands: ChannelCommands, users: Users) -> None:
        self._channels = channels
        self._commands = commands
        self._users = users

    def routes(self) -> Mapping[str, Answer]:
        """Return what answers each path."""
        return {"/channels": self._list, "/channels/pair": self._pair, "/channels/remove": self._remove}

    async def _list(self, data: Mapping[str, Any]) -> Any:
        return self._commands.rows()

    async def _pair(self, data: Mapping[str, Any]) -> Any:
        user_id = None if data.get("user") is None else self._user_id(str(data["user"]))
        return self._commands.sender(
            await self._channels.confirm(str(data.get("code", "")), user_id=user_id, by=self._owner())
        )

    async def _remove(self, data: Mapping[str, Any]) -> Any:
        address = str(data.get("address", ""))
        found = [sender for sender in self._channels.entrance.senders if sender.address == address]
        if not found:
            raise NotFound(
                f"Expected the address of a paired sender, got {address!r}: 'hearth channel list' shows them"
            )
        for sender in found:
            self._channels.entrance.remove(sender.sender_id, self._owner())
        return {"removed": len(found)}

    def _user_id(self, username: str) -> str:
        user = self._users.named(username)
        if user is None:
            known = ", ".join(user.username for user in self._users if user.username)
            raise NotFound(f"Expected the name of a user ({known}), got {username!r}")
        return user.user_id

    def _owner(self) -> Caller:
        owner = self._users.owner()
        return SYSTEM if owner is None else Caller.user(owner.user_id)
