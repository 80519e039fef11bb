"""Watches over a child: whether its event loop still turns, and how much memory and processor time it takes."""

from __future__ import annotations

from collections.abc import Callable

from hub.adapters.isolation.limits import Limits
from hub.core.clock import Cancel, Clock
from hub.errors import ProcessFailed

_LONGEST_BEAT = 2.0
_WINDOW = 60.0
_STARTING = 3
"""How many times its patience a child may take to start: imports of large libraries block it."""


class Heartbeat:
    """Pings, and ends a child (``fail``) that leaves pings unanswered for ``limits.patience`` or takes more than it may.

    Pings are counted, not seconds: a machine that slept, or a hub that was held up, blames no child for it.
    """

    def __init__(
        self, limits: Limits, clock: Clock, *, ping: Callable[[], None], fail: Callable[[ProcessFailed], None]
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._ping = ping
        self._fail = fail
        self._beat = min(_LONGEST_BEAT, limits.patience / 4)
        self._most = max(2, round(limits.patience / self._beat))
        self._allowed = _STARTING * self._most
        self._unanswered = 0
        self._window: tuple[float, float] | None = None
        self._cancel: Cancel | None = None

    def start(self) -> None:
        """Begin to ping."""
        self._cancel = self._clock.call_later(self._beat, self._next)

    def stop(self) -> None:
        """Stop pinging."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def up(self) -> None:
        """Note that the child has started: from now on it has no more than its patience."""
        self._unanswered, self._allowed = 0, self._most

    def pong(self, memory_mb: float, cpu: float) -> None:
        """Note an answer: the megabytes that the child holds, and the processor seconds it has used since it began."""
        self.up()
        limit = self._limits.memory_mb
        if memory_mb > limit:
            self._fail(
                ProcessFailed(f"It used {memory_mb:.0f} MB of memory, of the {limit} MB it may use, and was ended")
            )
        elif self._limits.cpu_percent is not None:
            self._check_cpu(cpu, self._limits.cpu_percent)

    def _check_cpu(self, cpu: float, limit: int) -> None:
        now = self._clock.monotonic()
        if self._window is None:
            self._window = now, cpu
        began, used = self._window
        if now - began < _WINDOW:
            return
        percent = 100 * (cpu - used) / (now - began)
        self._window = now, cpu
        if percent > limit:
            self._fail(
                ProcessFailed(
                    f"It used {percent:.0f} % of a processor for a minute, of the {limit} % it may use, and was ended"
                )
            )

    def _next(self) -> None:
        if self._unanswered >= self._allowed:
            seconds = self._allowed * self._beat
            self._fail(ProcessFailed(f"It did not answer for {seconds:g} s (blocked or in a loop) and was ended"))
            return
        self._unanswered += 1
        self._ping()
        self._cancel = self._clock.call_later(self._beat, self._next)
