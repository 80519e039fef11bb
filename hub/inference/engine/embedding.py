"""Texts placed in the model's space of meanings: a second context on the same weights, opened when it is first needed."""

from __future__ import annotations

import time
from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from hub.core.inference import Embeddings, Usage
from hub.errors import InferenceError, ModelUnavailable
from hub.inference.engine import native
from hub.inference.engine.batch import Batch
from hub.inference.engine.context import Flag, Outcome, context_settings, open_context
from hub.inference.engine.llama import LoadedModel
from hub.inference.engine.request import Order
from hub.inference.protocol import Embedded

Vector = NDArray[np.float32]

ROWS = 128
"""Tokens of one batch: each has logits too, whether anybody wants them or not."""
CELLS = 2048
"""The longest text of a model that reads from left to right."""
_SEQUENCES = 16
_MEAN, _LAST = "1", "3"  # as GGUF files say it
_OURS = frozenset({"0", _MEAN, _LAST})


@dataclass(frozen=True, slots=True)
class Part:
    """What a text has in a batch: ``count`` tokens, ``whole`` if they are its last."""

    number: int
    count: int
    whole: bool


class Placement:
    """A request for the vectors of texts, and how far it is: of the next text ``done`` tokens, in sequence ``number``."""

    def __init__(self, order: Order, texts: list[list[int]]) -> None:
        self.order = order
        self.texts = texts
        self.vectors: list[Vector] = []
        self.sum: Vector | None = None
        self.done = 0
        self.number = 0
        self.started: float | None = None

    @property
    def admitted(self) -> float | None:
        """When work on it began."""
        return self.started

    @property
    def finished(self) -> bool:
        """Whether all vectors are there."""
        return len(self.vectors) == len(self.texts)

    def event(self, now: float) -> Embedded:
        """Return the answer."""
        received = self.order.received
        usage = Usage(
            prompt_tokens=sum(map(len, self.texts)),
            waited=round((self.started or now) - received, 6),
            first=round(now - received, 6),
            duration=round(now - received, 6),
        )
        vectors = tuple(tuple(vector.tolist()) for vector in self.vectors)
        return Embedded(id=self.order.number, embeddings=Embeddings(vectors=vectors, usage=usage))


