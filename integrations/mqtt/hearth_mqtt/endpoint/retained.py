"""The last retained message of each topic."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from hearth_mqtt.endpoint.limits import Counters, Limits
from hearth_mqtt.endpoint.message import Message
from hearth_mqtt.topics import is_pattern, matches

_log = logging.getLogger(__name__)


class RetainedMessages:
    """Keeps retained messages, bounded in number and bytes. When it is full a new topic is not kept, and counted as dropped."""

    def __init__(self, limits: Limits, counters: Counters, now: Callable[[], float]) -> None:
        self._limits = limits
        self._counters = counters
        self._now = now
        self._messages: dict[str, Message] = {}
        self._size = 0
        self._told_of_drops = False

    def keep(self, message: Message) -> None:
        """Keep the message as its topic's last; an empty one clears the topic."""
        self._forget(message.topic)
        if not message.payload:
            return
        if not self._has_room(message):
            self._counters.dropped += 1
            if not self._told_of_drops:
                _log.warning("Not retaining the message on %s: there are %d already", message.topic[:100], len(self))
            self._told_of_drops = True
            return
        self._told_of_drops = False
        self._messages[message.topic] = message
        self._size += message.size

    def matching(self, topic_filter: str) -> list[Message]:
        """Return the messages whose topics match."""
        found = self._messages.values() if is_pattern(topic_filter) else self._exactly(topic_filter)
        return [each for each in found if matches(topic_filter, each.topic) and not each.is_expired(self._now)]

    def __iter__(self) -> Iterator[Message]:
        return (message for message in list(self._messages.values()) if not message.is_expired(self._now))

    def __len__(self) -> int:
        return len(self._messages)

    def _has_room(self, message: Message) -> bool:
        limits = self._limits
        return len(self) < limits.retained_messages and self._size + message.size <= limits.retained_bytes

    def _exactly(self, topic: str) -> list[Message]:
        message = self._messages.get(topic)
        return [] if message is None else [message]

    def _forget(self, topic: str) -> None:
        message = self._messages.pop(topic, None)
        if message is not None:
            self._size -= message.size
