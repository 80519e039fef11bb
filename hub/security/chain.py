"""The audit's chain: each row's hash covers the row and the hash before it. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

GENESIS = bytes(32)
AUDIT = "audit"
"""The kind of the rows that the audit writes about itself."""


class Row(NamedTuple):
    """One row as written, without its hash. ``of`` is the intent's number where this is its outcome."""

    number: int
    time: float
    of: int | None
    kind: str
    subject: str
    caller: str
    user_id: str | None
    context_id: str | None
    detail: str
    outcome: str | None


class Link(NamedTuple):
    """A place in the chain: the number of a row and its hash."""

    number: int
    hash: bytes


START = Link(0, GENESIS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What became of checking the chain. ``problem`` says what is wrong, ``number`` at which row."""

    rows: int
    head: Link
    problem: str | None = None
    number: int | None = None

    @property
    def ok(self) -> bool:
        """True if nothing was changed."""
        return self.problem is None


def encode(row: tuple[Any, ...]) -> bytes:
    """Return the row, or its fields, as one line of JSON without its end: the same bytes for the same row."""
    return orjson.dumps(tuple(row))


def decode(line: bytes) -> Row:
    """Return the row that was encoded.

    Raises ValueError.
    """
    fields = orjson.loads(line)
    if not isinstance(fields, list) or len(fields) != len(Row._fields):
        raise ValueError(f"Expected a list of {len(Row._fields)}, got {fields!r:.80}")
    return Row(*fields)


def digest(previous: bytes, row: Row) -> bytes:
    """Return the hash of a row that stands after the one with the hash ``previous``."""
    return hashlib.sha256(previous + encode(row)).digest()


class ChainCheck:
    """Checks rows one after the other, in the order of their numbers, up to the first problem.

    ``anchor`` is a row that was surely written, kept elsewhere: with it a cut-off end is found too.
    """

    def __init__(self, anchor: Link | None = None) -> None:
        self._anchor = anchor
        self._rows = 0
        self._head = START
        self._unaccounted: tuple[Row, bytes] | None = None
        self._problem: tuple[str, int] | None = None

    def feed(self, row: Row, stored: bytes) -> None:
        """Take the next row with the hash that is stored for it."""
        if self._problem is not None:
            return
        problem = self._problem_of(row, stored)
        if problem is not None:
            self._problem = (problem, row.number)
            return
        self._rows += 1
        self._head = Link(row.number, stored)

    def finish(self) -> Verification:
        """Return what was found."""
        problem, number = self._problem or self._problem_at_end() or (None, None)
        return Verification(rows=self._rows, head=self._head, problem=problem, number=number)

    def _problem_of(self, row: Row, stored: bytes) -> str | None:
        if self._head is START and row.number != 1:
            self._unaccounted = (row, stored)  # a later row has to say why nothing stands before this one
        elif row.number != self._head.number + 1:
            return "the rows before it are missing"
        elif not _fits(self._head.hash, row, stored):
            return "the row was changed, or does not belong here"
        if self._unaccounted is not None and row.kind == AUDIT and _accounts_for(row, *self._unaccounted):
            self._unaccounted = None
        if self._anchor is not None and self._anchor.number == row.number and self._anchor.hash != stored:
            return "the row is not the one that was written"
        return None

    def _problem_at_end(self) -> tuple[str, int] | None:
        if self._unaccounted is not None:
            return "the rows before it are missing, and no row accounts for them", self._unaccounted[0].number
        if self._anchor is not None and self._anchor.number > self._head.number:
            return f"the rows from here to {self._anchor.number} are missing", self._head.number + 1
        return None


def account(link: Link, **more: Any) -> dict[str, Any]:
    """Return the detail of a row that accounts for the absence of every row up to ``link``."""
    return {"through": link.number, "hash": link.hash.hex(), **more}


def _accounts_for(row: Row, first: Row, stored: bytes) -> bool:
    """Say whether ``row`` names the hash on which the first row that is left was built."""
    detail: dict[str, Any] = orjson.loads(row.detail)
    if detail.get("through") != first.number - 1:
        return False
    return _fits(bytes.fromhex(detail["hash"]), first, stored)


def _fits(previous: bytes, row: Row, stored: bytes) -> bool:
    try:
        return digest(previous, row) == stored
    except TypeError:  # somebody put in what no row can hold
        return False