class Placements:
    """Requests for vectors, one after the other by their rank; none makes way for another once it has begun."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._waiting: list[Placement] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Placement]:
        return iter(tuple(self._waiting))

    def enter(self, placement: Placement) -> None:
        """Take on a request."""
        insort(self._waiting, placement, lo=int(self._begun), key=lambda waiting: waiting.order.rank)

    def leave(self, placement: Placement) -> None:
        """Let go of a request."""
        self._waiting.remove(placement)
        if placement.done:
            self._embedder.forget()

    @property
    def first(self) -> Placement:
        """The one whose turn it is."""
        return self._waiting[0]

    @property
    def _begun(self) -> bool:
        return bool(self._waiting) and self._waiting[0].started is not None


class Embedder:
    """Places texts, a batch at a time. What a model says of its own pooling is done; otherwise the mean is taken.

    A model that reads from left to right takes a text in parts, and the pooling is done here; others take it as a whole.
    """

    def __init__(self, model: LoadedModel, flag: Flag) -> None:
        self._model = model
        self._flag = flag
        pooling = model.said(f"{model.architecture}.pooling_type") or _MEAN
        in_parts = model.said(f"{model.architecture}.attention.causal") != "false"
        self._pooled = pooling not in _OURS or not in_parts
        self._last = pooling == _LAST
        self.longest = min(model.trained_context, CELLS)
        self._rows = min(self.longest, CELLS if self._pooled else ROWS)
        self._opened = False

    def step(self, placement: Placement, most: int) -> bool:
        """Go on with a request by one batch, if possible of at most so many rows; True if that was the last.

        Raises ModelUnavailable if there is no memory for it, or InferenceError if llama.cpp refuses the batch.
        """
        placement.started = placement.started or time.monotonic()
        if placement.finished:
            return True
        parts = self._fill(placement, self._rows if self._pooled else most)
        rows = self._decode(parts)
        if not rows:  # interrupted, and undone
            return False
        self._drop([part.number for part in parts if part.whole])
        for part, row in zip(parts, rows, strict=True):
            self._add(placement, part, row)
        return placement.finished

    def forget(self) -> None:
        """Drop what is left of a text whose request has gone."""
        if self._opened:
            self._drop(range(_SEQUENCES))

    def close(self) -> None:
        """Free the memory."""
        if self._opened:
            llama.llama_free(self._context)

    def _fill(self, placement: Placement, most: int) -> list[Part]:
        """Put texts into the batch: whole ones, and of the last one as much as there is room for."""
        batch, parts, done = self._batch, list[Part](), placement.done
        batch.clear()
        for tokens in placement.texts[len(placement.vectors) :]:
            count = min(len(tokens) - done, batch.room, most - batch.count)
            whole = done + count == len(tokens)
            if not count or len(parts) == _SEQUENCES or (self._pooled and not whole):
                break
            number = (placement.number + len(parts)) % _SEQUENCES
            batch.add_all(number, done, tokens[done : done + count])
            parts.append(Part(number, count, whole))
            done = 0
        return parts

    def _decode(self, parts: Sequence[Part]) -> list[Vector]:
        code = llama.llama_decode(self._context, self._batch.native())
        if code == Outcome.INTERRUPTED.value:
            return []
        if code != 0:
            self.forget()
            raise InferenceError(f"Expected llama.cpp to read {self._batch.count} tokens, it answered {code}")
        if self._pooled:
            return [self._view(llama.llama_get_embeddings_seq(self._context, part.number), 1)[0] for part in parts]
        rows = self._view(llama.llama_get_embeddings(self._context), self._batch.count)
        ends = np.cumsum([part.count for part in parts])
        return [self._summed(part) for part in np.split(rows, ends[:-1])]

    def _summed(self, rows: Vector) -> Vector:
        summed: Vector = rows[-1] if self._last else rows.sum(axis=0, dtype=np.float32)
        return summed

    def _view(self, rows: Any, count: int) -> Vector:
        if not rows:
            raise InferenceError("Expected embeddings of llama.cpp, it has none for this model")
        return np.ctypeslib.as_array(rows, shape=(count, self._model.width))

    def _add(self, placement: Placement, part: Part, row: Vector) -> None:
        known = placement.sum
        placement.sum = row.copy() if known is None or self._last else known + row
        placement.done += part.count
        placement.number = part.number
        if part.whole:
            length = float(np.linalg.norm(placement.sum))
            if not np.isfinite(length):
                raise InferenceError(f"Expected numbers from the model, got a vector of length {length}")
            placement.vectors.append(placement.sum / np.float32(length or 1.0))
            placement.sum, placement.done = None, 0

    def _drop(self, numbers: Sequence[int]) -> None:
        memory = llama.llama_get_memory(self._context)
        for number in numbers:
            llama.llama_memory_seq_rm(memory, number, -1, -1)

    @cached_property
    def _batch(self) -> Batch:
        vocabulary = self._model.vocabulary.size
        return Batch(self._rows, outputs=self._rows, sequences=_SEQUENCES, vocabulary=vocabulary)

    @cached_property
    def _context(self) -> Any:
        settings = context_settings(self._model.plan, self._flag)
        settings.n_ctx = self.longest + self._rows
        settings.n_batch = settings.n_ubatch = settings.n_outputs_max = self._rows
        settings.n_seq_max = _SEQUENCES
        settings.embeddings = True
        settings.pooling_type = -1 if self._pooled else llama.LLAMA_POOLING_TYPE_NONE
        try:
            context = open_context(self._model, settings)
        except ModelUnavailable as error:
            raise ModelUnavailable(f"{error} (for embeddings)") from None
        self._opened = True
        native.complaints()
        return context
