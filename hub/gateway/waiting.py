"""Connections that have not yet said what they speak: bounded in number, so that silence costs the hub nothing."""

from __future__ import annotations

from typing import Protocol


class Visitor(Protocol):
    """An undecided connection."""

    def give_way(self) -> None:
        """Close: newer connections need the place."""


class Waiting:
    """The undecided connections, oldest first.

    Where too many wait, the oldest of that source gives way, or the oldest of all: a flood of silent connections then
    pushes itself out, and a client that speaks at once is still heard.
    """

    def __init__(self, *, per_source: int = 256, total: int = 1024) -> None:
        self._per_source = per_source
        self._total = total
        self._sources: dict[Visitor, str] = {}
        self._by_source: dict[str, dict[Visitor, None]] = {}

    def __len__(self) -> int:
        return len(self._sources)

    def enter(self, visitor: Visitor, source: str) -> None:
        """Let ``visitor`` wait; another may have to give way."""
        mine = self._by_source.setdefault(source, {})
        if len(mine) >= self._per_source:
            self._send_off(next(iter(mine)))
        elif len(self._sources) >= self._total:
            self._send_off(next(iter(self._sources)))
        self._sources[visitor] = source
        self._by_source.setdefault(source, {})[visitor] = None

    def leave(self, visitor: Visitor) -> None:
        """Note that ``visitor`` waits no more."""
        source = self._sources.pop(visitor, None)
        if source is None:
            return
        mine = self._by_source[source]
        del mine[visitor]
        if not mine:
            del self._by_source[source]

    def clear(self) -> None:
        """Send everybody off."""
        for visitor in list(self._sources):
            self._send_off(visitor)

    def _send_off(self, visitor: Visitor) -> None:
        self.leave(visitor)
        visitor.give_way()
