"""Grammars: which tokens may come next, by llguidance. Only the worker process imports this."""

from __future__ import annotations

import json
import warnings
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Self

import numpy as np
from llguidance import LLMatcher, LLParserLimits, LLTokenizer
from llguidance.llamacpp import lltokenizer_from_vocab
from numpy.typing import NDArray

from hub.core.inference import Constraint, ConstraintKind
from hub.errors import InferenceError, Unanswerable
from hub.inference.engine.vocabulary import Vocabulary

Mask = NDArray[np.int32]
"""One bit a token, 32 to a word, the lowest first."""

COMPILED = 64
"""Grammars that are kept compiled."""
_LIMITS = LLParserLimits(verbose_errors=False)  # a whole grammar is no message
_COMPACT: Any = {"whitespace_flexible": False}  # free white space is nothing that a model should choose, nor pay for


class Grammars:
    """Makes matchers for one model's vocabulary.

    llguidance takes a second to read a vocabulary of 128,000 tokens: that happens at the first constraint. One thread makes
    matchers; another one may use them.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._compiled: OrderedDict[Constraint, LLMatcher] = OrderedDict()

    def constraint(self, constraint: Constraint) -> Matcher:
        """Return a matcher at the beginning of a grammar.

        Raises Unanswerable if the grammar is none or too large.
        """
        compiled = self._compiled.pop(constraint, None) or self._compile(constraint)
        self._compiled[constraint] = compiled  # the one used last is the last to go
        while len(self._compiled) > COMPILED:
            self._compiled.popitem(last=False)
        return Matcher(compiled.deep_copy(), self._vocabulary.size, partial(self._forget, constraint))

    def _forget(self, constraint: Constraint) -> None:
        """Compile a grammar anew next time: what its matchers learn they share, and an overgrown one stays so."""
        self._compiled.pop(constraint, None)

    @cached_property
    def _tokenizer(self) -> LLTokenizer:
        ends = sorted(self._vocabulary.endings, key=lambda token: token != self._vocabulary.end)
        if not ends:
            raise InferenceError("Expected a model with a token that ends an answer, this one has none")
        with warnings.catch_warnings(category=DeprecationWarning, action="ignore"):  # of llama_cpp, once a token
            return lltokenizer_from_vocab(self._vocabulary.pointer, eos_token=ends)

    def _compile(self, constraint: Constraint) -> LLMatcher:
        try:
            compiled = LLMatcher(self._tokenizer, _grammar(constraint), log_level=0, limits=_LIMITS)
        except ValueError as error:  # half a character, or no JSON
            raise Unanswerable(f"Expected {_named(constraint)}, got {error}") from None
        if compiled.is_error():
            raise Unanswerable(f"Expected {_named(constraint)}, llguidance says: {compiled.get_error()}")
        return compiled


class Matcher:
    """How far one answer has come in its grammar. ``failed`` is called before it raises an error."""

    def __init__(self, state: LLMatcher, size: int, failed: Callable[[], None]) -> None:
        self._state = state
        self._size = size
        self._failed = failed
        self._bits: Mask = np.zeros((size + 31) // 32, dtype=np.int32)

    @property
    def complete(self) -> bool:
        """True once nothing but the end may follow."""
        return self._state.is_stopped()

    @property
    def may_end(self) -> bool:
        """Whether the answer fits the grammar as it is."""
        return self._state.is_accepting()

    def allows(self, token: int) -> bool:
        """Whether this token may come next: microseconds, where the mask takes longer."""
        allowed = self._state.validate_tokens([token]) == 1
        self._check()
        return allowed

    def mask(self) -> Mask:
        """Return which tokens may come next. The next call overwrites the array."""
        self._state.unsafe_compute_mask_ptr(self._bits.ctypes.data, self._bits.nbytes)
        self._check()
        return self._bits

    def forced(self) -> list[int]:
        """Return the tokens that must come next, whatever the model thinks; often none. They are not yet accepted."""
        tokens = self._state.compute_ff_tokens()
        self._check()
        return tokens

    def accept(self, *tokens: int) -> None:
        """Go on by these tokens.

        Raises InferenceError if the grammar forbids one; the matcher is of no use afterwards.
        """
        try:
            self._state.consume_tokens(list(tokens))
        except OverflowError:
            raise InferenceError(f"Expected tokens that the grammar allows, got {tokens}") from None
        self._check()

    def fork(self) -> Self:
        """Return a matcher that goes on from here by itself."""
        return type(self)(self._state.deep_copy(), self._size, self._failed)

    def _check(self) -> None:
        if self._state.is_error():
            self._failed()
            raise InferenceError(f"Expected the grammar to go on, llguidance says: {self._state.get_error()}")


def _grammar(constraint: Constraint) -> str:
    match constraint.kind:
        case ConstraintKind.LARK:
            return LLMatcher.grammar_from_lark(constraint.text)
        case ConstraintKind.JSON_SCHEMA:
            return LLMatcher.grammar_from_json_schema(constraint.text, overrides=_COMPACT)
        case ConstraintKind.REGEX:
            return LLMatcher.grammar_from_regex(constraint.text)
        case ConstraintKind.CHOICE:
            return LLMatcher.grammar_from_lark(_choice(constraint.options))


def _choice(options: tuple[str, ...]) -> str:
    if not options:
        raise Unanswerable("Expected at least one option to choose from, got none")
    literals = (json.dumps(option, ensure_ascii=False).replace("\x7f", r"\u007f") for option in options)
    return f"start: {' | '.join(literals)}"


def _named(constraint: Constraint) -> str:
    return {
        ConstraintKind.LARK: "a Lark grammar",
        ConstraintKind.JSON_SCHEMA: "a JSON schema",
        ConstraintKind.REGEX: "a regular expression",
        ConstraintKind.CHOICE: "a choice of texts",
    }[constraint.kind]
