"""What a GGUF file says of itself, before llama.cpp sees it: the specification is ``docs/gguf.md`` of ggml.

Every number in a file is doubted: a file may be cut off, damaged or made to do harm. Arrays, such as the 128,000 texts of a
vocabulary, are only skimmed; ``Header.array`` reads one.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from hub.errors import ModelUnavailable
from hub.inference.gguf_values import WHOLE, Array, Malformed, Reader, Truncated, Value
from hub.inference.quantisation import FILE_TYPES, TENSOR_TYPES

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MOST_ENTRIES = 1 << 16
_MOST_TENSORS = 1 << 17
_MOST_DIMENSIONS = 4
_LONGEST_NAME = 255
_LARGEST_HEADER = 256 << 20
_FIRST_READ = 1 << 20
_SAMPLES, _SAMPLE = 16, 1 << 14
_DEFAULT_ALIGNMENT = 32
_PART = re.compile(r"(?P<name>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_AGAIN = "Copy or download the file again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """A matrix of weights: ``size`` bytes at ``offset`` of the file."""

    name: str
    shape: tuple[int, ...]
    type: str
    offset: int
    size: int

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file says of itself. ``size`` is the whole file's, ``header_size`` that of the part before the weights."""

    path: Path
    version: int
    size: int
    header_size: int
    metadata: Mapping[str, Value | Array]
    tensors: tuple[Tensor, ...]

    @property
    def architecture(self) -> str:
        """The family of models, such as ``llama`` or ``qwen2``."""
        return self.text("general.architecture") or ""

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.text("general.name") or self.path.stem

    @property
    def file_type(self) -> str:
        """How most of its weights are quantised, such as ``Q4_K_M``."""
        known = self.metadata.get("general.file_type")
        if isinstance(known, int) and known in FILE_TYPES:
            return FILE_TYPES[known]
        return self.dominant_type

    @property
    def dominant_type(self) -> str:
        """The type of tensor that most bytes of the weights have, such as ``Q4_K``."""
        sizes: Counter[str] = Counter()
        for tensor in self.tensors:
            sizes[tensor.type] += tensor.size
        return sizes.most_common(1)[0][0] if sizes else "unknown"

    @property
    def parameters(self) -> int:
        """How many weights the model has."""
        return sum(tensor.parameters for tensor in self.tensors)

    @property
    def weights(self) -> int:
        """The bytes of all weights."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def context(self) -> int:
        """How many tokens the model was trained to see at once."""
        return self.number("context_length") or 2048

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        tokens = self.metadata.get("tokenizer.ggml.tokens")
        return tokens.length if isinstance(tokens, Array) else self.number("vocab_size") or 0

    def text(self, key: str) -> str | None:
        """Return a text of the metadata, by its whole key."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else None

    def number(self, key: str) -> int | None:
        """Return a whole number that the architecture defines, by its key without the architecture's name.

        Where each layer has its own, the largest.
        """
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, Array) and value.length and value.type in WHOLE:
            numbers = self.array(f"{self.architecture}.{key}")
            return max(number for number in numbers if isinstance(number, int))
        return value if isinstance(value, int) else None

    def numbers(self, key: str, layers: int) -> list[int]:
        """Return what ``number`` does for each layer; an empty list if the file does not say."""
        value = self.metadata.get(f"{self.architecture}.{key}")
        if isinstance(value, Array) and value.length >= layers and value.type in WHOLE:
            return [int(number) for number in self.array(f"{self.architecture}.{key}")[:layers]]
        number = self.number(key)
        return [] if number is None else [number] * layers

    def array(self, key: str) -> list[Value]:
        """Read an array of the metadata from the file. Raises ModelUnavailable if the file has changed."""
        field = self.metadata.get(key)
        if not isinstance(field, Array):
            raise ModelUnavailable(f"Expected an array {key} in {self.path}, it has none")
        with _opened(self.path) as file:
            file.seek(field.begin)
            data = file.read(field.end - field.begin)
        try:
            return Reader(data).items(field)
        except (Malformed, Truncated) as error:
            raise ModelUnavailable(f"Expected {self.path} as it was before, {key} has changed: {error}") from error

    def fingerprint(self) -> str:
        """Return a hash that tells this model from others: the header, the size and samples of the weights."""
        digest = hashlib.sha256(str(self.size).encode())
        with _opened(self.path) as file:
            digest.update(file.read(self.header_size))
            step = max(1, (self.size - self.header_size) // _SAMPLES)
            for place in range(self.header_size, self.size, step):  # beyond the end of a part, nothing is read
                file.seek(place)
                digest.update(file.read(_SAMPLE))
        return digest.hexdigest()


def read(path: Path) -> Header:
    """Read what a file says of itself, and check that all its weights are there.

    Raises ModelUnavailable, with the file named, if it is missing, no GGUF file, damaged, or cut off.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            return _read(file, path, size)
        except Truncated as error:
            raise ModelUnavailable(
                f"Expected more than the {size} bytes of {path}, its header is cut off. {_AGAIN}"
            ) from error
        except Malformed as error:
            raise ModelUnavailable(f"Expected a GGUF file, {path} is damaged: {error}. {_AGAIN}") from error


def read_whole(path: Path) -> Header:
    """Read a model that may lie in several files, ``NAME-00001-of-00003.gguf`` and so on, by the first one's name.

    The tensors are those of all files, and so is the size.
    """
    first = read(path)
    count = first.metadata.get("split.count", 0)
    if not isinstance(count, int) or count < 2:
        return first
    match = _PART.fullmatch(path.name)
    if not match or int(match["number"]) != 1 or int(match["count"]) != count:
        raise ModelUnavailable(f"Expected the first of {count} files, NAME-00001-of-{count:05}.gguf, got {path}")
    names = [f"{match['name']}-{number:05}-of-{count:05}.gguf" for number in range(2, count + 1)]
    parts = [first, *(read(path.with_name(name)) for name in names)]
    tensors = tuple(tensor for part in parts for tensor in part.tensors)
    return replace(first, tensors=tensors, size=sum(part.size for part in parts))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise ModelUnavailable(
            f"Expected a model file, found none at {path}. Correct inference: model: in hearth.yaml"
        ) from error
    except OSError as error:
        raise ModelUnavailable(f"Expected to read the model file {path}: {error.strerror}") from error


def _read(file: BinaryIO, path: Path, size: int) -> Header:
    """Read ever more of the file until the header is whole; nobody knows its length beforehand."""
    data, length = b"", _FIRST_READ
    while True:
        data += file.read(length - len(data))
        try:
            return _header(data, path, size)
        except Truncated:
            if len(data) < length:
                raise
            if length >= _LARGEST_HEADER:
                raise Malformed(f"expected a header of at most {_LARGEST_HEADER} bytes, it is longer") from None
        length *= 4


def _header(data: bytes, path: Path, size: int) -> Header:
    reader = _begin(data)
    version = reader.short()
    if version not in _VERSIONS:
        raise Malformed(f"expected version {_VERSIONS[0]} or {_VERSIONS[1]}, got {version}")
    tensors = reader.count("tensors", _MOST_TENSORS)
    entries = reader.count("entries of metadata", _MOST_ENTRIES)
    metadata = _metadata(reader, entries)
    described = [_description(reader) for _ in range(tensors)]
    alignment = _alignment(metadata)
    begin = -(-reader.place // alignment) * alignment
    placed = tuple(_placed(tensor, begin, alignment) for tensor in described)
    _check_tensors(placed, path, size)
    return Header(path=path, version=version, size=size, header_size=begin, metadata=metadata, tensors=placed)


def _begin(data: bytes) -> Reader:
    if data[:4] != _MAGIC:
        raise Malformed(f"expected it to begin with GGUF, it begins with {data[:4]!r}")
    if len(data) >= 8 and data[4:6] == b"\0\0":
        raise Malformed("expected numbers with the lowest byte first, it was written for a big-endian machine")
    return Reader(data, place=4)


def _metadata(reader: Reader, count: int) -> dict[str, Value | Array]:
    metadata: dict[str, Value | Array] = {}
    for _ in range(count):
        key = reader.name("a key", _MOST_ENTRIES - 1)
        if key in metadata:
            raise Malformed(f"expected each key once, {key} comes again")
        metadata[key] = reader.value()
    return metadata


def _alignment(metadata: Mapping[str, Value | Array]) -> int:
    alignment = metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20 or alignment & (alignment - 1):
        raise Malformed(f"expected general.alignment to be a power of two, got {alignment}")
    return alignment


def _description(reader: Reader) -> Tensor:
    """Read what is said of a tensor; its offset is still the one from the end of the header."""
    name = reader.name("a tensor's name", _LONGEST_NAME)
    dimensions = reader.short()
    if not 1 <= dimensions <= _MOST_DIMENSIONS:
        raise Malformed(f"expected 1 to {_MOST_DIMENSIONS} dimensions of {name}, got {dimensions}")
    shape = tuple(reader.long() for _ in range(dimensions))
    number, offset = reader.short(), reader.long()
    if number not in TENSOR_TYPES:
        raise Malformed(f"expected a type of tensor that llama.cpp knows, {name} has number {number}")
    form = TENSOR_TYPES[number]
    if min(shape) < 1 or shape[0] % form.block:
        raise Malformed(f"expected rows of a multiple of {form.block} weights in {name}, its shape is {list(shape)}")
    size = math.prod(shape) // form.block * form.size
    return Tensor(name=name, shape=shape, type=form.name, offset=offset, size=size)


def _placed(tensor: Tensor, begin: int, alignment: int) -> Tensor:
    if tensor.offset % alignment:
        raise Malformed(f"expected {tensor.name} at a multiple of {alignment}, got {tensor.offset}")
    return Tensor(
        name=tensor.name, shape=tensor.shape, type=tensor.type, offset=begin + tensor.offset, size=tensor.size
    )


def _check_tensors(tensors: tuple[Tensor, ...], path: Path, size: int) -> None:
    if len({tensor.name for tensor in tensors}) < len(tensors):
        raise Malformed("expected each tensor once, one comes again")
    end = 0
    for tensor in sorted(tensors, key=lambda tensor: tensor.offset):
        if tensor.offset < end:
            raise Malformed(f"expected tensors one after the other, {tensor.name} lies over another")
        end = tensor.offset + tensor.size
    if end > size:
        raise ModelUnavailable(
            f"Expected {end} bytes of weights and header in {path}, got {size}: it is cut off. {_AGAIN}"
        )
