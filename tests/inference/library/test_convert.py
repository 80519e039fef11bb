"""A converted model says what the checkpoint says: its logits agree with a forward pass of our own in numpy."""

from __future__ import annotations

import json
import pickle
import shutil
import struct
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from gguf import GGUFReader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file

from hub.errors import HubError, InvalidInput, NotFound
from hub.inference.gguf import read
from hub.inference.library.convert import Precision, convert
from hub.inference.library.convert.safetensors_file import SafetensorsFile
from hub.inference.library.convert.torch_file import TorchFile
from tests.inference.library import reference
from tests.inference.library.checkpoints import (
    CONFIGS,
    TEXT,
    Weights,
    write_byte_pairs,
    write_checkpoint,
    write_weights,
)
from tests.inference.library.logits import loaded, logits_of
from tests.inference.library.torch_files import write_torch_file

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([-1, 0, 1, 2, 7, 10**12])
    | st.floats()
    | st.sampled_from(["", "linear", "yarn", "llama3", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["rope_type", "factor", "full_attention", "sliding_attention", "type"]), inner, max_size=3
        )
    ),
    max_leaves=5,
)
TOKENS = [int(token) for token in np.random.default_rng(5).integers(3, 250, size=24)]


@pytest.mark.parametrize("name", CONFIGS)
def test_the_logits_agree_with_the_reference(tmp_path: Path, name: str) -> None:
    config, weights = write_checkpoint(tmp_path / name, name)
    convert(tmp_path / name, tmp_path / "model.gguf", precision=Precision.F32)
    wanted = reference.logits(config, weights, TOKENS)
    got = logits_of(tmp_path / "model.gguf", TOKENS)[:, : wanted.shape[1]]
    exact = not name.startswith("gemma")  # ggml looks Gemma's GELU up in a table of 16-bit numbers
    assert wanted.std() > 0.3
    assert np.abs(got - wanted).max() / wanted.std() < (1e-5 if exact else 5e-3)
    np.testing.assert_array_equal(got.argmax(axis=1), wanted.argmax(axis=1))


@pytest.mark.parametrize(
    ("precision", "error"), [(Precision.F16, 2e-2), (Precision.BF16, 1e-1), (Precision.Q8_0, 1e-1)]
)
def test_fewer_bits_bring_small_errors_only(tmp_path: Path, precision: Precision, error: float) -> None:
    config, weights = write_checkpoint(tmp_path / "mistral", "mistral")
    convert(tmp_path / "mistral", tmp_path / "model.gguf", precision=precision)
    wanted = reference.logits(config, weights, TOKENS)
    got = logits_of(tmp_path / "model.gguf", TOKENS)
    assert 1e-6 < np.abs(got - wanted).max() / wanted.std() < error
    kinds = {tensor.type for tensor in read(tmp_path / "model.gguf").tensors}
    assert kinds == {precision.value.upper(), "F32"}


def test_several_files_of_bfloat16_give_what_one_of_float32_gives(tmp_path: Path) -> None:
    _, weights = write_checkpoint(tmp_path / "one", "llama-2")
    rounded = {name: as_floats(as_brain(weight)) for name, weight in weights.items()}
    write_weights(tmp_path / "one", rounded)
    convert(tmp_path / "one", tmp_path / "one.gguf", name="same", precision=Precision.F32)

    write_checkpoint(tmp_path / "three", "llama-2", files=3)
    for path in (tmp_path / "three").glob("*.safetensors"):
        write_brain_file(path, {name: weights[name] for name in SafetensorsFile(path).names})
    convert(tmp_path / "three", tmp_path / "three.gguf", name="same", precision=Precision.F32)
    assert tensors_of(tmp_path / "one.gguf") == tensors_of(tmp_path / "three.gguf")


def test_pytorch_files_give_what_safetensors_give(tmp_path: Path) -> None:
    _, weights = write_checkpoint(tmp_path / "llama", "llama-2")
    convert(tmp_path / "llama", tmp_path / "safetensors.gguf", precision=Precision.F32)
    (tmp_path / "llama" / "model.safetensors").unlink()
    write_torch_file(tmp_path / "llama" / "pytorch_model.bin", weights)
    convert(tmp_path / "llama", tmp_path / "torch.gguf", precision=Precision.F32)
    assert tensors_of(tmp_path / "safetensors.gguf") == tensors_of(tmp_path / "torch.gguf")


