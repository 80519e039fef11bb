"""What llama.cpp makes of a GGUF file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import llama_cpp
import numpy as np
from numpy.typing import NDArray

_FLOAT_32 = 0
"""ggml's number for it: the usual 16 bits of keys and values would be the largest difference to a reference."""


def loaded(path: Path) -> closing[llama_cpp.Llama]:
    """Load a model for the time of a block."""
    model = llama_cpp.Llama(
        str(path),
        n_ctx=64,
        logits_all=True,
        n_threads=1,
        type_k=_FLOAT_32,
        type_v=_FLOAT_32,
        n_gpu_layers=0,
        verbose=False,
    )
    return closing(model)


def logits_of(path: Path, tokens: list[int]) -> NDArray[np.float32]:
    """Return a row of logits for each token."""
    with loaded(path) as model:
        model.eval(tokens)
        return np.array(model.scores[: len(tokens)])
