"""Which requests read a set of registers: neighbours come in one answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hearth_modbus.registers import Kind, Register

MOST_WORDS, MOST_BITS = 125, 2000
"""What one answer holds at most, as the protocol says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One request: ``count`` addresses from ``start`` on, and whose values they are."""

    kind: Kind
    start: int
    count: int
    registers: tuple[Register, ...]

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.start + self.count

    def cut(self, answer: Sequence[int]) -> Iterator[tuple[Register, Sequence[int]]]:
        """Yield each register with its part of the answer."""
        for register in self.registers:
            yield register, answer[register.address - self.start : register.end - self.start]


def plan(registers: Iterable[Register], *, gap: int = 0, most: int = MOST_WORDS) -> list[Span]:
    """Return as few requests as read all these registers.

    ``gap`` is how many addresses that nobody wants may be read along, ``most`` how many registers the device gives at once.
    A value is never read in two halves.
    """
    spans: list[Span] = []
    for register in sorted(registers, key=lambda each: (each.kind, each.address, each.length)):
        limit = MOST_BITS if register.kind.is_bits else most
        joined = _join(spans[-1], register) if spans else None
        if joined is not None and register.address <= spans[-1].end + gap and joined.count <= limit:
            spans[-1] = joined
        else:
            spans.append(alone(register))
    return spans


def split(span: Span) -> list[Span]:
    """Return requests for each of its values alone: for a device that refuses what lies between or beside them."""
    starts: dict[tuple[int, int], list[Register]] = {}
    for register in span.registers:
        starts.setdefault((register.address, register.length), []).append(register)
    return [
        Span(kind=span.kind, start=start, count=count, registers=tuple(same)) for (start, count), same in starts.items()
    ]


def alone(register: Register) -> Span:
    """Return the request for one value."""
    return Span(kind=register.kind, start=register.address, count=register.length, registers=(register,))


def _join(span: Span, register: Register) -> Span | None:
    if span.kind is not register.kind:
        return None
    end = max(span.end, register.end)
    return Span(kind=span.kind, start=span.start, count=end - span.start, registers=(*span.registers, register))
