"""Each misuse that llama.cpp answers with the end of the process is an error here, and the next batch is decoded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

from hub.errors import InferenceError
from hub.inference.engine.context import Context, Outcome
from tests.inference.engine.bench import HELLO, model

SEQUENCES = 4


@pytest.fixture
def context() -> Iterator[Context]:
    opened = Context(model(), SEQUENCES)
    yield opened
    opened.close()


def decode(context: Context, sequence: int = 0, tokens: list[int] | None = None, position: int = 0) -> Outcome:
    batch = context.batch()
    batch.add(sequence, position, tokens or model().vocabulary.tokenise(HELLO), output=True)
    return context.decode(batch)


def too_many_rows(context: Context) -> None:
    context.batch().add(0, 0, [5] * (context.batch_size + 1), output=False)


def too_many_outputs(context: Context) -> None:
    batch = context.batch()
    for position in range(context.outputs + 1):
        batch.add(0, position, [5], output=True)


def another_contexts_batch(context: Context) -> None:
    batch = context.batch()
    batch.add(0, 0, [5, 6, 7], output=True)
    context.batch_size = 2
    context.decode(batch)


def read_nothing(context: Context) -> None:
    batch = context.batch()
    batch.add(0, 0, [5, 6], output=False)
    context.decode(batch)
    context.logits()


def gap(context: Context) -> None:
    decode(context, 0, [5, 6, 7])
    decode(context, 0, [8], 5)


MISUSE: dict[str, tuple[Callable[[Context], object], str]] = {
    "too many rows": (too_many_rows, r"1 to 512 more rows, got 513"),
    "too many rows with logits": (too_many_outputs, r"rows with logits, got one more"),
    "a batch of another context": (another_contexts_batch, r"at most 2 rows, got 3"),
    "no rows": (lambda context: context.decode(context.batch()), r"Expected tokens from 0 to"),
    "no tokens of a sequence": (lambda context: context.batch().add(0, 0, [], output=True), r"more rows, got 0"),
    "a token that does not exist": (lambda context: decode(context, 0, [10**6]), r"tokens from 0 to"),
    "a negative token": (lambda context: decode(context, 0, [-1]), r"tokens from 0 to"),
    "a sequence that does not exist": (lambda context: decode(context, SEQUENCES), r"sequences from 0 to 3"),
    "a negative sequence": (lambda context: decode(context, -1), r"sequences from 0 to 3"),
    "a negative position": (lambda context: decode(context, position=-1), r"from position 0 on"),
    "a gap between positions": (gap, r"answered -1"),
    "logits of nothing": (lambda context: context.logits(), r"batch that asked for logits"),
    "logits that were not asked for": (read_nothing, r"batch that asked for logits"),
    "a copy to nowhere": (lambda context: context.copy(0, SEQUENCES, 2), r"sequence from 0 to 3, got 4"),
    "a cut of nothing": (lambda context: context.cut(99, 2), r"sequence from 0 to 3, got 99"),
    "the state of nothing": (lambda context: context.state(-1), r"sequence from 0 to 3, got -1"),
    "the piece of no token": (lambda _: model().vocabulary.raw(10**6), r"token from 0 to"),
}


@pytest.mark.parametrize("misuse", MISUSE)
def test_misuse_is_an_error(context: Context, misuse: str) -> None:
    act, reason = MISUSE[misuse]
    with pytest.raises(InferenceError, match=reason):
        act(context)
    context.batch_size = 512
    context.drop(0)
    assert decode(context) is Outcome.DONE
    assert context.logits().shape == (1, model().vocabulary.size)


def test_another_thread_may_not_use_it(context: Context) -> None:
    errors: list[InferenceError] = []

    def intrude() -> None:
        try:
            decode(context)
        except InferenceError as error:
            errors.append(error)

    thread = threading.Thread(target=intrude)
    thread.start()
    thread.join()
    assert "the thread that opened the context" in str(errors[0])


def test_nothing_can_be_done_with_a_closed_one() -> None:
    context = Context(model(), SEQUENCES)
    context.close()
    with pytest.raises(InferenceError, match="this one is closed"):
        decode(context)


def test_a_copy_in_part_shares_its_beginning(context: Context) -> None:
    assert decode(context) is Outcome.DONE
    alone = context.logits().copy()
    tokens = model().vocabulary.tokenise(HELLO)
    context.copy(0, 1, len(tokens) - 1)
    assert context.length(1) == len(tokens) - 1
    assert decode(context, 1, tokens[-1:], len(tokens) - 1) is Outcome.DONE
    assert np.allclose(context.logits(), alone, atol=0.05)


def test_a_full_context_says_so_and_keeps_what_it_has(context: Context) -> None:
    assert decode(context, 0, [5] * 400) is Outcome.DONE
    assert decode(context, 1, [5] * 200) is Outcome.FULL
    assert context.length(0) == 400
    assert context.length(1) == 0
    context.drop(0)
    assert decode(context, 1, [5] * 200) is Outcome.DONE


def test_an_interruption_undoes_what_was_not_done(context: Context) -> None:
    context._flag.put(True)
    assert decode(context, 0, [5] * 400) is Outcome.INTERRUPTED
    assert context.length(0) == 0
    with pytest.raises(InferenceError, match="asked for logits"):
        context.logits()
    context._flag.put(False)
    assert decode(context, 0, [5] * 400) is Outcome.DONE


def test_a_state_comes_back_as_it_was(context: Context) -> None:
    tokens = [*model().vocabulary.tokenise(HELLO), 7, 8, 9]
    assert decode(context, 0, tokens[:-1]) is Outcome.DONE
    state = context.state(0)
    assert decode(context, 0, tokens[-1:], len(tokens) - 1) is Outcome.DONE
    expected = context.logits().copy()
    assert context.restore(2, state, len(tokens) - 1)
    assert decode(context, 2, tokens[-1:], len(tokens) - 1) is Outcome.DONE
    assert np.allclose(context.logits(), expected, atol=1e-3)
    assert not context.restore(3, state, 2)
    assert not context.restore(3, state[: state.size // 2], len(tokens) - 1)
    assert context.length(3) == 0


def test_a_token_of_several_sequences_is_computed_once_for_all(context: Context) -> None:
    assert decode(context, 0, [5, 6, 7]) is Outcome.DONE
    for number in (1, 2, 3):
        context.copy(0, number, 3)
    batch = context.batch()
    batch.share([1, 2, 3], 3, 40, output=True)
    batch.share([1, 2], 4, 41, output=False)
    batch.share([1], 5, 42, output=True)
    batch.share([2], 5, 43, output=True)
    assert context.decode(batch) is Outcome.DONE
    together = context.logits().copy()
    assert [context.length(number) for number in (1, 2, 3)] == [6, 6, 4]
    context.drop(1)
    assert decode(context, 1, [5, 6, 7, 40, 41, 42]) is Outcome.DONE
    assert np.allclose(context.logits()[0], together[1], atol=0.05)
