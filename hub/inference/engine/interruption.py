"""When a step may be ended early: the thread that reads requests decides, while the one that decodes is in native code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

LONG = 16
"""Rows of a prompt: a step with fewer is over soon, and its other requests would lose more than anybody gains."""


class Interruption:
    """``interrupt`` raises or lowers the flag that llama.cpp looks at between two operations."""

    def __init__(self, interrupt: Callable[[bool], None]) -> None:
        self._interrupt = interrupt
        self._lock = Lock()
        self._reading: Mapping[int, int] = {}
        self._best: int | None = None

    def begin(self, reading: Mapping[int, int], best: int) -> None:
        """Note what a step does: how many rows of their prompts requests read in it, and the best priority among all."""
        with self._lock:
            self._interrupt(False)
            self._reading, self._best = reading, best

    def end(self) -> None:
        """Note that the step is over."""
        with self._lock:
            self._reading, self._best = {}, None

    def cancelled(self, number: int) -> None:
        """End the step if it is busy with the prompt of a request that nobody wants any more."""
        with self._lock:
            if self._reading.get(number, 0) >= LONG:
                self._interrupt(True)

    def arrived(self, priority: int) -> None:
        """End the step if it reads long prompts that are all less urgent than what has come."""
        with self._lock:
            if self._best is not None and priority < self._best and sum(self._reading.values()) >= LONG:
                self._interrupt(True)
