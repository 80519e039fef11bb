from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

from hub.errors import InferenceError
from hub.inference.protocol import Embedded
from tests.inference.engine.bench import ANSWER, HOME, Bench, bench


def vectors(made: Bench, number: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    event = made.events[number][-1]
    assert isinstance(event, Embedded)
    return np.array(event.embeddings.vectors)


def test_texts_that_are_alike_are_near_each_other() -> None:
    with bench() as made:
        number = made.embed("turn on the kitchen light", "turn on the kitchen lamp", "what is the time in Berlin")
        made.run()
        near = vectors(made, number)
        assert np.allclose(np.linalg.norm(near, axis=1), 1, atol=1e-5)
        assert near[0] @ near[1] > near[0] @ near[2]
        event = made.events[number][-1]
        assert isinstance(event, Embedded)
        assert event.embeddings.usage.prompt_tokens > 12


def test_a_text_is_placed_the_same_alone_in_company_and_in_parts() -> None:
    with bench() as made:
        texts = [HOME, "lamp", *(f"sensor number {n} in the hall" for n in range(30)), HOME * 2, "lamp"]
        number = made.embed(*texts)
        singles = [made.embed(text) for text in texts]
        made.run()
        together = vectors(made, number)
        assert together.shape[0] == len(texts)
        for row, single in zip(together, singles, strict=True):
            assert math.isclose(float(row @ vectors(made, single)[0]), 1, abs_tol=1e-3)


def test_others_are_answered_meanwhile_and_a_cancelled_request_leaves_nothing() -> None:
    with bench() as made:
        cancelled, other = made.embed(HOME, HOME, HOME), made.ask()
        made.step()
        made.engine.cancel(cancelled)
        again = made.embed("lamp")
        made.run()
        assert "cancelled" in made.failure(cancelled).reason
        assert made.text(other) == ANSWER
        assert vectors(made, again).shape[0] == 1


def test_no_texts_have_no_vectors() -> None:
    with bench() as made:
        number = made.embed()
        made.run()
        assert vectors(made, number).size == 0


def test_a_text_too_long_is_refused() -> None:
    with bench() as made, pytest.raises(InferenceError, match="texts of at most 512 tokens"):
        made.embed("word " * 600)
