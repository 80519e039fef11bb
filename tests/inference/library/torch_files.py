"""Writes what ``torch.save`` writes, opcode by opcode, so that tests need no PyTorch."""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def write_torch_file(path: Path, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Write a state dict: a pickle that calls torch's functions by name, and each storage beside it."""
    items = [_text(name) + _tensor(str(number), weight) for number, (name, weight) in enumerate(weights.items())]
    content = pickle.PROTO + b"\x02" + _EMPTY_DICT + pickle.MARK + b"".join(items) + pickle.SETITEMS + pickle.STOP
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("pytorch_model/data.pkl", content)
        archive.writestr("pytorch_model/byteorder", "little")
        for number, weight in enumerate(weights.values()):
            archive.writestr(f"pytorch_model/data/{number}", np.ascontiguousarray(weight).tobytes())


def _tensor(key: str, weight: NDArray[np.float32]) -> bytes:
    strides = [step // weight.itemsize for step in np.ascontiguousarray(weight).strides]
    storage = [_text("storage"), _global("torch", "FloatStorage"), _text(key), _text("cpu"), _number(weight.size)]
    arguments = [
        _tuple(storage) + pickle.BINPERSID, _number(0), _tuple(map(_number, weight.shape)), _tuple(map(_number, strides)),
        pickle.NEWFALSE, _EMPTY_DICT,
    ]  # fmt: skip
    return _global("torch._utils", "_rebuild_tensor_v2") + _tuple(arguments) + pickle.REDUCE


def _global(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


def _text(text: str) -> bytes:
    raw = text.encode()
    return pickle.BINUNICODE + struct.pack("<I", len(raw)) + raw


def _number(number: int) -> bytes:
    return pickle.BININT + struct.pack("<i", number)


def _tuple(parts: Iterable[bytes]) -> bytes:
    return pickle.MARK + b"".join(parts) + pickle.TUPLE


_EMPTY_DICT = _global("collections", "OrderedDict") + pickle.EMPTY_TUPLE + pickle.REDUCE
