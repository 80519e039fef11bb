"""Whose the cells of a context are. Sequences that were copied share those of their common beginning. Pure."""

from __future__ import annotations


class Segment:
    """Cells that some sequences have in common: those of the tokens from ``start`` on, after the ``parent``'s."""

    __slots__ = ("holders", "length", "parent", "start")

    def __init__(self, parent: Segment | None, start: int) -> None:
        self.parent = parent
        self.start = start
        self.length = 0
        self.holders = 1

    @property
    def end(self) -> int:
        """The position after its last token."""
        return self.start + self.length


class Cells:
    """Counts the cells in use. A sequence is known by the segment it ends in; what changes it returns the new one."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.used = 0

    def grown(self, tip: Segment, count: int) -> Segment:
        """Add cells to a sequence."""
        if tip.holders > 1:
            tip = Segment(tip, tip.end)
        tip.length += count
        self.used += count
        return tip

    def shared(self, tip: Segment, length: int) -> Segment:
        """Return the tip of a new sequence that has the first tokens of another one."""
        segment: Segment | None = tip
        while segment is not None and segment.start >= length and segment.parent is not None:
            segment = segment.parent
        assert segment is not None
        if length < segment.end:
            segment = _split(segment, length)
        node: Segment | None = segment
        while node is not None:
            node.holders += 1
            node = node.parent
        return segment

    def cut(self, tip: Segment, length: int) -> Segment:
        """Take away all but the first cells of a sequence."""
        while tip.start >= length and tip.parent is not None:
            self._left(tip)
            tip = tip.parent
        if tip.end <= length:
            return tip
        if tip.holders > 1:
            upper = _split(tip, length)
            self._left(tip)
            return upper
        self.used -= tip.end - length
        tip.length = length - tip.start
        return tip

    def dropped(self, tip: Segment) -> None:
        """Take a sequence away."""
        segment: Segment | None = tip
        while segment is not None:
            segment = self._left(segment)

    def own(self, tip: Segment) -> int:
        """Return how many cells would be free without a sequence."""
        count, segment = 0, tip
        while segment.holders == 1:
            count += segment.length
            if segment.parent is None:
                break
            segment = segment.parent
        return count

    def _left(self, segment: Segment) -> Segment | None:
        """Note that a sequence does not hold a segment any more; return the one before it."""
        segment.holders -= 1
        if not segment.holders:
            self.used -= segment.length
        return segment.parent


def _split(segment: Segment, at: int) -> Segment:
    """Cut a segment in two; the sequences that end in it or go on from it stay with the second one. Return the first."""
    upper = Segment(segment.parent, segment.start)
    upper.length = at - segment.start
    upper.holders = segment.holders
    segment.parent, segment.start = upper, at
    segment.length -= upper.length
    return upper
