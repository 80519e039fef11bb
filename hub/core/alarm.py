"""Waiting for a moment of the wall clock."""

from __future__ import annotations

from collections.abc import Callable

from hub.core.clock import Cancel, Clock

_LONGEST_SLEEP = 600.0
"""Seconds after which an alarm looks at the clock again: it may have been set, or the machine have slept."""


class Alarm:
    """Calls back at a moment of the wall clock, at once if it has passed."""

    def __init__(self, clock: Clock, moment: float, callback: Callable[[], None]) -> None:
        self._clock = clock
        self._moment = moment
        self._callback = callback
        self._cancel: Cancel = lambda: None
        self._wait()

    def cancel(self) -> None:
        """Do not call back any more."""
        self._cancel()

    def _wait(self) -> None:
        left = self._moment - self._clock.time()
        if left > 0:
            self._cancel = self._clock.call_later(min(left, _LONGEST_SLEEP), self._wait)
        else:
            self._callback()
