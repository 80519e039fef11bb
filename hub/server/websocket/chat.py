"""Commands on the agent and the audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.agent import Conversation
from hub.core.records import AuditEntry
from hub.security import AuditLog
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection


class ChatCommands:
    """conversation/process, hearth/audit/list."""

    def __init__(self, conversation: Conversation, audit: AuditLog) -> None:
        self._conversation = conversation
        self._audit = audit

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        limit = vol.All(int, vol.Range(min=1, max=1000))
        return (
            Command(name="conversation/process", needs=Needs.LOGIN, summary="Say something to the agent and get its answer.",
                    handler=self._process, fields={
                vol.Required("text"): vol.All(str, vol.Length(max=2000)), "language": vol.Any(str, None),
                "conversation_id": vol.Any(str, None), "agent_id": vol.Any(str, None), "device_id": vol.Any(str, None)}),
            Command(name="hearth/audit/list", needs=Needs.ADMIN, summary="List who did what, newest first.",
                    handler=self._rows, fields={
                vol.Optional("limit", default=100): limit, "before": int}),
        )  # fmt: skip

    async def _process(self, connection: Connection, message: dict[str, Any]) -> Any:
        return await self._conversation.process(
            message["text"],
            language=message.get("language"),
            conversation_id=message.get("conversation_id"),
            user=connection.caller,
            context=connection.context(),
        )

    async def _rows(self, connection: Connection, message: dict[str, Any]) -> Any:
        entry = AuditEntry(kind="audit", subject="read", caller=str(connection.caller), outcome="accepted")
        self._audit.intent(entry)
        return await self._audit.rows(message["limit"], message.get("before"))
