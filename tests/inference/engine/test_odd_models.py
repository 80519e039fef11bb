"""Models whose state cannot be cut, or forgets: what they answer together is what they answer alone."""

from __future__ import annotations

import math
from typing import Any

import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.inference import Priority
from hub.errors import PromptTooLong
from hub.inference.protocol import Embedded, Ranked
from tests.inference.engine.bench import HOME, Bench, bench, pieces
from tests.inference.engine.odd_models import WINDOW, odd_model
from tests.inference.engine.test_random_requests import ACTS, throw

ODD = ["mamba", "gemma3"]


def test_they_are_odd() -> None:
    assert odd_model("mamba").whole
    assert odd_model("gemma3").window == WINDOW
    assert not odd_model("gemma3").whole


def alone(architecture: str, prompt: Any, **options: Any) -> float:
    with bench(of=odd_model(architecture)) as made:
        number = made.ask(prompt, candidates=1, max_tokens=1, **options)
        made.run()
        return made.tokens(number)[0].log_probability


@pytest.mark.parametrize("architecture", ODD)
def test_what_many_get_together_is_what_each_gets_alone(architecture: str) -> None:
    prompts = [pieces(HOME, f"> hello {word}\n=") for word in "abcdef"]
    with bench(of=odd_model(architecture), sequences=4, batch=64) as made:
        numbers = [made.ask(prompt, shared=1, candidates=1, max_tokens=12) for prompt in prompts]
        made.run()
        later = [made.ask(prompt, shared=1, candidates=1, max_tokens=3, priority=Priority.CHAT) for prompt in prompts]
        made.run()
        for prompt, first, second in zip(prompts, numbers, later, strict=True):
            expected = alone(architecture, prompt)
            assert math.isclose(made.tokens(first)[0].log_probability, expected, abs_tol=0.05)
            assert math.isclose(made.tokens(second)[0].log_probability, expected, abs_tol=0.05)
        assert made.usage(later[0]).cached_tokens > WINDOW


@pytest.mark.parametrize("architecture", ODD)
def test_a_decision_is_the_same_in_one_batch_and_in_many(architecture: str) -> None:
    options = ("light.kitchen", "light.kitchen_table", "light.hall", "fan.bath", "fan.hall")
    rankings = []
    for sequences, batch in ((16, 512), (1, 32)):
        with bench(of=odd_model(architecture), sequences=sequences, batch=batch) as made:
            number = made.decide(*options)
            made.run()
            event = made.events[number][-1]
            assert isinstance(event, Ranked)
            rankings.append({option.text: option.unmasked for option in event.ranking.options})
    for option in options:
        assert math.isclose(rankings[0][option], rankings[1][option], rel_tol=0.1)


@pytest.mark.parametrize("architecture", ODD)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS, sequences=st.integers(1, 4), prefixes=st.integers(0, 2), batch=st.sampled_from([32, 512]))
def test_every_request_is_answered_once(
    architecture: str, acts: list[tuple[str, Any]], sequences: int, prefixes: int, batch: int
) -> None:
    with bench(of=odd_model(architecture), sequences=sequences, prefixes=prefixes, batch=batch) as made:
        throw(made, acts)


def test_a_model_that_only_embeds_places_texts_and_writes_nothing() -> None:
    with bench(of=odd_model("bert")) as made:
        number = made.embed("lamp", HOME, "lamp", *(f"lamp {n}" for n in range(20)))
        refused, undecided = made.ask(), made.decide("a", "b")
        made.run()
        event = made.events[number][-1]
        assert isinstance(event, Embedded)
        vectors = np.array(event.embeddings.vectors)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert float(vectors[0] @ vectors[2]) == pytest.approx(1, abs=1e-3)
        assert float(vectors[0] @ vectors[1]) < 0.99
        for other in (refused, undecided):
            assert "only places texts" in made.failure(other).reason


def test_a_text_that_it_cannot_see_at_once_is_refused() -> None:
    made = Bench(of=odd_model("bert"))
    with pytest.raises(PromptTooLong):
        made.embed("word " * 600)
    made.engine.close()
