"""One step: which tokens of which requests go into the next batch."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hub.inference.engine.batch import Batch
from hub.inference.engine.deciding import Decision, Room, Wave
from hub.inference.engine.decision import Path
from hub.inference.engine.request import Rank, Request
from hub.inference.engine.sequences import Sequences

FEWEST = 32
"""Rows of a step with prompts in it: fewer cost a processor about as much, for it multiplies panels of rows."""
ALONE = 256
"""The same where nobody else waits for a token: from so many on, rows are as cheap as they get."""
LEAST_READING = 16
BRISK = 0.4
"""Seconds that a step may take while others write: their text comes in that rhythm."""
CALM = 1.0
"""Seconds that it may take otherwise: whoever comes has to wait for its end."""
_SHORT = 8
_FORCED = 64
"""Tokens that somebody who writes may have at once, by its grammar; more are an answer that is computed again."""
_INERTIA = 0.7
HALVED = range(8, 11)
"""Rows that llama.cpp may compute quicker in two steps: from 8 on it goes another way, which pays from more on."""
_QUICK = 1000
"""Rows a second."""
TILE = 16
"""Rows that are computed together: a step with prompts in it is filled up to a multiple, for that costs next to nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a request has in a batch: ``count`` tokens, and which row of the logits is after the last; None if not wanted."""

    request: Request
    count: int
    row: int | None


@dataclass(frozen=True, slots=True)
class Branches:
    """What a decision has in a batch: a wave of branches, and the paths in the order of their logits, from ``row`` on."""

    decision: Decision
    wave: Wave
    paths: list[Path]
    row: int


class Pace:
    """How many rows a step may have so that those who write go on writing."""

    def __init__(self) -> None:
        self._rate = 0.0

    @property
    def brisk(self) -> int:
        """The rows of a step that others wait for."""
        return max(FEWEST, int(self._rate * BRISK))

    @property
    def calm(self) -> int:
        """The rows of a step that nobody else waits for."""
        return max(ALONE, int(self._rate * CALM))

    @property
    def longest(self) -> int:
        """The rows of a step for which those who write wait once."""
        return int(self._rate * CALM)

    @property
    def slow(self) -> bool:
        """Whether a step takes so long that nobody minds a moment more."""
        return 0 < self._rate < _QUICK

    def took(self, rows: int, seconds: float) -> None:
        """Learn from a step; those of few rows are slower by the row, and say nothing."""
        if rows >= LEAST_READING and seconds > 0:
            rate = rows / seconds
            self._rate = self._rate * _INERTIA + rate * (1 - _INERTIA) if self._rate else rate


class Builder:
    """Fills batches: whoever writes gets all its rows, whoever reads a prompt what is left, in the order of rank.

    ``panel`` is how many rows llama.cpp computes at once; ``halved`` are the numbers of answers that are written in two steps,
    one half of them in each.
    """

    def __init__(self, batch: Batch, sequences: Sequences, *, panel: int, halved: range) -> None:
        self.batch = batch
        self.panel = panel
        self.halved = halved
        self.pace = Pace()
        self.parts: list[Part] = []
        self.branches: list[Branches] = []
        self._sequences = sequences
        self._next: set[Request] = set()

    def build(self, requests: Sequence[Request], ranks: Callable[[], Mapping[Request, Rank]], free: int) -> None:
        """Fill the batch for these requests. ``free`` cells may be used for branches besides those reserved."""
        self.batch.clear()
        self.parts, self.branches = [], []
        writers, readers, deciders = _kinds(requests)
        if sum(request.pending for request in writers) in self.halved and not readers and not deciders:
            writers = self._half(writers)
        for request in writers:
            self._add(request, request.pending)
        for decision in deciders:
            self._branch(decision, free, len(requests))
        if readers:
            readers.sort(key=ranks().__getitem__)
            self._read(readers)

    def _half(self, writers: list[Request]) -> list[Request]:
        """Return the half whose turn it is: those who were left out of the last step first."""
        writers.sort(key=lambda request: request not in self._next)
        half = (len(writers) + 1) // 2
        self._next = set(writers[half:])
        return writers[:half]

    def _read(self, readers: Sequence[Request]) -> None:
        left = self._budget(readers)
        for request in readers:
            count = min(left, request.pending)
            unshared = request.shared - len(request.tokens) + request.pending
            if self._sequences.whole and unshared > 0:  # the beginning can only be kept while it is all there is
                count = min(count, unshared)
            if count <= 0:
                return
            left -= self._add(request, count)

    def _budget(self, readers: Sequence[Request]) -> int:
        """Return the rows for prompts: as many as do not keep those waiting who write. Of several, the first is to end soon.

        Those who write wait a little longer where that ends a prompt more, and for a whole panel where it ends more prompts
        than they are: one step costs less than two.
        """
        busy, calm, brisk = self.batch.count, self.pace.calm, self.pace.brisk
        if busy:
            rows = max(LEAST_READING, brisk - busy)
        else:
            rows = calm if len(readers) == 1 else max(brisk, min(readers[0].pending, calm))
        rows = _filled(busy + rows) - busy
        ended = _ending(readers, rows)
        whole = self.panel - busy
        if _ending(readers, whole) > busy + ended:
            return whole
        longer = _filled(min(self.panel, self.pace.longest)) - busy
        return longer if _ending(readers, longer) > ended else rows

    def _add(self, request: Request, count: int) -> int:
        sequence, batch = request.sequence, self.batch
        count = min(count, batch.room)
        if sequence is None or not count:
            return 0
        done = sequence.computed
        output = done + count == len(request.tokens)
        self.parts.append(Part(request, count, batch.outputs if output else None))
        batch.add(sequence.number, done, request.tokens[done : done + count], output=output)
        return count

    def _branch(self, decision: Decision, free: int, others: int) -> None:
        assert decision.sequence is not None
        batch = self.batch
        leased = {number for branches in self.branches for number in branches.wave.numbers}
        used = sum(len(branches.wave.rows) for branches in self.branches)
        room = Room(
            rows=min(batch.room, max(self.pace.brisk - batch.count, decision.longest)),
            outputs=batch.most_outputs - batch.outputs - others,
            cells=decision.longest + max(0, free - used),
            numbers=[number for number in self._sequences.lease(batch.size) if number not in leased],
            shared=not self._sequences.whole,
        )
        wave = decision.wave(room)
        if wave is not None:
            self._sequences.fork(decision.sequence, wave.numbers)
            row = batch.outputs
            self.branches.append(Branches(decision, wave, decision.add(wave, batch), row))


def _kinds(requests: Sequence[Request]) -> tuple[list[Request], list[Request], list[Decision]]:
    """Return who writes, who reads a prompt, and whose decision goes on; who follows another one waits for it."""
    writers, readers, deciders = [], [], []
    for request in requests:
        if request.leader is not None:
            continue
        if not request.pending:
            if isinstance(request, Decision) and request.branching:
                deciders.append(request)
        elif request.pending > (_SHORT if request.reading else _FORCED):
            readers.append(request)
        else:
            writers.append(request)
    return writers, readers, deciders


def _filled(rows: int) -> int:
    return -(-rows // TILE) * TILE


def _ending(readers: Sequence[Request], rows: int) -> int:
    """Return how many of the prompts, in their order, so many rows would end."""
    totals = itertools.accumulate(request.pending for request in readers)
    return sum(1 for total in totals if total <= rows)
