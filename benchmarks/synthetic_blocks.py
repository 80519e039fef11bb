"""Random weights in the blocks in which ggml stores them: mean 0, and the standard deviation that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

Blocks = Callable[[np.random.BitGenerator, NDArray[np.float64]], NDArray[np.uint8]]
"""Returns a block for each standard deviation, as rows of bytes."""
_VARIANTS = 256  # sets of inner scales: as many as tell blocks apart


def q8_0(source: np.random.BitGenerator, deviations: NDArray[np.float64]) -> NDArray[np.uint8]:
    """32 signed bytes and their scale."""
    values = _bytes(source, len(deviations), 32)
    return np.hstack([_half(deviations / _deviation(256)), values])


def q4_k(source: np.random.BitGenerator, deviations: NDArray[np.float64]) -> NDArray[np.uint8]:
    """256 numbers of 4 bits; each 32 of them have a scale of 6 bits, and an offset that here puts their middle at 0."""
    scales = 32 + _bytes(source, _VARIANTS, 8) % 32
    unit = deviations / (_deviation(16) * _rms(scales))
    chosen = _six_bits(scales)[_bytes(source, len(deviations), 1)[:, 0]]
    return np.hstack([_half(unit), _half(unit * 7.5), chosen, _bytes(source, len(deviations), 128)])


def q6_k(source: np.random.BitGenerator, deviations: NDArray[np.float64]) -> NDArray[np.uint8]:
    """256 numbers of 6 bits; each 16 of them have a scale, a signed byte."""
    signs = _bytes(source, _VARIANTS, 16) % 2
    scales = np.where(signs, 1, -1) * (64 + _bytes(source, _VARIANTS, 16).astype(np.int16) % 64)
    unit = deviations / (_deviation(64) * _rms(scales))
    chosen = scales.astype(np.int8).view(np.uint8)[_bytes(source, len(deviations), 1)[:, 0]]
    return np.hstack([_bytes(source, len(deviations), 192), chosen, _half(unit)])


BLOCKS: Mapping[GGMLQuantizationType, Blocks] = {
    GGMLQuantizationType.Q8_0: q8_0,
    GGMLQuantizationType.Q4_K: q4_k,
    GGMLQuantizationType.Q6_K: q6_k,
}


def _bytes(source: np.random.BitGenerator, rows: int, columns: int) -> NDArray[np.uint8]:
    count = rows * columns
    return source.random_raw(-(-count // 8)).view(np.uint8)[:count].reshape(rows, columns)


def _half(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return values.astype("<f2").view(np.uint8).reshape(-1, 2)


def _six_bits(scales: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pack 8 scales, and 8 offsets that are the same numbers, as ggml does: the upper bits of the last 4 go to the first."""
    first, last = scales[:, :4], scales[:, 4:]
    begin = first | (last >> 4) << 6
    return np.hstack([begin, begin, (last & 15) | (last & 15) << 4])


def _deviation(levels: int) -> float:
    """Return the standard deviation of numbers that are equally likely."""
    return float(((levels**2 - 1) / 12) ** 0.5)


def _rms(values: NDArray[np.generic]) -> float:
    return float(np.sqrt(np.mean(np.square(values.astype(np.float64)))))
