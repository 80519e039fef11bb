"""The models of random weights that the engine's benchmark makes."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import gguf
import pytest

from benchmarks import synthetic
from benchmarks.synthetic import Shape
from benchmarks.synthetic_vocabulary import Family

llama_cpp = pytest.importorskip("llama_cpp")

MIXED = dataclasses.replace(
    synthetic.TINY,
    name="mixed",
    layers=2,
    width=256,
    heads=4,
    kv_heads=2,
    hidden=512,
    words=2048,
    mixed=True,
    tied=True,
)
PAIRS = dataclasses.replace(MIXED, name="pairs", family=Family.BYTE_PAIRS)
SHAPES = pytest.mark.parametrize("shape", [synthetic.TINY, MIXED, PAIRS], ids=lambda shape: shape.name)
TEXT = 'Turn the light of the kitchen on, {"name": "light.kitchen_1"}.\n\nÜber 中文'


@SHAPES
def test_a_model_answers_in_tokens_of_its_vocabulary(shape: Shape, tmp_path: Path) -> None:
    llama = llama_cpp.Llama(str(synthetic.model(shape, tmp_path)), n_ctx=256, n_threads=1, verbose=False)
    try:
        prompt = llama.tokenize(TEXT.encode())
        answer = llama.create_completion(TEXT, max_tokens=24, temperature=0.0)
        written = llama.tokenize(answer["choices"][0]["text"].encode(), add_bos=False)
    finally:
        llama.close()
    assert llama.detokenize(prompt).decode() == TEXT
    assert answer["usage"]["completion_tokens"] == 24
    assert len(set(written)) > 6, "Expected a text that does not go in circles"


@SHAPES
def test_its_file_is_the_same_whenever_it_is_made(shape: Shape, tmp_path: Path) -> None:
    files = [synthetic.model(shape, tmp_path / folder) for folder in ("one", "other")]
    first, second = (hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    assert first == second


def test_a_model_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    made = synthetic.model(MIXED, tmp_path).stat().st_mtime_ns
    assert synthetic.model(MIXED, tmp_path).stat().st_mtime_ns == made


def test_the_header_tells_the_shape(tmp_path: Path) -> None:
    reader = gguf.GGUFReader(synthetic.model(synthetic.TINY, tmp_path))
    assert reader.fields["llama.block_count"].contents() == 6
    assert reader.fields["llama.embedding_length"].contents() == 320
    assert len(reader.fields["tokenizer.ggml.tokens"].contents()) == 4096
    assert len(reader.tensors) == 3 + 6 * 9


def test_the_large_shapes_have_as_many_weights_as_their_models() -> None:
    assert _weights(synthetic.ONE_B) == pytest.approx(1.24e9, rel=0.01)
    assert _weights(synthetic.SEVEN_B) == pytest.approx(6.74e9, rel=0.01)
    assert sum(tensor.bytes for tensor in synthetic.tensors(synthetic.SEVEN_B)) == pytest.approx(4.08e9, rel=0.01)


def _weights(shape: Shape) -> int:
    return sum(max(tensor.rows, 1) * tensor.columns for tensor in synthetic.tensors(shape))
