"""Choosing a token, against the plainest implementation of the same rules in float64."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="numpy is not installed, so there is no local model to test")

from hub.core.inference import Sampling  # noqa: E402
from hub.errors import InferenceError  # noqa: E402
from hub.inference.engine.sampling import Chooser, filtered, largest, log_softmax  # noqa: E402

SIZES = st.sampled_from([1, 2, 31, 32, 33, 700, 5000])
SEEDS = st.integers(0, 2**32)


class Allowed:
    """A grammar that allows these tokens; it counts how often it is asked for all of them."""

    def __init__(self, tokens: Sequence[int], size: int) -> None:
        bits = np.zeros((size + 31) // 32 * 32, dtype=np.uint8)
        bits[list(tokens)] = 1
        self.tokens = set(tokens)
        self.masks = 0
        self._mask = np.packbits(bits, bitorder="little").view(np.int32)

    def allows(self, token: int) -> bool:
        return token in self.tokens

    def mask(self) -> Any:
        self.masks += 1
        return self._mask


def logits(size: int, seed: int, spread: float = 3.0) -> Any:
    return (np.random.default_rng(seed).standard_normal(size) * spread).astype(np.float32)


def shares(row: Any) -> Any:
    weights = np.exp(row.astype(np.float64) - float(row.max()))
    return weights / weights.sum()


def left(row: Any, sampling: Sampling) -> tuple[set[int], set[int]]:
    """Return the tokens that must be left, and those that may be: a sum near the border may round either way."""
    order = np.argsort(-row, kind="stable")
    weights = shares((row / np.float32(sampling.temperature)).astype(np.float64))
    order = order[: sampling.top_k or order.size]
    before = np.cumsum(weights[order]) - weights[order]
    total = weights[order].sum()
    inside, around = (before < sampling.top_p * total * (1 + sign * 1e-4) for sign in (-1, 1))
    if sampling.top_p >= 1:
        inside, around = np.ones((2, order.size), dtype=bool)
    least = sampling.min_p * weights.max()
    inside &= weights[order] >= least * (1 + 1e-4)
    around &= weights[order] >= least * (1 - 1e-4)
    return set(order[inside].tolist()), set(order[around].tolist())


def some(size: int, seed: int, share: float) -> list[int]:
    chosen = np.flatnonzero(np.random.default_rng(seed).random(size) < share)
    return chosen.tolist() or [size - 1]


@given(size=SIZES, seed=SEEDS, share=st.sampled_from([0.001, 0.5, 1.0]))
@settings(deadline=None)
def test_without_a_temperature_the_most_likely_allowed_token_is_chosen(size: int, seed: int, share: float) -> None:
    row = logits(size, seed)
    untouched = row.copy()
    tokens = some(size, seed + 1, share)
    bounds = Allowed(tokens, size)
    chosen = Chooser(Sampling(), size).choose(row, bounds)
    assert chosen.token == max(tokens, key=lambda token: row[token])
    assert bounds.masks == (0 if int(row.argmax()) in bounds.tokens else 1)
    assert (chosen.log_probability, chosen.candidates) == (None, ())
    assert (row == untouched).all()


@given(
    size=SIZES,
    seed=SEEDS,
    spread=st.sampled_from([0.01, 1.0, 8.0]),
    temperature=st.sampled_from([0.2, 0.8, 1.0, 3.0]),
    top_k=st.sampled_from([0, 1, 2, 40, 400]),
    top_p=st.sampled_from([0.01, 0.5, 0.95, 0.999999, 1.0]),
    min_p=st.sampled_from([0.0, 0.05, 1.0]),
)
@settings(max_examples=300, deadline=None)
def test_top_k_top_p_and_min_p_leave_what_they_say(
    size: int, seed: int, spread: float, temperature: float, top_k: int, top_p: float, min_p: float
) -> None:
    row = logits(size, seed, spread)
    sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    scaled = (row - row.max()) / np.float32(temperature)
    kept, weights = filtered(scaled, sampling)
    found = set(range(size)) if kept is None else set(kept.tolist())
    assert len(found) == weights.size
    must, may = left(row, sampling)
    assert must <= found <= may
    assert int(row.argmax()) in found


@given(size=SIZES, seed=SEEDS, count=st.integers(0, 50), distinct=st.sampled_from([3, 10**6]))
def test_the_largest_are_found_without_sorting_also_where_many_are_alike(
    size: int, seed: int, count: int, distinct: int
) -> None:
    values = np.random.default_rng(seed).integers(0, distinct, size).astype(np.float32)
    assert values[largest(values, count)].tolist() == sorted(values.tolist(), reverse=True)[:count]


@given(size=SIZES, seed=SEEDS, share=st.sampled_from([0.01, 0.6]), count=st.integers(0, 20))
@settings(deadline=None)
def test_the_report_is_the_models_own_opinion(size: int, seed: int, share: float, count: int) -> None:
    row = logits(size, seed)
    tokens = some(size, seed + 1, share)
    chosen = Chooser(Sampling(temperature=0.7, seed=1, presence_penalty=2.0), size, count).choose(
        row, Allowed(tokens, size)
    )
    known = shares(row)
    inside = known[tokens].sum()
    assert chosen.token in tokens
    assert chosen.log_probability == pytest.approx(math.log(known[chosen.token]), abs=1e-4)
    assert chosen.outside == pytest.approx(1 - inside, abs=1e-5)
    best = sorted(tokens, key=lambda token: -row[token])[:count]
    assert [token for token, _ in chosen.candidates] == best
    assert [p for _, p in chosen.candidates] == pytest.approx([known[t] / inside for t in best], rel=1e-4, abs=1e-9)


def test_what_the_model_thinks_impossible_still_has_shares_among_the_allowed() -> None:
    row = np.array([500.0, 0.0, 0.0, -500.0], dtype=np.float32)
    chosen = Chooser(Sampling(), 4, 2).choose(row, Allowed([1, 2], 4))
    assert chosen.candidates == ((1, 0.5), (2, 0.5))
    assert chosen.outside == 1.0
    assert chosen.log_probability == -500.0


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temperature=1.0, seed=7),
        Sampling(temperature=0.7, top_k=5, seed=7),
        Sampling(temperature=1.5, top_p=0.9, seed=7),
    ],
)
@pytest.mark.parametrize("size", [12, 1500])
def test_tokens_are_drawn_as_often_as_they_are_likely(sampling: Sampling, size: int) -> None:
    row = logits(size, 3, 2.0)
    draws = 4000
    chooser = Chooser(sampling, size)
    counts = Counter(chooser.choose(row).token for _ in range(draws))
    must, _ = left(row, sampling)
    scaled = row.astype(np.float64) / sampling.temperature
    expected = {token: math.exp(scaled[token] - scaled.max()) for token in must}
    total = sum(expected.values())
    assert set(counts) <= must
    for token, weight in expected.items():
        share = weight / total
        assert abs(counts[token] / draws - share) < 5 * math.sqrt(share * (1 - share) / draws) + 1e-3


def test_the_same_seed_draws_the_same_and_another_one_something_else() -> None:
    row = logits(900, 1, 1.0)

    def drawn(seed: int | None) -> list[int]:
        chooser = Chooser(Sampling(temperature=1.0, seed=seed), row.size)
        return [chooser.choose(row).token for _ in range(30)]

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)
    assert drawn(None) != drawn(None)


@pytest.mark.parametrize("temperature", [1e-300, 1e-6])
def test_next_to_no_temperature_is_the_most_likely_token(temperature: float) -> None:
    row = logits(700, 2)
    assert Chooser(Sampling(temperature=temperature), row.size).choose(row).token == int(row.argmax())


def test_penalties_are_openais() -> None:
    row = np.array([3.0, 2.8, 2.5], dtype=np.float32)
    presence = Chooser(Sampling(presence_penalty=0.3), 3)
    assert [presence.choose(row).token for _ in range(4)] == [0, 1, 0, 0]
    frequency = Chooser(Sampling(frequency_penalty=0.3), 3)
    assert [frequency.choose(row).token for _ in range(5)] == [0, 1, 0, 1, 2]
    rewarded = Chooser(Sampling(presence_penalty=1.0, frequency_penalty=-1.0), 3)
    assert [rewarded.choose(row).token for _ in range(4)] == [0, 0, 0, 0]


def test_forced_tokens_count_for_the_penalties() -> None:
    row = np.array([3.0, 2.8], dtype=np.float32)
    chooser = Chooser(Sampling(presence_penalty=0.3), 2)
    chooser.wrote(0)
    assert chooser.choose(row).token == 1


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_is_no_number_is_an_error(temperature: float, wrong: float) -> None:
    row = logits(64, 1)
    row[17] = wrong
    with pytest.raises(InferenceError, match="numbers"):
        Chooser(Sampling(temperature=temperature), 64).choose(row)
    with pytest.raises(InferenceError, match="numbers"):
        log_softmax(row, np.array([1]))


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_a_grammar_that_allows_nothing_is_an_error(temperature: float) -> None:
    with pytest.raises(InferenceError, match="allows none"):
        Chooser(Sampling(temperature=temperature), 64).choose(logits(64, 1), Allowed([], 64))
