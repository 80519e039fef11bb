from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from hub.errors import InferenceError
from hub.inference import DEFAULT_MODEL

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

from hub.inference.model import CHUNK, Model


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    loaded = Model(DEFAULT_MODEL, threads=1)
    yield loaded
    loaded.close()


def read_nothing(model: Model) -> None:
    model.rewind(0)
    model.logits()


def overfill(model: Model) -> None:
    for _ in range(5):
        model.extend([5] * CHUNK)


MISUSE: dict[str, tuple[Callable[[Model], object], str]] = {
    "too many tokens at once": (lambda model: model.extend([5] * (CHUNK + 1)), r"1 to 128 tokens"),
    "no tokens": (lambda model: model.extend([]), r"1 to 128 tokens"),
    "a token that does not exist": (lambda model: model.extend([model.vocabulary_size]), r"token from 0 to"),
    "a negative token": (lambda model: model.extend([-1]), r"token from 0 to"),
    "the piece of no token": (lambda model: model.piece(10**6), r"token from 0 to"),
    "logits of nothing": (read_nothing, r"before their logits"),
    "more than the context": (overfill, r"at most 512 tokens"),
}


@pytest.mark.parametrize("misuse", MISUSE)
def test_misuse_that_would_end_the_process_is_an_error(model: Model, misuse: str) -> None:
    act, reason = MISUSE[misuse]
    with pytest.raises(InferenceError, match=reason):
        act(model)
    model.rewind(0)
    model.extend(model.tokenise("> hello\n="))
    assert model.logits().shape == (model.vocabulary_size,)


def test_another_thread_may_not_use_the_model(model: Model) -> None:
    errors: list[InferenceError] = []

    def intrude() -> None:
        try:
            model.extend([5])
        except InferenceError as error:
            errors.append(error)

    thread = threading.Thread(target=intrude)
    thread.start()
    thread.join()
    assert "the thread that loaded the model" in str(errors[0])
