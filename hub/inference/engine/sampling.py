"""Choose a token from what the model thinks of every token.

The logits of a step lie in llama.cpp's memory and are only read. The usual case, the most likely token and a grammar that
agrees, is one pass over them; everything dearer happens only where it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hub.core.inference import Sampling
from hub.errors import InferenceError

Logits = NDArray[np.float32]
Positions = NDArray[np.intp]
Mask = NDArray[np.int32]

_COLDEST = 1e-30
_GROUPS = 64
_BLOCK = 512
_DEPTHS = (4.0, 8.0, 16.0)
_BINS = 2048
_BINS_TO_ONE = 64


class Bounds(Protocol):
    """What may come next; a Matcher is one."""

    def allows(self, token: int) -> bool:
        """Whether this token may."""

    def mask(self) -> Mask:
        """One bit a token, 32 to a word, the lowest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A token, and if candidates are asked for, what the model itself thought before any grammar or sampling.

    ``candidates`` are (token, probability) among the allowed, most likely first; ``outside`` is the mass of the others.
    """

    token: int
    log_probability: float | None = None
    candidates: tuple[tuple[int, float], ...] = ()
    outside: float = 0.0


class Chooser:
    """Chooses the tokens of one answer.

    The order is that of Transformers and vLLM: penalties, grammar, temperature, ``top_k``, ``top_p``, ``min_p``.
    """

    def __init__(self, sampling: Sampling, size: int, candidates: int | None = None) -> None:
        self._sampling = sampling
        self._candidates = candidates
        self._random = np.random.default_rng(sampling.seed) if sampling.temperature > 0 else None
        self._written: set[int] = set()
        self._penalty: Logits | None = None
        if sampling.presence_penalty or sampling.frequency_penalty:
            self._penalty = np.zeros(size, dtype=np.float32)

    def choose(self, row: Logits, bounds: Bounds | None = None) -> Chosen:
        """Return the next token, given the logits of every token, and remember it for the penalties.

        Raises InferenceError if the model's numbers are none, or nothing is allowed.
        """
        values = row if self._penalty is None else row - self._penalty
        if self._random is not None:
            token = self._drawn(values) if bounds is None else _inside(values, bounds, self._drawn)
        else:
            token = _most_likely(values, bounds)
        self.wrote(token)
        return Chosen(token=token) if self._candidates is None else _reported(token, row, bounds, self._candidates)

    def wrote(self, *tokens: int) -> None:
        """Remember tokens of the answer that were not chosen here, for the penalties."""
        if self._penalty is not None:
            for token in tokens:
                new = token not in self._written
                self._penalty[token] += self._sampling.frequency_penalty + new * self._sampling.presence_penalty
                self._written.add(token)

    def _drawn(self, values: Logits) -> int:
        assert self._random is not None
        with np.errstate(over="ignore"):  # temperatures next to 0
            scaled = (values - values[_peak(values)]) / np.float32(max(self._sampling.temperature, _COLDEST))
        kept, weights = filtered(scaled, self._sampling)
        position = _located(weights, self._random.random())
        return position if kept is None else int(kept[position])


def log_softmax(row: Logits, tokens: Positions) -> NDArray[np.float64]:
    """Return the log-probabilities of a few tokens.

    Raises InferenceError if the model's numbers are none.
    """
    peak, weights = _weighed(row)
    return row[tokens].astype(np.float64) - (peak + math.log(weights.sum()))


def filtered(scaled: Logits, sampling: Sampling) -> tuple[Positions | None, Logits]:
    """Return which positions ``top_k``, ``top_p`` and ``min_p`` leave, and their weights; None for all.

    ``scaled`` are logits by the temperature, the largest 0.
    """
    weights: Logits = np.exp(scaled)
    kept: Positions | None = None
    if 0 < sampling.top_k < scaled.size:
        kept = largest(scaled, sampling.top_k)
    if sampling.top_p < 1:
        kept = _nucleus(scaled, weights, sampling.top_p, kept)
    if sampling.min_p > 0:
        among = weights if kept is None else weights[kept]
        above = np.flatnonzero(among >= min(sampling.min_p, 1.0))
        kept = above if kept is None else kept[above]
    return kept, weights if kept is None else weights[kept]


def largest(values: Logits, count: int) -> Positions:
    """Return where the largest values are, the very largest first, without sorting the rest of the vocabulary.

    Each of as many groups as wanted has a largest value: the least of the best of these bounds the values wanted from below.
    """
    width = values.size // _GROUPS
    if 0 < count < width:
        heads = values[: width * _GROUPS].reshape(_GROUPS, width).max(axis=0)
        found = np.flatnonzero(values >= np.partition(heads, width - count)[width - count])
    else:
        found = np.arange(values.size)
    return found[np.argsort(-values[found], kind="stable")[:count]]


def _nucleus(scaled: Logits, weights: Logits, top_p: float, among: Positions | None) -> Positions:
    """Return the fewest positions whose weights make up this share of the total; only a thin slice is sorted."""
    total = float((weights if among is None else weights[among]).sum())
    among = _enough(scaled, weights, top_p * total) if among is None else among
    bins = np.minimum(scaled[among] * -_BINS_TO_ONE, _BINS - 1).astype(np.intp)
    masses = np.cumsum(np.bincount(bins, weights[among], _BINS))
    last = min(int(np.searchsorted(masses, top_p * total)), _BINS - 1)
    edge = among[bins == last]
    edge = edge[np.argsort(-scaled[edge], kind="stable")]
    missing = top_p * total - (float(masses[last - 1]) if last else 0.0)
    count = int(np.searchsorted(np.cumsum(weights[edge], dtype=np.float64), missing)) + 1
    return np.concatenate([among[bins < last], edge[:count]])


def _enough(scaled: Logits, weights: Logits, wanted: float) -> Positions:
    """Return all positions above some value; their weights make up what is wanted."""
    for depth in _DEPTHS:
        found = np.flatnonzero(scaled >= -depth)
        if float(weights[found].sum()) >= wanted:
            return found
    return np.arange(scaled.size)


def _located(weights: Logits, share: float) -> int:
    """Return the position at which the cumulated weights pass this share of their sum."""
    starts = np.arange(0, weights.size, _BLOCK)
    blocks = np.cumsum(np.add.reduceat(weights, starts), dtype=np.float64)
    wanted = share * float(blocks[-1])
    block = min(int(np.searchsorted(blocks, wanted, side="right")), starts.size - 1)
    wanted -= float(blocks[block - 1]) if block else 0.0
    inner = np.cumsum(weights[starts[block] : starts[block] + _BLOCK], dtype=np.float64)
    within = int(np.searchsorted(inner, min(wanted, np.nextafter(inner[-1], 0)), side="right"))
    return int(starts[block]) + within


def _most_likely(values: Logits, bounds: Bounds | None) -> int:
    token = _peak(values)
    return token if bounds is None or bounds.allows(token) else _inside(values, bounds, _peak)


def _inside(values: Logits, bounds: Bounds, choose: Callable[[Logits], int]) -> int:
    """Return the token that is chosen among the allowed ones."""
    allowed = _allowed(bounds, values.size)
    return int(allowed[choose(values[allowed])])


def _allowed(bounds: Bounds, size: int) -> Positions:
    bits = np.unpackbits(bounds.mask().view(np.uint8), count=size, bitorder="little")
    allowed = np.flatnonzero(bits.view(np.bool_))
    if allowed.size == 0:
        raise InferenceError("Expected the grammar to allow a token, it allows none")
    return allowed


def _reported(token: int, row: Logits, bounds: Bounds | None, count: int) -> Chosen:
    peak, weights = _weighed(row)
    total = float(weights.sum())
    log_probability = float(row[token]) - peak - math.log(total)
    allowed, outside = None, 0.0
    if bounds is not None:
        allowed = _allowed(bounds, row.size)
        outside = max(0.0, 1.0 - float(weights[allowed].sum()) / total)
        _, weights = _weighed(row[allowed])  # anew: all of them may have underflowed
        total = float(weights.sum())
    candidates = tuple(
        (int(place if allowed is None else allowed[place]), float(weights[place]) / total)
        for place in largest(weights, count)[:count]
    )
    return Chosen(token=token, log_probability=log_probability, candidates=candidates, outside=outside)


def _weighed(values: Logits) -> tuple[float, Logits]:
    """Return the largest logit, and e to the power of how far each is below it."""
    peak = values[_peak(values)]
    return float(peak), np.exp(values - peak)


def _peak(values: Logits) -> int:
    """Return where the largest value is; ``argmax`` finds what is no number first."""
    position = int(values.argmax())
    if not math.isfinite(values[position]):
        raise InferenceError(
            f"Expected numbers from the model, got {values[position]}. Its file or its settings are damaged"
        )
    return position
