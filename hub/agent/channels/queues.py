"""Work that waits: each chat's in order, several chats at once, and never more than a channel may have."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from hub.agent.channels.inbound import Chat

MOST_PER_CHANNEL, MOST_PER_CHAT = 100, 10
Job = Callable[[], Awaitable[object]]
_log = logging.getLogger(__name__)


class ChatQueues:
    """Carries out jobs. When a queue is full the newest job is refused, and counted in ``dropped`` by config entry."""

    def __init__(self, *, most_per_channel: int = MOST_PER_CHANNEL, most_per_chat: int = MOST_PER_CHAT) -> None:
        self._most_per_channel = most_per_channel
        self._most_per_chat = most_per_chat
        self._waiting: dict[Chat, deque[Job]] = {}
        self._group: asyncio.TaskGroup | None = None
        self.dropped: Counter[str] = Counter()

    async def run(self) -> None:
        """Carry out what is put here, until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                await asyncio.get_running_loop().create_future()
            finally:
                self._group = None
                self._waiting.clear()

    def put(self, chat: Chat, job: Job) -> bool:
        """Carry out a job after those of the same chat; say whether there was room."""
        jobs = self._waiting.get(chat)
        if self._group is None or self._is_full(chat.entry_id, jobs):
            self.dropped[chat.entry_id] += 1
            return False
        if jobs is not None:
            jobs.append(job)
            return True
        self._waiting[chat] = deque([job])
        self._group.create_task(self._work(chat), name=f"channel:{chat.entry_id}:{chat.conversation}")
        return True

    def _is_full(self, entry_id: str, jobs: deque[Job] | None) -> bool:
        if jobs is not None and len(jobs) >= self._most_per_chat:
            return True
        waiting = sum(len(others) for chat, others in self._waiting.items() if chat.entry_id == entry_id)
        return waiting >= self._most_per_channel

    async def _work(self, chat: Chat) -> None:
        jobs = self._waiting[chat]
        while jobs:
            try:
                await jobs[0]()
            except Exception:  # noqa: BLE001 - boundary: one message's failure must not end its chat, or another
                _log.exception("A message of a chat at %s could not be dealt with", chat.entry_id)
            if jobs:  # while it is worked on it counts as waiting
                jobs.popleft()
        if self._waiting.get(chat) is jobs:
            del self._waiting[chat]
