"""What goes into one call of llama.cpp: rows of a token, its place in its sequence, and whether its logits are wanted."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from hub.errors import InferenceError


class Batch:
    """Up to ``size`` rows, ``outputs`` of them with logits; numpy's arrays are what llama.cpp reads.

    A sequence's number is below ``sequences``, a token below ``vocabulary``.
    """

    def __init__(self, size: int, *, outputs: int, sequences: int, vocabulary: int) -> None:
        self.size = size
        self.most_outputs = outputs
        self.count = 0
        self.outputs = 0
        self._sequences = sequences
        self._vocabulary = vocabulary
        self._token = np.zeros(size, np.int32)
        self._position = np.zeros(size, np.int32)
        self._owners = np.ones(size, np.int32)
        self._owner = np.zeros(size, np.int32)
        self._address = self._owner.ctypes.data + 4 * np.arange(size, dtype=np.uint64)
        self._output = np.zeros(size, np.int8)
        self._shared: list[tuple[int, NDArray[np.int32]]] = []
        self._ascending = np.arange(size, dtype=np.int32)

    @property
    def room(self) -> int:
        """How many rows may still be added."""
        return self.size - self.count

    def clear(self) -> None:
        """Begin anew."""
        for row, _ in self._shared:
            self._owners[row] = 1
            self._address[row] = self._owner.ctypes.data + 4 * row
        self._shared.clear()
        self._output[: self.count] = 0
        self.count = self.outputs = 0

    def add(self, sequence: int, position: int, tokens: Sequence[int], *, output: bool) -> None:
        """Add tokens of one sequence from a position on; ``output`` asks for the logits after the last."""
        first, count = self.count, len(tokens)
        self._check(count, (sequence,), position, output)
        last = first + count
        if count == 1:  # by far the most frequent, and slices are slower
            self._token[first], self._position[first], self._owner[first] = tokens[0], position, sequence
            self._output[first] = output
            self.count, self.outputs = last, self.outputs + output
            return
        self._token[first:last] = tokens
        self._position[first:last] = self._ascending[:count]
        self._position[first:last] += position
        self._owner[first:last] = sequence
        self.count = last
        if output:
            self._output[last - 1] = 1
            self.outputs += 1

    def add_all(self, sequence: int, position: int, tokens: Sequence[int]) -> None:
        """Add tokens of one sequence, each with an output."""
        first = self.count
        if self.outputs + len(tokens) > self.most_outputs:
            raise InferenceError(f"Expected at most {self.most_outputs} outputs, got {self.outputs + len(tokens)}")
        self.add(sequence, position, tokens, output=False)
        self._output[first : self.count] = 1
        self.outputs += len(tokens)

    def share(self, sequences: Sequence[int], position: int, token: int, *, output: bool) -> None:
        """Add a token that several sequences have at the same position."""
        self._check(1, sequences, position, output)
        row = self.count
        owners = np.array(sequences, np.int32)
        self._shared.append((row, owners))
        self._token[row], self._position[row], self._output[row] = token, position, output
        self._owners[row], self._address[row] = owners.size, owners.ctypes.data
        self.count += 1
        self.outputs += output

    def native(self) -> Any:
        """Return the batch as llama.cpp takes it; valid until the next change.

        Raises InferenceError if there is nothing in it, or a token that the model does not have.
        """
        tokens = self._token[: self.count]
        if not self.count or tokens.min() < 0 or tokens.max() >= self._vocabulary:
            raise InferenceError(f"Expected tokens from 0 to {self._vocabulary - 1}, got {tokens.tolist()[:8]}")
        struct = self._struct
        struct.n_tokens = self.count
        return struct

    @cached_property
    def _struct(self) -> Any:
        return llama.llama_batch(
            self.count,
            _pointer(self._token, llama.llama_token),
            None,
            _pointer(self._position, llama.llama_pos),
            _pointer(self._owners, ctypes.c_int32),
            _pointer(self._address, ctypes.POINTER(llama.llama_seq_id)),
            _pointer(self._output, ctypes.c_int8),
        )

    def _check(self, count: int, sequences: Sequence[int], position: int, output: bool) -> None:
        if not 1 <= count <= self.room:
            raise InferenceError(f"Expected 1 to {self.room} more rows, got {count}")
        if output and self.outputs >= self.most_outputs:
            raise InferenceError(f"Expected at most {self.most_outputs} rows with logits, got one more")
        if position < 0 or not sequences or min(sequences) < 0 or max(sequences) >= self._sequences:
            raise InferenceError(
                f"Expected sequences from 0 to {self._sequences - 1} from position 0 on, got {sequences} at {position}"
            )


def _pointer(array: NDArray[Any], kind: Any) -> Any:
    return ctypes.cast(array.ctypes.data, ctypes.POINTER(kind))
