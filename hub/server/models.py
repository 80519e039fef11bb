"""What the command line asks about the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.core.callers import SYSTEM, Caller
from hub.core.context import Context
from hub.security import Users
from hub.server.control import Answer
from hub.server.websocket.models import ModelCommands


class ModelAnswers:
    """The model, changed by whoever owns the configuration folder."""

    def __init__(self, commands: ModelCommands, users: Users) -> None:
        self._commands = commands
        self._users = users

    def routes(self) -> Mapping[str, Answer]:
        """Return what answers each path."""
        return {"/models/use": self._use}

    async def _use(self, data: Mapping[str, Any]) -> Any:
        owner = self._users.owner()
        by = SYSTEM if owner is None else Caller.user(owner.user_id)
        return await self._commands.use(str(data.get("model", "")), by, Context("user", user_id=by.user_id))