def test_a_pytorch_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "llama", "llama-2")
    (tmp_path / "llama" / "model.safetensors").unlink()
    mark = tmp_path / "it ran"
    with zipfile.ZipFile(tmp_path / "llama" / "pytorch_model.bin", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap(mark)))
    with pytest.raises(InvalidInput, match=r"it would call .*Trap|it would call .*touch|it would call pathlib"):
        convert(tmp_path / "llama", tmp_path / "model.gguf")
    assert not mark.exists()


def test_a_model_of_text_and_pictures_gives_its_part_for_text(tmp_path: Path) -> None:
    config, weights = write_checkpoint(tmp_path / "gemma", "gemma-3")
    convert(tmp_path / "gemma", tmp_path / "text.gguf", precision=Precision.F32)
    whole = {"architectures": ["Gemma3ForConditionalGeneration"], "text_config": config, "vision_config": {}}
    (tmp_path / "gemma" / "config.json").write_text(
        json.dumps({**whole, "text_config": {**config, "architectures": None}})
    )
    pictures = {"vision_tower.patch.weight": np.ones((2, 2), np.float32)}
    write_weights(tmp_path / "gemma", {f"language_model.{name}": weight for name, weight in weights.items()} | pictures)
    convert(tmp_path / "gemma", tmp_path / "both.gguf", precision=Precision.F32)
    assert tensors_of(tmp_path / "text.gguf") == tensors_of(tmp_path / "both.gguf")


def test_text_is_split_as_sentencepiece_splits_it(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "llama", "llama-2")
    convert(tmp_path / "llama", tmp_path / "model.gguf")
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "llama" / "tokenizer.model"))
    with loaded(tmp_path / "model.gguf") as model:
        for text in [*TEXT, "zwölf Lampen 灯 🏠", "two  spaces", "the lamp's off!"]:
            assert model.tokenize(text.encode(), add_bos=False) == pieces.encode(text), text
        assert (model.token_bos(), model.token_eos()) == (1, 2)


def test_a_tokeniser_that_lost_its_scores_splits_text_as_before(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "llama", "llama-2")
    path = tmp_path / "llama" / "tokenizer.model"
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(path))
    (tmp_path / "llama" / "tokenizer.json").write_text(json.dumps(as_transformers_writes(pieces)))
    path.unlink()
    convert(tmp_path / "llama", tmp_path / "model.gguf")
    with loaded(tmp_path / "model.gguf") as model:
        for text in [*TEXT, "zwölf Lampen 灯 🏠", "two  spaces"]:
            assert model.tokenize(text.encode(), add_bos=False) == pieces.encode(text), text


@pytest.mark.parametrize(("name", "pre"), [("llama-3", "llama-bpe"), ("qwen-2", "qwen2")])
def test_byte_pairs_come_with_merges_special_tokens_and_the_chat_template(tmp_path: Path, name: str, pre: str) -> None:
    config, _ = write_checkpoint(tmp_path / name, name)
    convert(tmp_path / name, tmp_path / "model.gguf")
    header = read(tmp_path / "model.gguf")
    assert header.text("tokenizer.ggml.pre") == pre
    assert header.vocabulary == config["vocab_size"]
    assert "<|begin|>{{ message.content }}" in (header.text("tokenizer.chat_template") or "")
    the = config["vocab_size"] - 3 - 2 - 7
    with loaded(tmp_path / "model.gguf") as model:
        assert model.tokenize(b"in the", add_bos=False) == [the + 1, the]
        assert (
            model.detokenize(model.tokenize("Küche: 灯 on, 123!".encode(), add_bos=False)).decode()
            == "Küche: 灯 on, 123!"
        )
        begin, end = config["vocab_size"] - 5, config["vocab_size"] - 4
        assert model.tokenize(b"<|begin|>in<|end|>", add_bos=False, special=True)[::2] == [begin, end]


