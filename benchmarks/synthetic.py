"""Models of random weights: the size, the shape and the speed of real ones, and nothing they say means anything.

Quantised blocks are written as they are stored, with nothing quantised: a model of 7 billion weights takes some seconds.
The same shape makes the same file everywhere.
"""

from __future__ import annotations

import argparse
import os
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from benchmarks import synthetic_blocks as blocks
from benchmarks.synthetic_vocabulary import Family, vocabulary

REVISION = 1
"""Part of a file's name: a change here makes the files anew."""
SEED = 20_23
TOKEN_SCALE = 0.1
LOGIT_SPREAD = 3.0
"""The standard deviation of logits: the likeliest token has a few per cent, as a model has that is unsure."""
SPECIAL_SCALE = 0.05
"""Special tokens are that much less likely, so that no answer ends by chance before its limit."""
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

Quantised = gguf.GGMLQuantizationType


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A model of the Llama family. ``mixed`` is quantised as Q4_K_M is, otherwise all of it as Q8_0."""

    name: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    hidden: int
    words: int
    family: Family
    context: int
    rope_base: float = 10_000.0
    tied: bool = False
    mixed: bool = True

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"synthetic-{self.name}-{'q4_k_m' if self.mixed else 'q8_0'}-r{REVISION}.gguf"


TINY = Shape(
    name="tiny",
    layers=6,
    width=320,
    heads=10,
    kv_heads=10,
    hidden=768,
    words=4096,
    family=Family.SENTENCEPIECE,
    context=8192,
    mixed=False,
)
ONE_B = Shape(
    name="1b",
    layers=16,
    width=2048,
    heads=32,
    kv_heads=8,
    hidden=8192,
    words=128_256,
    family=Family.BYTE_PAIRS,
    context=8192,
    rope_base=500_000.0,
    tied=True,
)
SEVEN_B = Shape(
    name="7b",
    layers=32,
    width=4096,
    heads=32,
    kv_heads=32,
    hidden=11_008,
    words=32_000,
    family=Family.SENTENCEPIECE,
    context=4096,
)
SHAPES = {shape.name: shape for shape in (TINY, ONE_B, SEVEN_B)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """A matrix of the model, ``rows`` of ``columns`` weights, or a vector of ``columns`` if there are no rows."""

    name: str
    rows: int
    columns: int
    kind: Quantised
    scale: float

    @property
    def dimensions(self) -> tuple[int, ...]:
        """As numpy has them: the reverse of how ggml does."""
        return (self.rows, self.columns) if self.rows else (self.columns,)

    @property
    def bytes(self) -> int:
        """How long it is in the file."""
        block, size = gguf.GGML_QUANT_SIZES[self.kind]
        return max(self.rows, 1) * self.columns // block * size


def model(shape: Shape, folder: Path | None = None) -> Path:
    """Return the model's file, made now if it is not there yet."""
    path = (folder or default_folder()) / shape.file
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        write(shape, part)
        part.replace(path)
    return path


def default_folder() -> Path:
    """Return where the models are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hearth" / "models"


def write(shape: Shape, path: Path) -> None:
    """Write the model, one tensor in memory at a time."""
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape)
    specials = vocabulary(shape.family, shape.words, SEED).add_to(writer)
    for tensor in tensors(shape):
        writer.add_tensor_info(tensor.name, tensor.dimensions, np.dtype(np.float32), tensor.bytes, _raw(tensor.kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in tensors(shape):
        writer.write_tensor_data(weights(tensor, specials))
    writer.close()


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name(f"Synthetic {shape.name}")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape.words)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M if shape.mixed else gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_chat_template(CHATML)


def _raw(kind: Quantised) -> Quantised | None:
    return None if kind is Quantised.F32 else kind


def tensors(shape: Shape) -> Iterator[Tensor]:
    """Yield the model's tensors in the order of the file."""
    table = _matrix("token_embd", shape.words, shape.width, _kind(shape, best=shape.tied), TOKEN_SCALE)
    yield table
    for layer in range(shape.layers):
        yield from _layer(shape, layer)
    yield _vector("output_norm", shape.width, LOGIT_SPREAD / (TOKEN_SCALE * shape.width**0.5))
    if not shape.tied:
        yield _matrix("output", shape.words, shape.width, _kind(shape, best=True), TOKEN_SCALE)


def _layer(shape: Shape, layer: int) -> Iterator[Tensor]:
    """Yield a layer's tensors. Their scales keep values near 1 throughout, with as much from attention as from the rest."""
    width, keys, unit = shape.width, shape.width // shape.heads * shape.kv_heads, shape.width**-0.5
    plain, best = _kind(shape, best=False), _kind(shape, best=_more_bits(layer, shape.layers))
    prefix = f"blk.{layer}."
    yield _vector(f"{prefix}attn_norm", width, 1.0)
    yield _matrix(f"{prefix}attn_q", width, width, plain, unit)
    yield _matrix(f"{prefix}attn_k", keys, width, plain, unit)
    yield _matrix(f"{prefix}attn_v", keys, width, best, unit)
    yield _matrix(f"{prefix}attn_output", width, width, plain, unit / 2)
    yield _vector(f"{prefix}ffn_norm", width, 1.0)
    yield _matrix(f"{prefix}ffn_gate", shape.hidden, width, plain, unit)
    yield _matrix(f"{prefix}ffn_up", shape.hidden, width, plain, unit)
    yield _matrix(f"{prefix}ffn_down", width, shape.hidden, best, shape.hidden**-0.5)


def _more_bits(layer: int, layers: int) -> bool:
    """Whether llama.cpp gives this layer's values and its last matrix more bits when it makes a Q4_K_M."""
    return layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2


def _kind(shape: Shape, *, best: bool) -> Quantised:
    if not shape.mixed:
        return Quantised.Q8_0
    return Quantised.Q6_K if best else Quantised.Q4_K


def _matrix(name: str, rows: int, columns: int, kind: Quantised, scale: float) -> Tensor:
    return Tensor(name=f"{name}.weight", rows=rows, columns=columns, kind=kind, scale=scale)


def _vector(name: str, columns: int, value: float) -> Tensor:
    return Tensor(name=f"{name}.weight", rows=0, columns=columns, kind=Quantised.F32, scale=value)


def weights(tensor: Tensor, specials: int) -> NDArray[np.generic]:
    """Return a tensor as it is stored; in one with a row for each token, the first rows belong to special tokens."""
    if not tensor.rows:
        return np.full(tensor.columns, tensor.scale, np.float32)
    scale = np.full(tensor.rows, tensor.scale)
    if tensor.name in {"token_embd.weight", "output.weight"}:
        scale[:specials] *= SPECIAL_SCALE
    source = np.random.PCG64([SEED, zlib.crc32(tensor.name.encode())])
    per_row = tensor.columns // gguf.GGML_QUANT_SIZES[tensor.kind][0]
    return blocks.BLOCKS[tensor.kind](source, np.repeat(scale, per_row)).reshape(tensor.rows, -1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shapes", nargs="+", choices=sorted(SHAPES))
    parser.add_argument("--folder", type=Path, help="where to keep them (default: the user's cache)")
    arguments = parser.parse_args()
    for name in arguments.shapes:
        print(model(SHAPES[name], arguments.folder), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
