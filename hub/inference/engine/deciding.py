"""A decision: how likely each of several options is to follow a prompt.

The prompt is computed once. The options form a tree; a batch takes as many of its branches as there are rows, cells and free
sequences for, and each token that several of them have in common only once.
"""

from __future__ import annotations

from collections.abc import Sequence as Series
from dataclasses import dataclass

from hub.core.inference import DecisionRequest
from hub.inference.engine.batch import Batch
from hub.inference.engine.context import Logits
from hub.inference.engine.decision import Options, Path, Shares
from hub.inference.engine.request import Order, Request
from hub.inference.protocol import Ranked


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a batch has left for branches: rows, rows with logits, cells, and the numbers of free sequences.

    ``shared`` says that a token may belong to several sequences.
    """

    rows: int
    outputs: int
    cells: int
    numbers: list[int]
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Branches for one batch: each token with the sequences it belongs to, and after which paths logits are wanted."""

    numbers: list[int]
    rows: dict[Path, list[int]]
    wanted: tuple[Path, ...]


class Decision(Request):
    """The state of one decision. ``branching`` is set while its prompt is computed and branches are still to be."""

    def __init__(
        self, order: Order, tokens: list[int], request: DecisionRequest, options: Options, *, shared: int = 0
    ) -> None:
        super().__init__(order, tokens, shared=shared)
        self._texts = request.options
        self._options = options
        self._shares: dict[Path, Shares] = {}
        self._left = [path for path in options.branches() if path]
        self._longest = max((len(path) for path in self._left), default=0)
        self._output = 0

    @property
    def branching(self) -> bool:
        """Whether branches are what it needs next."""
        return () in self._shares and bool(self._left)

    @property
    def needs(self) -> int:
        return self.prompt + self._longest

    @property
    def longest(self) -> int:
        """The most tokens of a branch."""
        return self._longest

    def read(self, row: Logits, now: float) -> bool:
        self.first = now
        self._shares[()] = self._options.shares((), row)
        return not self._left

    def wave(self, room: Room) -> Wave | None:
        """Return the next branches that there is room for, the deepest first for they need most; None if for none."""
        rows: dict[Path, list[int]] = {}
        taken: list[int] = []
        for path in reversed(self._left):
            if path in rows:  # on the way of a deeper one
                continue
            new = [path[:depth] for depth in range(1, len(path) + 1) if path[:depth] not in rows]
            full = len(taken) == (len(room.numbers) if room.shared else 1)
            if full or not room.numbers or len(rows) + len(new) > min(room.rows, room.cells):
                break
            number = room.numbers[len(taken)]
            for depth in range(1, len(path) + 1):
                rows.setdefault(path[:depth], []).append(number)
            taken.append(number)
        wanted = [path for path in self._left if path in rows][-room.outputs :] if room.outputs else []
        if not wanted:
            return None
        return Wave(numbers=taken, rows=dict(sorted(rows.items())), wanted=tuple(wanted))

    def add(self, wave: Wave, batch: Batch) -> list[Path]:
        """Put branches into a batch; return the paths in the order of their logits."""
        wanted, order = set(wave.wanted), []
        for path, numbers in wave.rows.items():
            batch.share(numbers, self.prompt + len(path) - 1, path[-1], output=path in wanted)
            if path in wanted:
                order.append(path)
        self._output += len(wave.rows)
        return order

    def take(self, paths: Series[Path], rows: Series[Logits]) -> bool:
        """Read the logits after branches; True if these were the last."""
        for path, row in zip(paths, rows, strict=True):
            self._shares[path] = self._options.shares(path, row)
        done = set(paths)
        self._left = [path for path in self._left if path not in done]
        return not self._left

    def event(self, now: float) -> Ranked | None:
        if () not in self._shares or self._left:
            return None
        standing = self._options.rank(self._shares)
        return Ranked(id=self.number, ranking=standing.ranking(self._texts, self.usage(now, self._output)))
