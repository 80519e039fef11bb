"""What is asked of both sides of the engine's benchmark, and what they took to answer."""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

_TEXT = (
    "the a an and or of to in on off is are at for with from you your home house system state turn set "
    "open close lock start stop play dim light lamp switch fan heating climate door window garage gate "
    "blind sensor motion battery camera room office hall garden cellar left right wall table desk main "
    "second warm white cold red green blue name area tool call action value mode speed level true false "
    "now today morning evening night what which when how"
)
WORDS = tuple(_TEXT.split())
"""Each of them, after a space, is one token of a synthetic vocabulary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A prompt: what many begin with, and what is its own."""

    shared: str
    own: str

    @property
    def text(self) -> str:
        """All of it."""
        return self.shared + self.own


class Side(Protocol):
    """Something that answers prompts."""

    @property
    def name(self) -> str:
        """What it is called in a table."""

    def cpu(self) -> float:
        """Return the seconds of processor time used so far."""

    async def answer(self, ask: Ask, tokens: int, began: Callable[[], None]) -> int:
        """Answer with that many tokens; call ``began`` with the first (and then as often as you like). Return their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """What several requests at once took: processor time, and times to the first token on its clock and the wall's."""

    tokens: int
    failed: int
    cpu: float
    first_cpu: tuple[float, ...]
    first_wall: tuple[float, ...]

    @property
    def rate(self) -> float:
        """The tokens for each second of processor time."""
        return self.tokens / self.cpu


@dataclass(slots=True)
class _Watch:
    """Takes both times of the first token."""

    side: Side
    begin_cpu: float
    begin: float = field(default_factory=time.perf_counter)
    cpu: float | None = None
    wall: float = 0.0

    def began(self) -> None:
        if self.cpu is None:
            self.cpu, self.wall = self.side.cpu() - self.begin_cpu, time.perf_counter() - self.begin


async def burst(side: Side, asks: Sequence[Ask], tokens: int) -> Burst:
    """Ask all of it at once."""
    begin = side.cpu()
    watches = [_Watch(side, begin) for _ in asks]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_answer(side, ask, tokens, watch), name=f"ask:{number}")
            for number, (ask, watch) in enumerate(zip(asks, watches, strict=True))
        ]
    written = [task.result() for task in tasks]
    return Burst(
        tokens=sum(written),
        failed=sum(count != tokens for count in written),
        cpu=side.cpu() - begin,
        first_cpu=tuple(watch.cpu for watch in watches if watch.cpu is not None),
        first_wall=tuple(watch.wall for watch in watches if watch.cpu is not None),
    )


async def _answer(side: Side, ask: Ask, tokens: int, watch: _Watch) -> int:
    try:
        return await side.answer(ask, tokens, watch.began)
    except Exception as error:  # noqa: BLE001 - one request: its failure is a figure of the table
        print(f"{side.name}: {error}", file=sys.stderr, flush=True)
        return 0


def words(count: int, seed: int) -> str:
    """Return a text of so many tokens."""
    chance = random.Random(seed)
    return "".join(f" {chance.choice(WORDS)}" for _ in range(count))


def median(values: Iterable[float]) -> float:
    """Return the median, and infinity of nothing: what never came took forever."""
    return statistics.median(found) if (found := list(values)) else float("inf")


def tell(text: str) -> None:
    """Say how far the benchmark is."""
    print(text, file=sys.stderr, flush=True)
