"""A config entry's documents, seen from its own process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from hub.adapters.isolation.mouth import Mouth
from hub.core.clock import Cancel, Clock
from hub.errors import HubError

_DELAY = 0.5
_log = logging.getLogger(__name__)


class MirroredStorage:
    """Sends documents to the hub half a second after the first change: many changes in a row cost one."""

    def __init__(self, mouth: Mouth, clock: Clock) -> None:
        self._mouth = mouth
        self._clock = clock
        self._changed: dict[str, Callable[[], Any]] = {}
        self._timer: Cancel | None = None

    def load(self, name: str) -> Any:
        if name in self._changed:
            return self._changed[name]()
        return self._mouth.ask("load", {"name": name})["value"]

    def save(self, name: str, data: Callable[[], Any]) -> None:
        self._changed[name] = data
        if self._timer is None:
            self._timer = self._clock.call_later(_DELAY, self.flush)

    def flush(self) -> None:
        """Send what has changed, now."""
        if self._timer is not None:
            self._timer()
            self._timer = None
        while self._changed:
            name, data = self._changed.popitem()
            try:
                self._mouth.say("save", {"name": name, "value": data()})
            except HubError as error:
                _log.error("The document %s was not saved: %s", name, error)
