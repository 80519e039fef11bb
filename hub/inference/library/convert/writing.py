"""Writes a GGUF file from a checkpoint, one tensor in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from numpy.typing import NDArray

from hub.inference.library.convert.checkpoint import Checkpoint
from hub.inference.library.convert.families import family_of
from hub.inference.library.convert.metadata import write_metadata
from hub.inference.library.convert.plan import EMBEDDING, Planned, planned
from hub.inference.library.convert.shape import shape_of
from hub.inference.library.convert.vocabulary import read_vocabulary, write_vocabulary
from hub.inference.library.convert.weight import Weight
from hub.inference.library.progress import Advance, Progress, Unit, silent

_CHUNK = 16 * 1024 * 1024
"""Numbers that are converted at a time: an embedding as float32 can be larger than the memory."""


class Precision(StrEnum):
    """In what the weights are written."""

    F32 = "f32"
    F16 = "f16"
    BF16 = "bf16"
    Q8_0 = "q8_0"


_KINDS = {
    Precision.F32: (Type.F32, gguf.LlamaFileType.ALL_F32),
    Precision.F16: (Type.F16, gguf.LlamaFileType.MOSTLY_F16),
    Precision.BF16: (Type.BF16, gguf.LlamaFileType.MOSTLY_BF16),
    Precision.Q8_0: (Type.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}


def convert(
    folder: Path,
    target: Path,
    *,
    name: str | None = None,
    precision: Precision = Precision.F16,
    pre: str | None = None,
    progress: Progress = silent,
) -> None:
    """Make a GGUF file from a checkpoint in the form that transformers writes.

    Raises NotFound if files are missing, InvalidInput if something in them cannot be converted, OSError if it cannot be written.
    """
    checkpoint = Checkpoint(folder)
    family = family_of(checkpoint.config)
    shape = shape_of(checkpoint.config, family)
    kind, file_kind = _KINDS[precision]
    tensors = [_Tensor.of(one, kind) for one in planned(checkpoint, family, shape)]
    rows = next(one.weight.shape[0] for one in tensors if one.name == EMBEDDING)
    vocabulary = read_vocabulary(folder, rows, pre=pre, prefix_space=family.prefix_space)
    writer = gguf.GGUFWriter(target, gguf.MODEL_ARCH_NAMES[family.architecture])
    try:
        write_metadata(writer, name or folder.resolve().name, shape, family, file_kind)
        writer.add_vocab_size(rows)
        write_vocabulary(writer, vocabulary)
        _write(writer, tensors, progress)
    finally:
        writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tensor:
    name: str
    weight: Weight
    kind: Type

    @classmethod
    def of(cls, planned: Planned, kind: Type) -> _Tensor:
        """Choose the kind: norms and biases always are F32, and blocks of 32 numbers do not fill every row."""
        weight = planned.weight
        if len(weight.shape) == 1 or planned.name.endswith("_norm.weight"):
            kind = Type.F32
        elif weight.shape[-1] % gguf.GGML_QUANT_SIZES[kind][0]:
            kind = Type.F16
        return cls(name=planned.name, weight=weight, kind=kind)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype({Type.F32: np.float32, Type.F16: np.float16}.get(self.kind, np.uint8))

    @property
    def stored_shape(self) -> tuple[int, ...]:
        is_bytes = self.dtype == np.uint8
        return gguf.quant_shape_to_byte_shape(self.weight.shape, self.kind) if is_bytes else self.weight.shape

    @property
    def size(self) -> int:
        return int(np.prod(self.stored_shape)) * self.dtype.itemsize

    def encoded(self) -> NDArray[np.generic]:
        """Return the bytes of the file, made from a part of the rows at a time."""
        whole = np.empty(self.stored_shape, dtype=self.dtype)
        rows = max(1, _CHUNK // max(1, int(np.prod(self.weight.shape[1:]))))
        for first in range(0, self.weight.shape[0], rows):
            whole[first : first + rows] = gguf.quantize(self.weight.floats(first, first + rows), self.kind)
        return whole


def _write(writer: gguf.GGUFWriter, tensors: list[_Tensor], progress: Progress) -> None:
    for tensor in tensors:
        writer.add_tensor_info(tensor.name, tensor.stored_shape, tensor.dtype, tensor.size, raw_dtype=tensor.kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    done, total = 0, sum(tensor.size for tensor in tensors)
    for tensor in tensors:
        writer.write_tensor_data(tensor.encoded())
        done += tensor.size
        progress(Advance(task="Converting", done=done, total=total, unit=Unit.BYTES, detail=tensor.name))
