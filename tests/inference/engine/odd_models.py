"""Models of random weights whose memory works otherwise: a recurrent one, one with a sliding window, and one that only embeds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import gguf
import numpy as np

from hub.inference import DEFAULT_MODEL
from hub.inference.engine.llama import LoadedModel
from tests.inference.engine.bench import model

WIDTH, LAYERS, CONTEXT = 32, 2, 512
WINDOW = 24
_HEADS, _FEED = 2, 64


@cache
def odd_model(architecture: str) -> LoadedModel:
    """Return a model with the vocabulary of the one that comes with Hearth; it stays for the whole run of the tests."""
    path = Path(mkdtemp()) / f"{architecture}.gguf"
    writer = gguf.GGUFWriter(path, architecture)
    size = _copy_vocabulary(writer)
    {"mamba": _mamba, "gemma3": _gemma, "bert": _bert}[architecture](writer, size)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return LoadedModel(path, replace(model().plan, n_ctx=CONTEXT))


def _copy_vocabulary(writer: gguf.GGUFWriter) -> int:
    reader = gguf.GGUFReader(DEFAULT_MODEL)
    fields = {name: field for name, field in reader.fields.items() if name.startswith("tokenizer.ggml.")}
    for name, field in fields.items():
        content, kind = field.contents(), field.types[0]
        if kind is gguf.GGUFValueType.ARRAY:
            writer.add_array(name, content)
        else:
            writer.add_key_value(name, content, kind)
    return len(fields["tokenizer.ggml.tokens"].contents())


def _common(writer: gguf.GGUFWriter, size: int) -> np.random.Generator:
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    random = np.random.default_rng(5)
    _tensor(writer, random, "token_embd.weight", WIDTH, size)
    return random


def _tensor(writer: gguf.GGUFWriter, random: np.random.Generator, name: str, *shape: int, around: float = 0.0) -> None:
    """Add a tensor; its dimensions are given as llama.cpp counts them, the fastest first."""
    values = around + random.normal(scale=0.2, size=shape[::-1])
    writer.add_tensor(name, values.astype(np.float32))


def _mamba(writer: gguf.GGUFWriter, size: int) -> None:
    inner, state, rank, kernel = 2 * WIDTH, 8, 4, 4
    random = _common(writer, size)
    writer.add_ssm_conv_kernel(kernel)
    writer.add_ssm_inner_size(inner)
    writer.add_ssm_state_size(state)
    writer.add_ssm_time_step_rank(rank)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_head_count(0)
    writer.add_feed_forward_length(0)
    _tensor(writer, random, "output_norm.weight", WIDTH, around=1)
    for block in range(LAYERS):
        for name, shape, around in (
            ("attn_norm.weight", (WIDTH,), 1.0),
            ("ssm_in.weight", (WIDTH, 2 * inner), 0.0),
            ("ssm_conv1d.weight", (kernel, inner), 0.0),
            ("ssm_conv1d.bias", (inner,), 0.0),
            ("ssm_x.weight", (inner, rank + 2 * state), 0.0),
            ("ssm_dt.weight", (rank, inner), 0.0),
            ("ssm_dt.bias", (inner,), 0.0),
            ("ssm_a", (state, inner), -1.0),
            ("ssm_d", (inner,), 1.0),
            ("ssm_out.weight", (inner, WIDTH), 0.0),
        ):
            _tensor(writer, random, f"blk.{block}.{name}", *shape, around=around)


def _gemma(writer: gguf.GGUFWriter, size: int) -> None:
    random = _common(writer, size)
    head = WIDTH // _HEADS
    writer.add_feed_forward_length(_FEED)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_sliding_window(WINDOW)
    _tensor(writer, random, "output_norm.weight", WIDTH, around=1)
    for block in range(LAYERS):
        for name in ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"):
            _tensor(writer, random, f"blk.{block}.{name}.weight", WIDTH, around=1)
        for name in ("attn_q_norm", "attn_k_norm"):
            _tensor(writer, random, f"blk.{block}.{name}.weight", head, around=1)
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            _tensor(writer, random, f"blk.{block}.{name}.weight", WIDTH, WIDTH)
        for name in ("ffn_gate", "ffn_up"):
            _tensor(writer, random, f"blk.{block}.{name}.weight", WIDTH, _FEED)
        _tensor(writer, random, f"blk.{block}.ffn_down.weight", _FEED, WIDTH)


def _bert(writer: gguf.GGUFWriter, size: int) -> None:
    random = _common(writer, size)
    writer.add_feed_forward_length(_FEED)
    writer.add_head_count(_HEADS)
    writer.add_layer_norm_eps(1e-5)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.CLS)
    writer.add_token_type_count(2)
    _tensor(writer, random, "token_types.weight", WIDTH, 2)
    _tensor(writer, random, "position_embd.weight", WIDTH, CONTEXT)
    _norm(writer, random, "token_embd_norm")
    for block in range(LAYERS):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            _tensor(writer, random, f"blk.{block}.{name}.weight", WIDTH, WIDTH)
        _norm(writer, random, f"blk.{block}.attn_output_norm")
        _tensor(writer, random, f"blk.{block}.ffn_up.weight", WIDTH, _FEED)
        _tensor(writer, random, f"blk.{block}.ffn_down.weight", _FEED, WIDTH)
        _norm(writer, random, f"blk.{block}.layer_output_norm")


def _norm(writer: gguf.GGUFWriter, random: np.random.Generator, name: str) -> None:
    _tensor(writer, random, f"{name}.weight", WIDTH, around=1)
    _tensor(writer, random, f"{name}.bias", WIDTH)
