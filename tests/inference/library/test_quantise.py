"""Quantising: smaller, still the same model, and nothing half-done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hub.errors import InferenceError, InvalidInput, ModelUnavailable
from hub.inference import DEFAULT_MODEL, gguf
from hub.inference.library import quantise as quantising
from hub.inference.library.convert import Precision, convert
from hub.inference.library.progress import Advance
from hub.inference.library.quantise import quantise
from tests.inference.library.checkpoints import BLOCKS, write_checkpoint
from tests.inference.library.logits import logits_of

TOKENS = [int(token) for token in np.random.default_rng(5).integers(3, 250, size=24)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    write_checkpoint(folder, "llama-2", sizes=BLOCKS)
    convert(folder, folder / "model.gguf", precision=Precision.F16)
    return folder / "model.gguf"


@pytest.mark.parametrize(("kind", "saved"), [("Q4_K_M", 60.0), ("Q8_0", 40.0)])
def test_the_model_is_smaller_and_says_almost_the_same(plain: Path, tmp_path: Path, kind: str, saved: float) -> None:
    shown: list[Advance] = []
    outcome = quantise(plain, tmp_path / "small.gguf", kind, threads=1, progress=shown.append)
    header = gguf.read(tmp_path / "small.gguf")
    assert header.file_type == kind
    assert outcome.before == plain.stat().st_size
    assert outcome.after == header.size
    assert saved <= outcome.saved < 80
    before, after = logits_of(plain, TOKENS), logits_of(tmp_path / "small.gguf", TOKENS)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.95


def test_every_tensor_shows_in_the_progress(plain: Path, tmp_path: Path) -> None:
    shown: list[Advance] = []
    quantise(plain, tmp_path / "small.gguf", threads=1, progress=shown.append)
    assert {advance.detail for advance in shown} == {tensor.name for tensor in gguf.read(plain).tensors} | {""}
    done = [advance.done for advance in shown]
    assert done == sorted(done)
    assert shown[-1].done == shown[-1].total == gguf.read(plain).weights


def test_what_is_quantised_already_is_refused_unless_that_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"has Q8_0.*--requantize"):
        quantise(DEFAULT_MODEL, tmp_path / "small.gguf")
    assert quantise(DEFAULT_MODEL, tmp_path / "small.gguf", "Q4_0", threads=1, again=True).saved > 30


def test_shapes_that_do_not_fit_are_told(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "narrow", "llama-2")
    convert(tmp_path / "narrow", tmp_path / "narrow.gguf")
    assert quantise(tmp_path / "narrow.gguf", tmp_path / "small.gguf", threads=1).fallbacks > 0


def test_an_unknown_kind_or_file_is_refused(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Q4_K_M"):
        quantise(plain, tmp_path / "small.gguf", "IQ1_S")
    with pytest.raises(ModelUnavailable, match="none at"):
        quantise(tmp_path / "none.gguf", tmp_path / "small.gguf")


def test_what_llama_cpp_says_is_told_where_it_fails(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match=r"to quantise .* to Q4_K_M"):
        quantise(plain, tmp_path / "no folder" / "small.gguf", threads=1)


def test_a_process_that_dies_is_told(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantising, "_PROGRAM", (sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(InferenceError, match="its process ended with code -9"):
        quantise(plain, tmp_path / "small.gguf", threads=1)


def test_the_process_ends_with_the_command_that_started_it(plain: Path, tmp_path: Path) -> None:
    program = (
        sys.executable,
        "-m",
        "hub.inference.library.quantiser",
        str(plain),
        str(tmp_path / "small.gguf"),
        "15",
        "1",
        "0",
    )
    assert subprocess.run(program, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 1