def test_a_way_of_splitting_that_llama_cpp_does_not_know_is_refused_unless_it_is_named(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "qwen", "qwen-2")
    write_byte_pairs(tmp_path / "qwen", r"\w+|\W")
    with pytest.raises(InvalidInput, match=r"llama-bpe.*with --pre"):
        convert(tmp_path / "qwen", tmp_path / "model.gguf")
    convert(tmp_path / "qwen", tmp_path / "model.gguf", pre="qwen2")
    assert read(tmp_path / "model.gguf").text("tokenizer.ggml.pre") == "qwen2"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"architectures": ["MambaForCausalLM"]}, "hearth model pull"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantised by gptq"),
        ({"num_hidden_layers": 4}, "layers.3"),
        ({"num_attention_heads": 0}, "num_attention_heads as a number from 1"),
        ({"rope_scaling": {"type": "dynamic", "factor": 2.0}}, "got dynamic"),
        ({"rope_scaling": {"type": "linear"}}, "a factor"),
    ],
)
def test_what_cannot_be_converted_is_refused_with_the_reason(
    tmp_path: Path, change: Mapping[str, Any], words: str
) -> None:
    config, _ = write_checkpoint(tmp_path / "llama", "llama-2")
    (tmp_path / "llama" / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(InvalidInput, match=words):
        convert(tmp_path / "llama", tmp_path / "model.gguf")


@given(data=st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_configuration_says_it_is_converted_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "checkpoint"
    name = data.draw(st.sampled_from(["llama-3", "gemma-3", "qwen-2-yarn"]))
    if not folder.is_dir() or json.loads((folder / "config.json").read_text()).get("drawn") != name:
        shutil.rmtree(folder, ignore_errors=True)
        write_checkpoint(folder, name)
        (folder / "whole.json").write_bytes((folder / "config.json").read_bytes())
    config = json.loads((folder / "whole.json").read_text())
    key = data.draw(
        st.sampled_from([*sorted(config), "rope_parameters", "layer_types", "text_config", "quantization_config"])
    )
    config[key] = data.draw(VALUES)
    (folder / "config.json").write_text(json.dumps({**config, "drawn": name}))
    with suppress(HubError):
        convert(folder, tmp_path / "model.gguf")
        read(tmp_path / "model.gguf")


def test_a_missing_file_of_several_is_named(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "llama", "llama-2", files=3)
    (tmp_path / "llama" / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(NotFound, match="model-00002-of-00003"):
        convert(tmp_path / "llama", tmp_path / "model.gguf")


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_safetensors_file_is_refused_or_read_but_never_breaks(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"a": np.ones((3, 4), np.float32), "b": np.ones(5, np.float16)}, path)
    whole = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    else:
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(whole)
    with suppress(InvalidInput):
        file = SafetensorsFile(path)
        for name in file.names:
            file.weight(name).floats()


@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_pickle_is_refused_or_read_but_never_breaks(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "pytorch_model.bin"
    write_torch_file(path, {"a": np.ones((3, 4), np.float32), "b": np.ones(5, np.float32)})
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    pickled = bytearray(content["pytorch_model/data.pkl"])
    for _ in range(data.draw(st.integers(1, 3))):
        pickled[data.draw(st.integers(0, len(pickled) - 1))] = data.draw(st.integers(0, 255))
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in {**content, "pytorch_model/data.pkl": bytes(pickled)}.items():
            archive.writestr(name, raw)
    with suppress(InvalidInput):
        file = TorchFile(path)
        for name in file.names:
            file.weight(name).floats()


def tensors_of(path: Path) -> dict[str, bytes]:
    return {tensor.name: tensor.data.tobytes() for tensor in GGUFReader(path).tensors}


def as_brain(weight: NDArray[np.float32]) -> NDArray[np.uint16]:
    return (weight.view(np.uint32) >> 16).astype(np.uint16)


def as_floats(brain: NDArray[np.uint16]) -> NDArray[np.float32]:
    return (brain.astype(np.uint32) << 16).view(np.float32)


def write_brain_file(path: Path, weights: Weights) -> None:
    header, body = {}, bytearray()
    for name, weight in weights.items():
        raw = as_brain(weight).tobytes()
        header[name] = {"dtype": "BF16", "shape": weight.shape, "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(body))


def as_transformers_writes(pieces: sentencepiece.SentencePieceProcessor) -> dict[str, Any]:
    """Return a ``tokenizer.json`` as transformers derives it: a merge for each way to join two pieces into a third."""
    vocabulary = {pieces.id_to_piece(number): number for number in range(pieces.get_piece_size())}
    merges = []
    for piece, number in vocabulary.items():
        for cut in range(1, len(piece)):
            left, right = piece[:cut], piece[cut:]
            if pieces.is_byte(number) or left not in vocabulary or right not in vocabulary:
                continue
            merges.append((pieces.get_score(number), vocabulary[left], vocabulary[right], [left, right]))
    merges.sort(key=lambda merge: (-merge[0], merge[1], merge[2]))
    model = {
        "type": "BPE",
        "byte_fallback": True,
        "unk_token": "<unk>",
        "vocab": vocabulary,
        "merges": [merge[3] for merge in merges],
    }
    added = [{"id": number, "content": text, "special": True} for number, text in enumerate(("<unk>", "<s>", "</s>"))]
    return {"model": model, "added_tokens": added}


class Trap:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)
