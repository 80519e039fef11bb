"""The estimate against processes that really load the model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hub.errors import ModelUnavailable
from hub.inference import gguf
from hub.inference.engine import memory
from hub.inference.engine.allowance import Memory
from hub.inference.engine.memory import Load, Need
from hub.inference.gguf import Header
from hub.inference.settings import CacheType, LoadMode

MODEL = Path(gguf.__file__).parent / "models" / "home-6m-q8_0.gguf"
GB = 1_000_000_000
LOAD = Load(cells=512, rows=256, outputs=72, sequences=24)

MEASURE = """
import json, sys
import llama_cpp as llama, llguidance, llguidance.llamacpp, numpy
import hub.inference.worker
from hub.inference.engine import native
path, load = sys.argv[1], json.loads(sys.argv[2])
native.start()
model_settings = llama.llama_model_default_params()
model_settings.use_extra_bufts = False
model_settings.load_mode = load["mode"]
model = llama.llama_model_load_from_file(path.encode(), model_settings)
settings = llama.llama_context_default_params()
settings.n_ctx, settings.n_batch, settings.n_ubatch = load["cells"], 512, load["rows"]
settings.n_seq_max, settings.n_outputs_max, settings.kv_unified = load["sequences"], load["outputs"], True
settings.flash_attn_type, settings.type_k, settings.type_v = load["flash"], load["cache"], load["cache"]
settings.n_threads = settings.n_threads_batch = 1
context = llama.llama_init_from_model(model, settings)
tokenizer = llguidance.llamacpp.lltokenizer_from_vocab(llama.llama_model_get_vocab(model))
count = load["cells"] // 512
for _ in range(count):
    tokens = (llama.llama_token * 512)(*[5] * 512)
    assert llama.llama_decode(context, llama.llama_batch_get_one(tokens, 512)) == 0
print(max(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def measured(path: Path, load: Load) -> int:
    """The most memory that a process had which filled the whole context of a model."""
    pytest.importorskip("llguidance")
    values = {
        "mode": {LoadMode.READ: 0, LoadMode.MMAP: 1, LoadMode.MLOCK: 3}[load.load_mode],
        "cells": load.cells,
        "rows": load.rows,
        "sequences": load.sequences,
        "outputs": load.outputs,
        "flash": int(load.flash_attention),
        "cache": {CacheType.F16: 1, CacheType.Q8_0: 8, CacheType.Q4_0: 2}[load.cache_type],
    }
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "GGML_NO_BACKTRACE": "1"}
    command = [sys.executable, "-c", MEASURE, str(path), json.dumps(values)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    "load",
    [
        LOAD,
        replace(LOAD, load_mode=LoadMode.READ),
        replace(LOAD, load_mode=LoadMode.MLOCK),
        replace(LOAD, flash_attention=True, cache_type=CacheType.Q8_0),
    ],
    ids=["mapped", "read", "pinned", "quantised cache"],
)
def test_the_estimate_is_near_what_a_process_takes(load: Load) -> None:
    estimated = memory.needed(gguf.read(MODEL), load).total
    assert estimated == pytest.approx(measured(MODEL, load), rel=0.15)


@pytest.fixture
def small() -> Header:
    return gguf.read(MODEL)


def shaped(header: Header, **numbers: int) -> Header:
    """The same header with other numbers of its architecture."""
    return replace(header, metadata={**header.metadata, **{f"llama.{key}": value for key, value in numbers.items()}})


def test_the_cache_is_two_rows_of_each_layer_for_each_token(small: Header) -> None:
    assert memory.cache_size(small, LOAD) == 512 * 6 * 2 * 256 * 2  # cells, layers, keys and values, width, f16


def test_grouped_heads_take_less(small: Header) -> None:
    grouped = shaped(small, **{"attention.head_count_kv": 1})
    assert memory.cache_size(grouped, LOAD) == memory.cache_size(small, LOAD) // 4


def test_a_quantised_cache_takes_what_its_blocks_do(small: Header) -> None:
    whole = memory.cache_size(small, LOAD)
    assert memory.cache_size(small, replace(LOAD, cache_type=CacheType.Q8_0)) == whole * 34 // 64
    assert memory.cache_size(small, replace(LOAD, cache_type=CacheType.Q4_0)) == whole * 18 // 64


def test_a_sliding_window_counts_as_the_whole_context(small: Header) -> None:
    windowed = shaped(small, **{"attention.sliding_window": 64})
    assert memory.cache_size(windowed, LOAD) == memory.cache_size(small, LOAD)


def test_cells_come_in_steps(small: Header) -> None:
    assert memory.cache_size(small, replace(LOAD, cells=300)) == memory.cache_size(small, LOAD)


def test_recurrent_layers_keep_a_state_for_each_request(small: Header) -> None:
    recurrent = shaped(small, **{"ssm.inner_size": 512, "ssm.state_size": 16, "ssm.conv_kernel": 4})
    state = memory.cache_size(recurrent, LOAD) - memory.cache_size(small, LOAD)
    assert state == LOAD.sequences * 6 * (3 * 512 + 512 * 16) * 4


def test_flash_attention_saves_the_scores(small: Header) -> None:
    long = replace(LOAD, cells=8192)
    without = memory.needed(small, long).compute
    assert memory.needed(small, replace(long, flash_attention=True)).compute < without // 3


def test_repacking_copies_the_matrices(small: Header) -> None:
    need = memory.needed(small, replace(LOAD, repackable=frozenset({"Q8_0"})))
    matrices = sum(one.size for one in small.tensors if one.type == "Q8_0" and "token_embd" not in one.name)
    assert need.copied == matrices > 0
    assert need.mapped == small.weights


def test_offloaded_layers_take_no_memory_here(small: Header) -> None:
    none, half, whole = (memory.needed(small, replace(LOAD, gpu_layers=layers)) for layers in (0, 3, -1))
    assert none.gpu == 0 < half.gpu < whole.gpu
    assert none.total > half.total > whole.total


def need(**sizes: int) -> Need:
    return Need(**{"mapped": 0, "copied": 0, "cache": 0, "compute": 0, "process": 0, **sizes})


def test_what_does_not_fit_is_refused_with_figures_and_remedy(small: Header) -> None:
    wanted = need(mapped=4 * GB, cache=2 * GB, compute=GB // 2, process=GB // 10)
    with pytest.raises(ModelUnavailable) as caught:
        memory.check(wanted, Memory(free=5 * GB, bound="the machine's free memory"), small)
    message = str(caught.value)
    assert "Expected 6.60 GB of memory for home-6m-q8_0.gguf" in message
    assert "4.00 GB for weights, 2.00 GB for keys and values" in message
    assert "got 5.00 GB: the machine's free memory" in message
    assert message.index("smaller quantisation") < message.index("smaller context") < message.index("cache_type: q8_0")


def test_the_limit_of_the_settings_does_not_count_the_mapped_file(small: Header) -> None:
    wanted = need(mapped=4 * GB, cache=GB)
    plenty = Memory(free=50 * GB, bound="")
    memory.check(wanted, plenty, small, limit=2 * GB)
    with pytest.raises(ModelUnavailable, match=r"got 0.50 GB: inference: memory:"):
        memory.check(wanted, plenty, small, limit=GB // 2)


def test_a_copy_of_the_weights_can_be_done_without(small: Header) -> None:
    assert "load_mode: mmap" in memory.remedies(need(mapped=4 * GB, copied=3 * GB))
    assert "load_mode" not in memory.remedies(need(mapped=4 * GB))
