"""Where conversations are kept."""

from hub.conversation.stores.memory import MemoryConversationStore
from hub.conversation.stores.sqlite import SqliteConversationStore

__all__ = ["MemoryConversationStore", "SqliteConversationStore"]
