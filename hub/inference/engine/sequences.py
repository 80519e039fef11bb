"""The sequences of a context: which numbers are taken, what each holds, and how many cells that takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub.inference.engine.cells import Cells, Segment
from hub.inference.engine.context import Context

Known = NDArray[np.int32]


class Sequence:
    """Tokens in a context: ``computed`` of them have their keys and values. ``known`` is what others may begin with too."""

    __slots__ = ("computed", "known", "number", "tip", "used")

    def __init__(self, number: int, known: Known) -> None:
        self.number = number
        self.known = known
        self.computed = 0
        self.tip = Segment(None, 0)
        self.used = 0.0

    def common(self, tokens: Known) -> int:
        """Return with how many of its tokens another list begins."""
        count = min(self.known.size, tokens.size)
        differs = self.known[:count] != tokens[:count]
        first = int(differs.argmax()) if count else 0
        return first if count and differs[first] else count


class Sequences:
    """Hands out a context's sequences and keeps account of its cells."""

    def __init__(self, context: Context, *, window: int = 0, whole: bool = False) -> None:
        self.cells = Cells(context.size)
        self._context = context
        self._window = window
        self.whole = whole
        self._free = list(range(context.sequences - 1, -1, -1))

    @property
    def free(self) -> int:
        """How many more sequences there may be."""
        return len(self._free)

    def begin(self, known: Known) -> Sequence:
        """Return an empty sequence. There must be a free one."""
        return Sequence(self._free.pop(), known)

    def extended(self, sequence: Sequence, count: int) -> None:
        """Note that more tokens of a sequence were computed."""
        sequence.tip = self.cells.grown(sequence.tip, count)
        sequence.computed += count

    def lend(self, source: Sequence, target: Sequence, length: int) -> None:
        """Give an empty sequence the first tokens of another one."""
        self._context.copy(source.number, target.number, length)
        self.cells.dropped(target.tip)
        target.tip = self.cells.shared(source.tip, length)
        target.computed = length

    def usable(self, source: Sequence, length: int) -> int:
        """Return how many of ``length`` computed tokens another sequence can really take over."""
        if self.whole:  # what a recurrent layer remembers is of the whole sequence
            return length if length == source.computed else 0
        if self._window and self._context.first(source.number) > max(0, length - self._window):
            return 0
        return length

    def cut(self, sequence: Sequence, length: int) -> bool:
        """Forget all but the first tokens of a sequence; False if that is only possible with all of them, which is done."""
        if length >= sequence.computed:
            return True
        possible = self._context.cut(sequence.number, length)
        if not possible:
            self._context.drop(sequence.number)
            length = 0
        sequence.tip = self.cells.cut(sequence.tip, length)
        sequence.computed = length
        return possible

    def end(self, sequence: Sequence) -> None:
        """Let a sequence go."""
        self._context.drop(sequence.number)
        self.cells.dropped(sequence.tip)
        self._free.append(sequence.number)

    def lease(self, count: int) -> list[int]:
        """Return the numbers of free sequences for a single batch, at most ``count``."""
        numbers = self._free[-count:] if count > 0 else []
        return numbers[::-1]

    def fork(self, source: Sequence, numbers: list[int]) -> None:
        """Give free sequences all tokens of another one for a single batch; ``unfork`` must follow."""
        for number in numbers:
            self._context.copy(source.number, number, source.computed)

    def unfork(self, numbers: list[int]) -> None:
        """Forget what a single batch put into free sequences."""
        for number in numbers:
            self._context.drop(number)
