"""A safetensors file: eight bytes of length, a JSON header, and the numbers, mapped into memory.

The safetensors package is no help here: its numpy loader knows no bfloat16, which is what most models are stored in.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from hub.errors import InvalidInput
from hub.inference.library.convert.weight import FLOATS, Weight

_LONGEST_HEADER = 100_000_000


class SafetensorsFile:
    """The tensors of one file.

    Raises InvalidInput if the file is no safetensors file, or is cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._header, self._start = _header(path)
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
        except (OSError, ValueError) as error:
            raise _damaged(path, str(error)) from error

    @property
    def names(self) -> list[str]:
        """The names of its tensors."""
        return list(self._header)

    def weight(self, name: str) -> Weight:
        """Return a tensor.

        Raises InvalidInput if it is of numbers that cannot be converted, or lies outside the file.
        """
        entry = self._header[name]
        kind, shape, (first, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        if kind not in FLOATS:
            raise InvalidInput(
                f"Expected {name} as one of {', '.join(FLOATS)}, got {kind} in {self._path}: convert the original checkpoint, not a "
                "quantised one"
            )
        size = math.prod(shape) * np.dtype(FLOATS[kind]).itemsize
        if not 0 <= first <= end <= self._bytes.size - self._start or end - first != size:
            raise _damaged(self._path, f"{name} lies at {first} to {end} and should have {size} bytes")
        raw = self._bytes[self._start + first : self._start + end]
        return Weight(stored=raw.view(FLOATS[kind]).reshape(shape), brain=kind == "BF16")


def _header(path: Path) -> tuple[dict[str, Any], int]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(_LONGEST_HEADER, path.stat().st_size - 8):
            raise ValueError(f"its header would have {length} bytes")
        header = json.loads(file.read(length))
    if not isinstance(header, dict) or not all(
        _is_entry(value) for key, value in header.items() if key != "__metadata__"
    ):
        raise ValueError("its header does not describe tensors")
    header.pop("__metadata__", None)
    return header, 8 + length


def _is_entry(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("dtype"), str)
        and _are_integers(value.get("shape"))
        and _are_integers(value.get("data_offsets"))
        and len(value["data_offsets"]) == 2
    )


def _are_integers(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, int) and one >= 0 for one in value)


def _damaged(path: Path, reason: str) -> InvalidInput:
    return InvalidInput(f"Expected a complete safetensors file, got {path}: {reason}. Download it again")
