"""Conversations: their turns and where they are kept."""

from hub.conversation.stores import MemoryConversationStore, SqliteConversationStore

__all__ = ["MemoryConversationStore", "SqliteConversationStore"]
