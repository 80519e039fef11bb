"""A request at work in the engine: what it needs computed next, and what it makes of the logits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from hub.core.inference import Usage
from hub.inference.engine.context import Logits
from hub.inference.engine.sequences import Known, Sequence
from hub.inference.protocol import Event

Rank = tuple[int, float, int]
"""Who goes first: the lower priority number, then the earlier deadline, then who came first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What all requests have: ``number`` is the hub's, ``arrival`` counts, times are of ``time.monotonic``."""

    number: int
    priority: int
    arrival: int
    received: float
    timeout: float

    @property
    def deadline(self) -> float:
        """When its time is up."""
        return self.received + self.timeout

    @property
    def rank(self) -> Rank:
        """Its place among the others."""
        return (self.priority, self.deadline, self.arrival)


class Request(ABC):
    """``tokens`` are the prompt's and then those written; the first ``shared`` of them other requests begin with too.

    ``sequence`` is where its tokens are computed, None while it waits. A request that begins as another one does follows it:
    ``leader`` computes the ``follows`` first tokens for both. It may grow to ``ceiling`` tokens without asking for cells.
    """

    def __init__(self, order: Order, tokens: list[int], *, shared: int = 0) -> None:
        self.order = order
        self.rank = order.rank
        self.tokens = tokens
        self.prompt = len(tokens)
        self.shared = min(shared, len(tokens) - 1)
        self.known: Known = np.array(tokens, np.int32)
        self.sequence: Sequence | None = None
        self.leader: Request | None = None
        self.follows = 0
        self.ceiling = 0
        self.cached = 0
        self.pinned = False
        self.admitted: float | None = None
        self.first: float | None = None

    @property
    def number(self) -> int:
        """The hub's number for it."""
        return self.order.number

    @property
    def pending(self) -> int:
        """How many of its tokens are not computed yet."""
        return len(self.tokens) - (self.sequence.computed if self.sequence else 0)

    @property
    def reading(self) -> bool:
        """Whether it is still at its prompt."""
        return self.first is None

    @property
    @abstractmethod
    def needs(self) -> int:
        """How many tokens it may come to have."""

    @abstractmethod
    def read(self, row: Logits, now: float) -> bool:
        """Go on with the logits after the last token; True if that was the end."""

    @abstractmethod
    def event(self, now: float) -> Event | None:
        """Return what is new since the last call, or None."""

    def so_far(self, count: int) -> Known:
        """Return its first tokens."""
        return self.known[:count] if count <= self.known.size else np.array(self.tokens[:count], np.int32)

    def admitted_at(self, now: float, cached: int) -> None:
        """Note when work on it began, and how much of its prompt was known already; the first time counts."""
        if self.admitted is None:
            self.admitted, self.cached = now, min(cached, self.prompt)

    def usage(self, now: float, output: int) -> Usage:
        """Return what it took."""
        received = self.order.received
        return Usage(
            prompt_tokens=self.prompt,
            cached_tokens=self.cached,
            output_tokens=output,
            waited=round((self.admitted or now) - received, 6),
            first=round((self.first or now) - received, 6),
            duration=round(now - received, 6),
        )
