"""Ranking options on a random model, against the sum over everything that it could say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

np = pytest.importorskip("numpy", reason="numpy is not installed, so there is no local model to test")

from hub.core.inference import Usage  # noqa: E402
from hub.errors import Unanswerable  # noqa: E402
from hub.inference.engine.decision import Options, Path, Standing  # noqa: E402

SIZE = 12
ENDS = (10, 11)
OPTIONS = st.lists(st.lists(st.integers(0, 9), max_size=5).map(tuple), min_size=1, max_size=12, unique=True)
SEEDS = st.integers(0, 2**32)


class RandomModel:
    """Thinks something else after every path, and the same each time."""

    def __init__(self, seed: int, spread: float = 4.0) -> None:
        self._seed = seed
        self._spread = spread

    def row(self, path: Path) -> Any:
        random = np.random.default_rng([self._seed, *(token + 1 for token in path)])
        return (random.standard_normal(SIZE) * self._spread).astype(np.float32)

    def shares(self, path: Path) -> Any:
        weights = np.exp(self.row(path).astype(np.float64))
        return weights / weights.sum()


def standing(options: Options, model: RandomModel) -> Standing:
    return options.rank({path: options.shares(path, model.row(path)) for path in options.branches()})


def brute(options: Sequence[Path], model: RandomModel) -> tuple[list[float], list[float]]:
    """Return both probabilities of each option by walking along it and looking at all the others at each place."""
    probabilities, unmasked = [], []
    for option in options:
        among, own = 1.0, 1.0
        for depth in range(len(option) + 1):
            path = option[:depth]
            ways = {other[depth] if depth < len(other) else None for other in options if other[:depth] == path}
            if len(ways) < 2 and depth > 0:
                continue
            known = model.shares(path)
            share = {way: float(known[list(ENDS)].sum() if way is None else known[way]) for way in ways}
            taken = option[depth] if depth < len(option) else None
            own *= share[taken]
            among *= share[taken] / sum(share.values())
        probabilities.append(among)
        unmasked.append(own)
    return probabilities, unmasked


@given(options=OPTIONS, seed=SEEDS)
@settings(deadline=None)
def test_probabilities_agree_with_looking_at_every_place_of_every_option(options: list[Path], seed: int) -> None:
    model = RandomModel(seed)
    found = standing(Options(options, ENDS), model)
    probabilities, unmasked = brute(options, model)
    assert found.probabilities == pytest.approx(probabilities, rel=1e-4, abs=1e-12)
    assert found.unmasked == pytest.approx(unmasked, rel=1e-4, abs=1e-12)


@given(options=OPTIONS, seed=SEEDS, spread=st.sampled_from([0.1, 4.0, 300.0]))
@settings(deadline=None)
def test_probabilities_make_one_and_the_models_own_at_most_one(options: list[Path], seed: int, spread: float) -> None:
    found = standing(Options(options, ENDS), RandomModel(seed, spread))
    assert math.fsum(found.probabilities) == pytest.approx(1.0, abs=1e-9)
    assert math.fsum(found.unmasked) <= 1.0 + 1e-6
    assert found.outside == pytest.approx(max(0.0, 1.0 - math.fsum(found.unmasked)), abs=1e-9)
    assert all(0.0 <= share <= 1.0 + 1e-9 for share in (*found.probabilities, *found.unmasked, found.outside))


@given(options=OPTIONS)
def test_branches_are_where_options_part_and_each_comes_after_those_it_goes_on_from(options: list[Path]) -> None:
    branches = Options(options, ENDS).branches()
    assert branches[0] == ()
    assert len(set(branches)) == len(branches)
    assert [len(path) for path in branches] == sorted(len(path) for path in branches)
    assert len(branches) <= max(1, len(options))
    assert all(any(option[: len(path)] == path for option in options) for path in branches)


def test_a_forced_tail_needs_no_logits() -> None:
    options = Options([(1, 2, 3, 4), (1, 2, 5, 6), (7,)], ENDS)
    assert options.branches() == ((), (1, 2))


def test_an_option_that_begins_another_one_ends_by_any_end() -> None:
    options = Options([(1,), (1, 2)], ENDS)
    row = np.full(SIZE, -math.inf, dtype=np.float32)
    row[list(ENDS)] = math.log(0.3)
    row[2] = math.log(0.4)
    certain = np.full(SIZE, -math.inf, dtype=np.float32)
    certain[1] = 0.0
    found = options.rank({(): options.shares((), certain), (1,): options.shares((1,), row)})
    assert found.probabilities == pytest.approx((0.6, 0.4))
    assert found.outside == pytest.approx(0.0, abs=1e-6)


def test_a_model_that_has_something_else_in_mind_is_noticed_even_with_one_beginning() -> None:
    options = Options([(1, 2), (1, 3)], ENDS)
    elsewhere = np.full(SIZE, -20.0, dtype=np.float32)
    elsewhere[9] = 0.0
    found = options.rank({path: options.shares(path, elsewhere) for path in options.branches()})
    assert found.probabilities == pytest.approx((0.5, 0.5))
    assert found.outside > 0.999


def test_options_that_the_model_rules_out_are_alike() -> None:
    options = Options([(1,), (2,)], ENDS)
    impossible = np.full(SIZE, -math.inf, dtype=np.float32)
    impossible[9] = 0.0
    found = options.rank({(): options.shares((), impossible)})
    assert found.probabilities == pytest.approx((0.5, 0.5))
    assert found.outside == 1.0


def test_a_ranking_has_the_most_likely_option_first() -> None:
    ranking = Standing(probabilities=(0.2, 0.8), unmasked=(0.1, 0.4), outside=0.5).ranking(("on", "off"), Usage())
    assert [option.text for option in ranking.options] == ["off", "on"]
    assert ranking.best.unmasked == 0.4
    assert ranking.outside == 0.5


@pytest.mark.parametrize("options", [[], [(1, 2), (1, 2)]])
def test_options_must_be_there_and_differ(options: list[Path]) -> None:
    with pytest.raises(Unanswerable, match="option"):
        Options(options, ENDS)
