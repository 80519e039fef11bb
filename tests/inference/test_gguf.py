from __future__ import annotations

import math
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ModelUnavailable
from hub.inference import gguf
from hub.inference.gguf_values import Array, Value

MODEL = Path(gguf.__file__).parent / "models" / "home-6m-q8_0.gguf"

UINT8, INT8, UINT32, INT32, FLOAT, BOOL, TEXT, ARRAY, UINT64 = 0, 1, 4, 5, 6, 7, 8, 9, 10
F32, Q8_0 = 0, 8
FORMS = {UINT8: "B", INT8: "b", UINT32: "I", INT32: "i", FLOAT: "f", BOOL: "B", UINT64: "Q"}

Entry = tuple[int, object]


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def one(kind: int, value: object) -> bytes:
    return text(str(value)) if kind == TEXT else struct.pack(f"<{FORMS[kind]}", value)


def entry(key: str, kind: int, value: object) -> bytes:
    if isinstance(value, list):
        body = struct.pack("<IQ", kind, len(value)) + b"".join(one(kind, item) for item in value)
        return text(key) + struct.pack("<I", ARRAY) + body
    return text(key) + struct.pack("<I", kind) + one(kind, value)


def tensor(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def file(entries: Mapping[str, Entry], tensors: list[bytes], weights: int = 0, *, version: int = 3) -> bytes:
    """A GGUF file, written by hand so that a wrong reading has no wrong writing to agree with."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(entries))
    body = head + b"".join(entry(key, *value) for key, value in entries.items()) + b"".join(tensors)
    alignment = entries.get("general.alignment", (UINT32, 32))[1]
    step = alignment if isinstance(alignment, int) and alignment > 0 else 32
    return body + bytes(-len(body) % step) + bytes(weights)


ENTRIES: dict[str, Entry] = {
    "general.architecture": (TEXT, "llama"),
    "general.name": (TEXT, "A häuschen"),
    "general.file_type": (UINT32, 7),
    "llama.context_length": (UINT32, 128),
    "llama.block_count": (UINT32, 2),
    "llama.attention.head_count_kv": (UINT32, [2, 4]),
    "llama.rope.freq_base": (FLOAT, 10000.0),
    "tokenizer.ggml.add_bos_token": (BOOL, True),
    "tokenizer.ggml.tokens": (TEXT, ["a", "bc", "", "≈"]),
    "tokenizer.ggml.scores": (FLOAT, [0.5, -1.0, 0.0, 2.0]),
}
TENSORS = [tensor("token_embd.weight", (32, 4), Q8_0, 0), tensor("norm.weight", (3,), F32, 160)]
SMALL = file(ENTRIES, TENSORS, 172)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.gguf"
    path.write_bytes(SMALL)
    return path


def test_a_header_says_what_the_model_is(small: Path) -> None:
    header = gguf.read(small)
    assert (header.architecture, header.name, header.file_type) == ("llama", "A häuschen", "Q8_0")
    assert (header.context, header.vocabulary, header.version) == (128, 4, 3)
    assert header.parameters == 32 * 4 + 3
    assert header.weights == 4 * 34 + 12
    assert header.size == len(SMALL)
    assert header.size - header.header_size == 172


def test_tensors_are_found_at_their_place(small: Path) -> None:
    header = gguf.read(small)
    first, second = header.tensors
    assert (first.name, first.shape, first.type, first.size) == ("token_embd.weight", (32, 4), "Q8_0", 136)
    assert (second.offset - first.offset, second.size) == (160, 12)


def test_arrays_are_skimmed_and_read_when_asked_for(small: Path) -> None:
    header = gguf.read(small)
    assert isinstance(header.metadata["tokenizer.ggml.tokens"], Array)
    assert header.array("tokenizer.ggml.tokens") == ["a", "bc", "", "≈"]
    assert header.array("tokenizer.ggml.scores") == [0.5, -1.0, 0.0, 2.0]
    with pytest.raises(ModelUnavailable, match=r"array general\.name"):
        header.array("general.name")


def test_layers_may_differ(small: Path) -> None:
    header = gguf.read(small)
    assert header.numbers("attention.head_count_kv", 2) == [2, 4]
    assert header.number("attention.head_count_kv") == 4
    assert header.numbers("context_length", 2) == [128, 128]
    assert header.numbers("no_such", 2) == []


def test_the_shipped_model_is_read() -> None:
    header = gguf.read(MODEL)
    assert (header.architecture, header.file_type, header.context) == ("llama", "Q8_0", 512)
    assert header.parameters == 5_868_800
    assert len(header.array("tokenizer.ggml.tokens")) == header.vocabulary == 4096
    assert max(tensor.offset + tensor.size for tensor in header.tensors) == header.size


def test_a_fingerprint_tells_models_apart(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.write_bytes(SMALL[:-12] + bytes([1]) + SMALL[-11:])
    assert gguf.read(small).fingerprint() == gguf.read(small).fingerprint()
    assert gguf.read(small).fingerprint() != gguf.read(other).fingerprint()


def test_a_header_longer_than_the_first_read_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.gguf"
    tokens: list[object] = [f"token {number}" for number in range(200_000)]
    path.write_bytes(file({**ENTRIES, "tokenizer.ggml.tokens": (TEXT, tokens)}, TENSORS, 172))
    header = gguf.read(path)
    assert header.vocabulary == 200_000
    assert header.array("tokenizer.ggml.tokens")[-1] == "token 199999"


def test_a_model_in_several_files_is_one(tmp_path: Path) -> None:
    entries = {**ENTRIES, "split.count": (UINT32, 2)}
    (tmp_path / "m-00001-of-00002.gguf").write_bytes(file(entries, TENSORS[:1], 136))
    (tmp_path / "m-00002-of-00002.gguf").write_bytes(file({}, [tensor("norm.weight", (3,), F32, 0)], 12))
    whole = gguf.read_whole(tmp_path / "m-00001-of-00002.gguf")
    assert [tensor.name for tensor in whole.tensors] == ["token_embd.weight", "norm.weight"]
    (tmp_path / "m-00002-of-00002.gguf").unlink()
    with pytest.raises(ModelUnavailable, match="00002-of-00002"):
        gguf.read_whole(tmp_path / "m-00001-of-00002.gguf")


def test_only_the_first_of_several_files_names_a_model(tmp_path: Path) -> None:
    path = tmp_path / "renamed.gguf"
    path.write_bytes(file({**ENTRIES, "split.count": (UINT32, 2)}, TENSORS, 172))
    with pytest.raises(ModelUnavailable, match="first of 2 files"):
        gguf.read_whole(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"none\.gguf"):
        gguf.read(tmp_path / "none.gguf")
    with pytest.raises(ModelUnavailable, match="read the model file"):
        gguf.read(tmp_path)


def test_a_file_cut_off_within_the_weights_says_how_much_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    shutil.copy(MODEL, path)
    with path.open("r+b") as opened:
        opened.truncate(4_000_000)
    with pytest.raises(ModelUnavailable, match=r"Expected 6381312 bytes .*cut\.gguf, got 4000000.*again"):
        gguf.read(path)


def test_a_file_cut_off_anywhere_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    last = gguf_end(SMALL)
    for length in range(last):
        path.write_bytes(SMALL[:length])
        with pytest.raises(ModelUnavailable, match=r"cut\.gguf"):
            gguf.read(path)


def gguf_end(data: bytes) -> int:
    """The place of the last byte that a tensor needs."""
    return len(data) - 172 + 160 + 12


@settings(max_examples=400, deadline=None)
@given(places=st.lists(st.integers(0, len(SMALL) * 8 - 1), min_size=1, max_size=4))
def test_flipped_bits_are_read_or_refused_by_name(places: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    data = bytearray(SMALL)
    for place in places:
        data[place // 8] ^= 1 << place % 8
    path = tmp_path_factory.getbasetemp() / "flipped.gguf"
    path.write_bytes(data)
    check_reads_or_refuses(path)


@settings(max_examples=200, deadline=None)
@given(tail=st.binary(max_size=400), start=st.integers(0, len(SMALL)))
def test_garbage_is_read_or_refused_by_name(tail: bytes, start: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.gguf"
    path.write_bytes(SMALL[:start] + tail)
    check_reads_or_refuses(path)


def check_reads_or_refuses(path: Path) -> None:
    refusal = ""
    try:
        use_all_of(gguf.read(path))
    except ModelUnavailable as error:
        refusal = str(error)
    assert not refusal or path.name in refusal


def use_all_of(header: gguf.Header) -> None:
    assert all(tensor.offset + tensor.size <= header.size for tensor in header.tensors)
    assert header.name is not None
    assert header.file_type
    assert header.context >= 0
    assert header.fingerprint()
    for key, value in header.metadata.items():
        if isinstance(value, Array):
            header.array(key)


def long_text(length: int) -> bytes:
    return struct.pack("<Q", length)


def begin(tensors: int, entries: int, *, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, entries)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "begins with"),
    "another format": (b"GGML" + bytes(60), "begin with GGUF"),
    "version 1": (begin(0, 0, version=1), "version 2 or 3, got 1"),
    "a big-endian file": (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big-endian"),
    "countless entries": (begin(0, 2**63), "at most 65536 entries"),
    "countless tensors": (begin(2**40, 0), "at most 131072 tensors"),
    "an endless key": (begin(0, 1) + long_text(2**62), "a key of at most"),
    "a key that is no text": (begin(0, 1) + text(b"\xff\xfe"), "UTF-8"),
    "an endless text": (begin(0, 1) + text("a") + struct.pack("<I", TEXT) + long_text(2**50), "a text of at most"),
    "a text beyond the end": (begin(0, 1) + text("a") + struct.pack("<I", TEXT) + long_text(1000), "cut off"),
    "a value of no type": (begin(0, 1) + text("a") + struct.pack("<I", 13) + bytes(8), "type of value"),
    "an endless array": (begin(0, 1) + text("a") + struct.pack("<IIQ", ARRAY, UINT8, 2**60), "items of an array"),
    "an array of arrays": (begin(0, 1) + text("a") + struct.pack("<IIQ", ARRAY, ARRAY, 1), "array of arrays"),
    "texts that leap": (
        begin(0, 1) + text("a") + struct.pack("<IIQ", ARRAY, TEXT, 3) + long_text(2**64 - 1) * 3,
        "cut off",
    ),
    "a key twice": (begin(0, 2) + entry("a", UINT8, 1) * 2, "each key once"),
    "an odd alignment": (file({"general.alignment": (UINT32, 24)}, []), "power of two"),
    "no alignment": (file({"general.alignment": (UINT32, 0)}, []), "power of two"),
    "no dimensions": (file({}, [tensor("w", (), F32, 0)]), "1 to 4 dimensions"),
    "many dimensions": (file({}, [tensor("w", (1,) * 5, F32, 0)]), "1 to 4 dimensions"),
    "an unknown quantisation": (file({}, [tensor("w", (32,), 4, 0)]), "number 4"),
    "half a block": (file({}, [tensor("w", (33,), Q8_0, 0)]), "multiple of 32"),
    "an empty dimension": (file({}, [tensor("w", (32, 0), Q8_0, 0)]), "multiple of 32"),
    "a tensor without end": (file({}, [tensor("w", (2**63, 2**63, 2**63), F32, 0)], 64), "cut off"),
    "a tensor astray": (file({}, [tensor("w", (4,), F32, 8)], 64), "multiple of 32"),
    "a tensor beyond the end": (file({}, [tensor("w", (4,), F32, 2**62)], 64), "cut off"),
    "tensors over each other": (
        file({}, [tensor("w", (16,), F32, 0), tensor("v", (16,), F32, 32)], 128),
        "lies over another",
    ),
    "a tensor twice": (file({}, [tensor("w", (8,), F32, 0), tensor("w", (8,), F32, 32)], 64), "each tensor once"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_header_is_refused_with_its_fault(case: str, tmp_path: Path) -> None:
    data, fault = HOSTILE[case]
    path = tmp_path / "hostile.gguf"
    path.write_bytes(data)
    with pytest.raises(ModelUnavailable, match=fault) as caught:
        gguf.read(path)
    assert "hostile.gguf" in str(caught.value)


SCALARS = {
    UINT8: st.integers(0, 255),
    INT8: st.integers(-128, 127),
    INT32: st.integers(-(2**31), 2**31 - 1),
    UINT64: st.integers(0, 2**64 - 1),
    BOOL: st.booleans(),
    FLOAT: st.floats(width=32, allow_nan=False),
    TEXT: st.text(),
}
VALUES = st.sampled_from(sorted(SCALARS)).flatmap(
    lambda kind: st.tuples(st.just(kind), st.one_of(SCALARS[kind], st.lists(SCALARS[kind], max_size=5)))
)


@settings(deadline=None)
@given(
    values=st.dictionaries(st.text(min_size=1), VALUES, max_size=6),
    shapes=st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=4), max_size=4),
)
def test_what_was_written_is_read(
    values: dict[str, Entry], shapes: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    values.pop("general.alignment", None)
    sizes = [math.prod(shape) * 4 for shape in shapes]
    offsets = [sum(-(-size // 32) * 32 for size in sizes[:index]) for index in range(len(sizes))]
    tensors = [tensor(f"t{index}", tuple(shape), F32, offsets[index]) for index, shape in enumerate(shapes)]
    path = tmp_path_factory.getbasetemp() / "written.gguf"
    path.write_bytes(file(values, tensors, offsets[-1] + sizes[-1] if sizes else 0))
    header = gguf.read(path)
    assert {key: read_back(header, key) for key in values} == {key: value for key, (_, value) in values.items()}
    assert [list(tensor.shape) for tensor in header.tensors] == shapes


def read_back(header: gguf.Header, key: str) -> Value | list[Value]:
    value = header.metadata[key]
    return header.array(key) if isinstance(value, Array) else value
