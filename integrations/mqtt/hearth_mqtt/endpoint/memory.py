"""How much the messages take that wait for clients."""

from __future__ import annotations

from hearth_mqtt.endpoint.message import Message


class Memory:
    """A budget for all clients together. A message that waits for several counts once, for it is kept once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.used = 0

    def hold(self, message: Message) -> bool:
        """Count a message in; say whether there was room."""
        if not message.holders:
            if self.used + message.size > self._limit:
                return False
            self.used += message.size
        message.holders += 1
        return True

    def release(self, message: Message) -> None:
        """Count it out."""
        message.holders -= 1
        if not message.holders:
            self.used -= message.size


class Holding:
    """What is kept for one client."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.size = 0

    def hold(self, message: Message, limit: int) -> bool:
        """Keep a message, if that takes no more than ``limit`` for this client; say whether it does."""
        if self.size + message.size > limit or not self._memory.hold(message):
            return False
        self.size += message.size
        return True

    def release(self, message: Message) -> None:
        """Keep it no longer."""
        self.size -= message.size
        self._memory.release(message)
