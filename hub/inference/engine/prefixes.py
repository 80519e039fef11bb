"""Sequences that nobody works at and new requests may begin with: shared beginnings of prompts, and finished answers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from hub.inference.engine.sequences import Known, Sequence, Sequences

_IDLE_SHARE = 2
"""Finished answers take at most one part in so many of the cells, the latest aside."""
IDLE_CELLS = 1024
"""They take no more than this where every step looks at all cells in use: so many cost an answer some 15 % of its time."""


class Prefixes:
    """``pinned`` are what many requests begin with, ``idle`` are answers and their prompts; at most ``most`` of each.

    Both go when there is need of their cells or numbers: first the answer that was used longest ago, last the pinned.
    Answers take ``idle_cells`` at most, and half of the cells; the latest always stays.
    """

    def __init__(self, sequences: Sequences, most: int, idle_cells: int | None = None) -> None:
        self.pinned: list[Sequence] = []
        self.idle: list[Sequence] = []
        self._sequences = sequences
        self._most = most
        half = sequences.cells.total // _IDLE_SHARE
        self._idle_cells = half if idle_cells is None else min(half, idle_cells)
        self._uses = count(1)

    def longest(self, known: Known, others: Iterable[Sequence] = ()) -> tuple[Sequence | None, int]:
        """Return the sequence that has the longest beginning of these tokens computed, and its length."""
        best, length = None, 0
        for sequence in (*self.pinned, *self.idle, *others):
            common = min(sequence.common(known), sequence.computed)
            if common > length and (common := self._sequences.usable(sequence, common)) > length:
                best, length = sequence, common
        return best, length

    def covered(self, known: Known) -> int:
        """Return with how many of a sequence's tokens these begin; any thread may ask, and get what was true just now."""
        return max((sequence.common(known) for sequence in (*self.pinned, *self.idle)), default=0)

    def give_way(self, cells: int) -> bool:
        """Whether there is a place for a sequence of so many cells; answers make way for it, shared beginnings do not."""
        while self.idle and not self._fits(cells):
            self._drop(min(self.idle, key=_last_use))
        return self._fits(cells)

    def touch(self, sequence: Sequence) -> None:
        """Note that a sequence was of use."""
        sequence.used = next(self._uses)

    def keep(self, sequence: Sequence, known: Known) -> None:
        """Take a sequence that nobody works at any more; ``known`` are its tokens."""
        sequence.known = known
        if not known.size or any(other.common(known) == known.size for other in (*self.pinned, *self.idle)):
            self._sequences.end(sequence)
            return
        for other in [other for other in self.idle if other.common(known) == other.known.size]:
            self._drop(other)
        self.touch(sequence)
        self.idle.append(sequence)
        while len(self.idle) > 1 and self._too_much():
            self._drop(min(self.idle, key=_last_use))

    def pin(self, source: Sequence, length: int) -> Sequence | None:
        """Keep the first tokens of a sequence at work; return the new sequence, or None if it is there or has no place."""
        known = source.known[:length]
        for sequence in self.pinned:
            if sequence.known.size == length and sequence.common(known) == length:
                self.touch(sequence)
                return None
        if not self._most or not self._sequences.usable(source, length) or not self._number():
            return None
        sequence = self._sequences.begin(known)
        self._sequences.lend(source, sequence, length)
        self.add(sequence)
        return sequence

    def add(self, sequence: Sequence) -> None:
        """Take in a shared beginning."""
        self.touch(sequence)
        self.pinned.append(sequence)
        if len(self.pinned) > self._most:
            self._drop(min(self.pinned, key=_last_use))

    def evict(self, besides: Sequence | None = None) -> bool:
        """Give up what is least worth; False if there is nothing."""
        for kept in (self.idle, self.pinned):
            if candidates := [sequence for sequence in kept if sequence is not besides]:
                self._drop(min(candidates, key=_last_use))
                return True
        return False

    def _fits(self, cells: int) -> bool:
        account = self._sequences.cells
        return self._sequences.free > 0 and account.used + cells <= account.total // 2

    def _number(self) -> bool:
        """Whether there is a free sequence; an answer makes way."""
        if not self._sequences.free and self.idle:
            self._drop(min(self.idle, key=_last_use))
        return self._sequences.free > 0

    def _too_much(self) -> bool:
        cells = self._sequences.cells
        return len(self.idle) > self._most or sum(cells.own(s.tip) for s in self.idle) > self._idle_cells

    def _drop(self, sequence: Sequence) -> None:
        (self.idle if sequence in self.idle else self.pinned).remove(sequence)
        self._sequences.end(sequence)


def _last_use(sequence: Sequence) -> float:
    return sequence.used
