"""How likely each of several options is: a tree of their tokens, judged only where they part. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hub.core.inference import RankedOption, Ranking, Usage
from hub.errors import Unanswerable
from hub.inference.engine.sampling import Logits, log_softmax

Path = tuple[int, ...]
"""Tokens after the prompt."""
Shares = NDArray[np.float64]
"""The model's log-probabilities of the ways on from a branch."""

_END = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the options came to, in their order; see ``hub.core.inference.Ranking``."""

    probabilities: tuple[float, ...]
    unmasked: tuple[float, ...]
    outside: float

    def ranking(self, texts: Sequence[str], usage: Usage) -> Ranking:
        """Return the options by name, most likely first."""
        options = [
            RankedOption(text=text, probability=probability, unmasked=unmasked)
            for text, probability, unmasked in zip(texts, self.probabilities, self.unmasked, strict=True)
        ]
        options.sort(key=lambda option: -option.probability)
        return Ranking(options=tuple(options), outside=self.outside, usage=usage)


class Options:
    """The tree of options, each a list of tokens; ``ends`` are the model's tokens that end an answer.

    The first place counts as a branch even if all options begin alike: the prompt has to be read in any case, and what the
    model thinks there says whether it had any of the options in mind. An option that begins another one ends by ``ends``.
    """

    def __init__(self, options: Sequence[Sequence[int]], ends: Sequence[int]) -> None:
        self._options = [tuple(option) for option in options]
        self._ends = np.array(ends, dtype=np.intp)
        if not self._options or len(set(self._options)) < len(self._options):
            raise Unanswerable("Expected at least one option, each of other tokens than the others")
        self._ways: dict[Path, dict[int, int]] = {}
        for option in self._options:
            for depth, token in enumerate((*option, _END)):
                ways = self._ways.setdefault(option[:depth], {})
                ways.setdefault(token, len(ways))

    def branches(self) -> tuple[Path, ...]:
        """Return the paths after which logits are needed, the shortest first."""
        return self._branches

    def shares(self, path: Path, row: Logits) -> Shares:
        """Return what ``rank`` needs of the logits after a path: few numbers, so the row may be overwritten.

        Raises InferenceError if the model's numbers are none.
        """
        ways = self._ways[path]
        tokens = np.array([token for token in ways if token != _END], dtype=np.intp)
        known = log_softmax(row, np.concatenate([tokens, self._ends]))
        end = float(np.logaddexp.reduce(known[tokens.size :], initial=-math.inf))
        following = iter(known)
        return np.array([end if token == _END else next(following) for token in ways])

    def rank(self, shares: Mapping[Path, Shares]) -> Standing:
        """Return how likely each option is, given the shares after each branch."""
        inner = {path: _renormalised(shares[path]) for path in self._branches}
        unmasked = [math.exp(self._sum(option, shares)) for option in self._options]
        return Standing(
            probabilities=tuple(math.exp(self._sum(option, inner)) for option in self._options),
            unmasked=tuple(unmasked),
            outside=min(1.0, max(0.0, 1.0 - math.fsum(unmasked))),
        )

    @cached_property
    def _branches(self) -> tuple[Path, ...]:
        return tuple(sorted((p for p, ways in self._ways.items() if len(ways) > 1 or not p), key=lambda p: (len(p), p)))

    def _sum(self, option: Path, shares: Mapping[Path, Shares]) -> float:
        """Return the log-probability of an option: the sum of those of its ways at the branches."""
        steps = ((option[:depth], token) for depth, token in enumerate((*option, _END)))
        return math.fsum(shares[path][self._ways[path][token]] for path, token in steps if path in shares)


def _renormalised(shares: Shares) -> Shares:
    known = float(np.logaddexp.reduce(shares))
    if known == -math.inf:  # the model rules all of them out: none is better than another
        return np.full(shares.size, -math.log(shares.size))
    return shares - known
