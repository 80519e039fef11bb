"""Conversations that end with the process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from hub.conversation.turns import checked, loaded
from hub.core.ports import Turn


class MemoryConversationStore:
    """The port ``ConversationStore`` in memory."""

    def __init__(self) -> None:
        self._conversations: dict[str, list[Turn]] = {}

    async def append(self, conversation_id: str, turns: Sequence[Turn]) -> None:
        kept = [
            Turn(role=turn.role, text=turn.text, time=turn.time, data=loaded(data))  # a copy: the caller's may change
            for turn, data in checked(conversation_id, turns)
        ]
        if kept:
            self._conversations.setdefault(conversation_id, []).extend(kept)

    async def history(self, conversation_id: str, limit: int = 50) -> list[Turn]:
        turns = self._conversations.get(conversation_id, [])
        return turns[-limit:] if limit > 0 else []

    async def delete(self, conversation_id: str) -> bool:
        return self._conversations.pop(conversation_id, None) is not None

    async def export(self, conversation_id: str) -> AsyncIterator[Turn]:
        for turn in tuple(self._conversations.get(conversation_id, ())):
            yield turn
