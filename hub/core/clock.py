"""Time as a port: a scenario, a dry run or a test brings its own."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from time import monotonic, time
from typing import Protocol

Cancel = Callable[[], None]


class Clock(Protocol):
    """Tells the time and waits."""

    def time(self) -> float:
        """Return UTC epoch seconds."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Cancel:
        """Call ``callback`` once after ``seconds``; the returned function cancels it."""


class SystemClock:
    """The machine's clock and the running event loop."""

    time = staticmethod(time)
    monotonic = staticmethod(monotonic)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Cancel:
        return asyncio.get_running_loop().call_later(seconds, callback).cancel


class SimulatedClock:
    """A clock that moves only when told to: ``await clock.advance(60)`` runs everything due in the next minute, in order."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = self._now = start
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._cancelled: set[int] = set()
        self._numbers = itertools.count()

    def time(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now - self._start

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        cancel = self.call_later(seconds, lambda: None if woken.done() else woken.set_result(None))
        try:
            await woken
        finally:
            cancel()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Cancel:
        number = next(self._numbers)
        heapq.heappush(self._timers, (self._now + max(seconds, 0.0), number, callback))
        return lambda: self._cancelled.add(number)

    async def advance(self, seconds: float) -> None:
        """Move on by ``seconds``, running each timer at its time and letting tasks go on in between."""
        end = self._now + seconds
        await self.settle()
        while self._timers and self._timers[0][0] <= end:
            due, number, callback = heapq.heappop(self._timers)
            self._now = max(self._now, due)
            if number in self._cancelled:
                self._cancelled.discard(number)
                continue
            callback()
            await self.settle()
        self._now = end
        await self.settle()

    async def settle(self, turns: int = 50) -> None:
        """Let every task that is ready go on until it waits again."""
        for _ in range(turns):
            await asyncio.sleep(0)
