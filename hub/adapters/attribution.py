"""Who caused a device's report: the causal chain breaks at the device, and is mended here."""

from __future__ import annotations

from hub.core.clock import Clock
from hub.core.context import Context

WINDOW = 5.0
"""Seconds after an action in which its entity's changes are taken for its effect."""


class RecentActions:
    """The context of each entity's last action, for ``WINDOW`` seconds.

    The whole window counts, not only the first change: a lamp that fades reports several times, and an echo without a
    context would let an automation loop begin anew at depth 0.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._recent: dict[str, tuple[float, Context]] = {}

    def note(self, entity_id: str, context: Context) -> None:
        """Remember that an action with this context was sent to the entity."""
        self._recent[entity_id] = (self._clock.monotonic() + WINDOW, context)

    def context(self, entity_id: str) -> Context | None:
        """Return the context of the entity's recent action, or None."""
        if not self._recent:
            return None
        recent = self._recent.get(entity_id)
        if recent is None:
            return None
        if recent[0] < self._clock.monotonic():
            del self._recent[entity_id]
            return None
        return recent[1]
