"""One answer being written: greedy, within its grammar, with what else was possible at each token."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hub.errors import InferenceError
from hub.inference.constraint import Constraint, Mask
from hub.inference.model import Logits, Model

ALTERNATIVES = 8
"""The most candidates that are reported for one token."""

Shares = NDArray[np.float64]
Candidates = tuple[tuple[str, float], ...]


class Generation:
    """The state of one answer. ``pending`` are the tokens that the model has not seen yet."""

    def __init__(self, model: Model, prompt: str, constraint: Constraint | None, max_tokens: int) -> None:
        self._model = model
        self._constraint = constraint
        self._max_tokens = max_tokens
        self._raw = bytearray()
        self.tokens: list[tuple[str, float]] = []
        self.alternatives: list[Candidates] = []
        self.outside: list[float] = []
        self.finished = False
        self.pending = model.tokenise(prompt)
        self.prompt_tokens = len(self.pending)
        self._check_length()
        self._skip()

    @property
    def text(self) -> str:
        """What has been written."""
        return self._raw.decode(errors="replace")

    def advance(self, logits: Logits) -> None:
        """Choose the next token, given the logits after the last pending one."""
        allowed = self._constraint.allowed() if self._constraint else None
        token, probability, candidates, outside = self._choose(logits, allowed)
        self.pending = []
        if token == self._model.end:
            self.finished = True
            return
        self._write(token, float(np.log(max(probability, 1e-30))), candidates, outside)
        if self._constraint:
            self._constraint.accept([token])
        self._skip()

    def _choose(self, logits: Logits, allowed: Mask | None) -> tuple[int, float, Candidates, float]:
        shares = np.exp(logits.astype(np.float64) - float(logits.max()))
        shares /= shares.sum()
        inside = shares if allowed is None else np.where(allowed, shares, 0.0)
        mass = float(inside.sum())
        if mass <= 0.0:  # everything that the grammar allows has underflowed
            inside = np.asarray(allowed, dtype=np.float64)
            mass = float(inside.sum())
        best = _largest(inside, min(ALTERNATIVES, inside.size))
        candidates = tuple((self._shown(int(i)), float(inside[i] / mass)) for i in best if inside[i] > 0)
        token = int(best[0])
        return token, float(shares[token]), candidates, max(0.0, 1.0 - float(shares[inside > 0].sum()))

    def _skip(self) -> None:
        """Take the tokens that the grammar forces, and stop where only the end is left."""
        if self._constraint is None:
            self.finished = len(self.tokens) >= self._max_tokens
            return
        if forced := self._constraint.forced():
            self._constraint.accept(forced)
            for token in forced:
                self._write(token, 0.0, ((self._shown(token), 1.0),), 0.0)
        self.finished = self._constraint.complete
        if not self.finished and len(self.tokens) >= self._max_tokens:
            raise InferenceError(f"Expected an answer of at most {self._max_tokens} tokens, the grammar asks for more")

    def _write(self, token: int, log_probability: float, candidates: Candidates, outside: float) -> None:
        self._raw += self._model.piece(token)
        self.pending.append(token)
        self.tokens.append((self._shown(token), log_probability))
        self.alternatives.append(candidates)
        self.outside.append(outside)

    def _shown(self, token: int) -> str:
        return self._model.piece(token).decode(errors="replace")

    def _check_length(self) -> None:
        room = self._model.context - self._max_tokens
        if not 1 <= self.prompt_tokens <= room:
            raise InferenceError(f"Expected a prompt of 1 to {room} tokens, got {self.prompt_tokens}")


def _largest(values: Shares, count: int) -> NDArray[np.intp]:
    """Return where the largest values are, the very largest first, without sorting the rest of the vocabulary."""
    largest = np.argpartition(values, -count)[-count:]
    return largest[np.argsort(-values[largest], kind="stable")]
