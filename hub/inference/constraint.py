"""Grammars: which tokens may come next, from a Lark grammar as llguidance reads it. Only the worker process imports this."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from llguidance.llamacpp import lltokenizer_from_vocab
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask
from numpy.typing import NDArray

from hub.errors import InferenceError
from hub.inference.model import Model

Mask = NDArray[np.bool_]


class Grammars:
    """Makes constraints for one model's vocabulary."""

    def __init__(self, model: Model) -> None:
        self._tokenizer: LLTokenizer = lltokenizer_from_vocab(model.vocabulary)
        self._size = model.vocabulary_size

    def constraint(self, grammar: str) -> Constraint:
        """Return the constraint that a Lark grammar describes.

        Raises InferenceError if it is none or too large.
        """
        matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(grammar), log_level=0)
        if matcher.is_error():
            raise InferenceError(f"Expected a Lark grammar, llguidance says: {matcher.get_error()}")
        return Constraint(matcher, self._size)


class Constraint:
    """How far one answer has come in its grammar."""

    def __init__(self, matcher: LLMatcher, size: int) -> None:
        self._matcher = matcher
        self._size = size
        self._bits = allocate_token_bitmask(1, size)

    @property
    def complete(self) -> bool:
        """True once nothing but the end may follow."""
        return self._matcher.is_stopped()

    def forced(self) -> list[int]:
        """Return the tokens that must come next, whatever the model thinks; often none."""
        tokens = self._matcher.compute_ff_tokens()
        self._check()
        return tokens

    def allowed(self) -> Mask:
        """Return which tokens may come next."""
        fill_next_token_bitmask(self._matcher, self._bits)
        self._check()
        return np.unpackbits(self._bits.view(np.uint8), count=self._size, bitorder="little").astype(bool)

    def accept(self, tokens: Sequence[int]) -> None:
        """Go on by these tokens."""
        self._matcher.consume_tokens(list(tokens))
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise InferenceError(f"Expected the grammar to go on, llguidance says: {self._matcher.get_error()}")
