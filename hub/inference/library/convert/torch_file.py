"""A checkpoint that PyTorch saved, without PyTorch: a zip archive of a pickled index and raw numbers.

A pickle can name any function to be called. This reader knows the four that build tensors, and refuses every other.
"""

from __future__ import annotations

import collections
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hub.errors import InvalidInput
from hub.inference.library.convert.weight import FLOATS, Weight

_STORAGES = {"DoubleStorage": "F64", "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16"}
_OTHER_STORAGES = ("LongStorage", "IntStorage", "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage")


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class TorchFile:
    """The tensors of one ``pytorch_model.bin``.

    Raises InvalidInput if it is of the format before PyTorch 1.6, is damaged, or holds anything but tensors.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self._index = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
                tensors = _Reader(archive.open(self._index)).load()
        except (zipfile.BadZipFile, StopIteration) as error:
            raise self._unreadable(
                f"it is no checkpoint of PyTorch 1.6 or later ({str(error) or 'no data.pkl'})"
            ) from error
        except Exception as error:  # the boundary to a foreign pickle, which can fail in any way
            raise self._unreadable(str(error) or type(error).__name__) from error
        self._tensors = _flat(tensors)

    @property
    def names(self) -> list[str]:
        """The names of its tensors."""
        return list(self._tensors)

    def weight(self, name: str) -> Weight:
        """Return a tensor.

        Raises InvalidInput if it is of numbers that cannot be converted, or lies outside its storage.
        """
        tensor = self._tensors[name]
        kind = tensor.storage.kind
        if kind not in FLOATS:
            raise InvalidInput(f"Expected {name} as one of {', '.join(FLOATS)}, got {kind} in {self._path}")
        storage = np.frombuffer(self._storage(tensor.storage.key), dtype=FLOATS[kind])
        last = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True))
        if min(tensor.offset, *tensor.shape, *tensor.strides, 0) < 0 or last >= storage.size:
            raise self._unreadable(f"{name} lies outside its storage")
        steps = [step * storage.itemsize for step in tensor.strides]
        return Weight(
            stored=np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, steps), brain=kind == "BF16"
        )

    def _storage(self, key: str) -> bytes:
        try:
            with zipfile.ZipFile(self._path) as archive:
                return archive.read(f"{self._index.removesuffix('data.pkl')}data/{key}")
        except (KeyError, zipfile.BadZipFile, EOFError) as error:
            raise self._unreadable(str(error)) from error

    def _unreadable(self, reason: str) -> InvalidInput:
        return InvalidInput(
            f"Expected a PyTorch checkpoint of tensors, got {self._path}: {reason}. Use the model's safetensors files instead"
        )


class _Reader(pickle.Unpickler):
    def persistent_load(self, pid: Any) -> _Storage:
        tag, kind, key, *_ = pid
        if tag != "storage" or not isinstance(kind, _Kind):
            raise pickle.UnpicklingError(f"it refers to {tag!r}")
        return _Storage(str(key), kind.name)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return _rebuild_parameter
        if module == "torch" and name in (*_STORAGES, *_OTHER_STORAGES):
            return _Kind(_STORAGES.get(name, name))
        raise pickle.UnpicklingError(f"it would call {module}.{name}, which no checkpoint of weights needs")


def _rebuild_tensor(storage: Any, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object) -> _Tensor:
    if not isinstance(storage, _Storage) or len(shape) != len(strides):
        raise pickle.UnpicklingError("a tensor in it has no storage, or strides that do not fit its shape")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _rebuild_parameter(data: Any, *_: object) -> Any:
    return data


def _flat(content: Any) -> Mapping[str, _Tensor]:
    if isinstance(content, dict) and isinstance(content.get("state_dict"), dict):
        content = content["state_dict"]
    if not isinstance(content, dict):
        raise InvalidInput(f"Expected a checkpoint with names and tensors, got {type(content).__name__}")
    return {str(name): value for name, value in content.items() if isinstance(value, _Tensor)}
