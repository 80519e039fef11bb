"""A document that is saved a while after it changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from hub import Clock


class Storage(Protocol):
    """Where documents are kept; an adapter's host offers one."""

    def load(self, name: str) -> Any:
        """Return what was saved under ``name``, or None."""

    def save(self, name: str, data: Callable[[], Any]) -> None:
        """Write ``data()`` soon, atomically."""


class Document:
    """Saves ``snapshot()`` ``delay`` seconds after the first change, so that busy topics do not keep the disk busy."""

    def __init__(
        self, name: str, storage: Storage, clock: Clock, snapshot: Callable[[], Any], delay: float = 5.0
    ) -> None:
        self._name = name
        self._storage = storage
        self._clock = clock
        self._snapshot = snapshot
        self._delay = delay
        self._cancel: Callable[[], None] | None = None
        self._closed = False

    def load(self) -> Any:
        """Return what was saved, or None."""
        return self._storage.load(self._name)

    def changed(self) -> None:
        """Save before long."""
        if self._cancel is None and not self._closed:
            self._cancel = self._clock.call_later(self._delay, self.save)

    def save(self) -> None:
        """Save now."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self._storage.save(self._name, self._snapshot)

    def close(self) -> None:
        """Save for the last time."""
        self.save()
        self._closed = True
