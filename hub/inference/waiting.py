"""Requests on their way to the model: a bounded queue, the most urgent first."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.core.ports import Completion, CompletionRequest
from hub.errors import InferenceError, QueueFull


@dataclass(slots=True, kw_only=True, eq=False)
class Ticket:
    """A request and the future of its answer.

    ``number`` is its number with the worker, None until it is sent; ``disarm`` stops the clock that runs on its cancellation.
    """

    request: CompletionRequest
    answer: asyncio.Future[Completion]
    number: int | None = None
    disarm: Callable[[], None] = field(default=lambda: None)

    def settle(self, outcome: Completion | InferenceError) -> None:
        """Give the answer, or the reason why there is none, to whoever still waits."""
        self.disarm()
        if self.answer.done():
            return
        if isinstance(outcome, Completion):
            self.answer.set_result(outcome)
        else:
            self.answer.set_exception(outcome)

    def forget(self) -> None:
        """Nobody waits for the answer any more."""
        if not self.answer.cancel() and not self.answer.cancelled():
            self.answer.exception()  # asyncio complains of errors that nobody looked at


class WaitingRoom:
    """Tickets by priority, then by arrival. A full room refuses the newcomer."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._heap: list[tuple[int, int, Ticket]] = []
        self._order = itertools.count()
        self._arrival = asyncio.Event()

    def __len__(self) -> int:
        return len(self._heap)

    def enter(self, ticket: Ticket) -> None:
        """Wait for one's turn.

        Raises QueueFull.
        """
        if len(self._heap) >= self._limit:
            raise QueueFull(f"Expected fewer than {self._limit} requests to wait for the model. Try again later")
        heapq.heappush(self._heap, (ticket.request.priority, next(self._order), ticket))
        self._arrival.set()

    def leave(self, ticket: Ticket) -> None:
        """Stop waiting; nothing happens if it is not here."""
        left = [entry for entry in self._heap if entry[2] is not ticket]
        if len(left) < len(self._heap):
            heapq.heapify(left)
            self._heap = left

    def clear(self) -> list[Ticket]:
        """Send everybody away; return who was here."""
        gone, self._heap = [entry[2] for entry in self._heap], []
        return gone

    async def next(self) -> Ticket:
        """Return the most urgent ticket, once there is one."""
        while not self._heap:
            self._arrival.clear()
            await self._arrival.wait()
        return heapq.heappop(self._heap)[2]
