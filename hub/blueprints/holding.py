"""``for:``: waiting until something has stayed so for a while."""

from __future__ import annotations

from collections.abc import Callable

from hub.core.clock import Cancel, Clock


class Holding:
    """Timers by key: each calls back once if nobody lets go of its key before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timers: dict[str, Cancel] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._timers

    def begin(self, key: str, seconds: float, callback: Callable[[], None]) -> None:
        """Call back after ``seconds``, at once for 0; an earlier timer of this key is let go."""
        self.release(key)
        if seconds <= 0:
            callback()
            return

        def due() -> None:
            del self._timers[key]
            callback()

        self._timers[key] = self._clock.call_later(seconds, due)

    def release(self, key: str) -> None:
        """Let go of a key: nothing is called."""
        cancel = self._timers.pop(key, None)
        if cancel is not None:
            cancel()

    def clear(self) -> None:
        """Let go of all."""
        for key in list(self._timers):
            self.release(key)
