"""A tensor of a checkpoint, left where it is stored until its numbers are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOATS = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.uint16}
"""How each kind of number is stored; numpy has no bfloat16, whose bits are the upper half of a float32's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """A view of stored numbers; ``brain`` says that 16-bit integers stand for bfloat16. ``offset`` is added to each."""

    stored: NDArray[Any]
    brain: bool = False
    offset: float = 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        """Its dimensions, the rows first."""
        return self.stored.shape

    def floats(self, first: int = 0, end: int | None = None) -> NDArray[np.float32]:
        """Return the numbers of some rows."""
        part = self.stored[first:end]
        numbers = (part.astype(np.uint32) << 16).view(np.float32) if self.brain else part.astype(np.float32)
        return numbers + np.float32(self.offset) if self.offset else numbers

    def interleaved(self, heads: int) -> Weight:
        """Return it with the rows of each head in the order of llama.cpp's rotation: pairs side by side, not half a head apart."""
        rows, *rest = self.shape
        pairs = self.stored.reshape(heads, 2, rows // heads // 2, *rest).swapaxes(1, 2)
        return replace(self, stored=pairs.reshape(self.shape))

    def shifted(self, offset: float) -> Weight:
        """Return it with a number added to each of its own."""
        return replace(self, offset=offset)
