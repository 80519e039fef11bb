"""The event bus: plain synchronous function calls on the loop's thread."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from hub.core.events import AnyEvent, StateChanged

Unlisten = Callable[[], None]
Callback = Callable[[Any], None]

ALL = "*"
_log = logging.getLogger(__name__)


class EventBus:
    """Carries events to those who listen.

    ``publish`` never blocks and never raises: a listener that raises is logged, and the others still hear the event. What
    a listener publishes is delivered after the event it is hearing, so that everybody sees events in the same order.
    """

    def __init__(self) -> None:
        self._by_type: dict[str, tuple[Callback, ...]] = {}
        self._by_entity: dict[str, tuple[Callback, ...]] = {}
        self._queue: deque[AnyEvent] = deque()
        self._dispatching = False

    def publish(self, event: AnyEvent) -> None:
        """Deliver ``event`` to its listeners, now or right after the event that is being delivered."""
        if self._dispatching:
            self._queue.append(event)
            return
        self._dispatching = True
        try:
            self._deliver(event)
            while self._queue:
                self._deliver(self._queue.popleft())
        finally:
            self._dispatching = False

    def listen(self, type: str, callback: Callback) -> Unlisten:  # noqa: A002 - the field's name on the wire
        """Call ``callback(event)`` for every event of ``type``, or of every type where it is ``"*"``."""
        return _subscribe(self._by_type, type, callback)

    def listen_entity(self, entity_id: str, callback: Callable[[StateChanged], None]) -> Unlisten:
        """Call ``callback(event)`` when this entity's state or attributes change."""
        return _subscribe(self._by_entity, entity_id, callback)

    def listener_counts(self) -> dict[str, int]:
        """Return how many listen to each event type."""
        return {type_: len(callbacks) for type_, callbacks in self._by_type.items()}

    def _deliver(self, event: AnyEvent) -> None:
        if callbacks := self._by_type.get(event.type):
            _call(callbacks, event)
        if event.__class__ is StateChanged and (callbacks := self._by_entity.get(event.entity_id)):
            _call(callbacks, event)
        if callbacks := self._by_type.get(ALL):
            _call(callbacks, event)


def _call(callbacks: tuple[Callback, ...], event: AnyEvent) -> None:
    left = iter(callbacks)
    while True:
        try:
            for callback in left:
                callback(event)
        except Exception:  # noqa: BLE001 - boundary: one listener's failure must not silence the others
            _log.exception("A listener failed on %s", event.type)  # the loop goes on after the one that failed
        else:
            return


def _subscribe(table: dict[str, tuple[Callback, ...]], key: str, callback: Callback) -> Unlisten:
    # Tuples are replaced, never changed: a listener may come or go while an event is being delivered.
    table[key] = (*table.get(key, ()), callback)

    def unlisten() -> None:
        left = list(table.get(key, ()))
        if callback in left:
            left.remove(callback)
        if left:
            table[key] = tuple(left)
        else:
            table.pop(key, None)

    return unlisten
