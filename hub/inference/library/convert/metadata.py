"""What the header of a GGUF file says of a model."""

from __future__ import annotations

import math

import numpy as np
from gguf import GGUFWriter, LlamaFileType, RopeScalingType
from numpy.typing import NDArray

from hub.inference.library.convert.families import Family
from hub.inference.library.convert.shape import Rope, Shape


def write_metadata(writer: GGUFWriter, name: str, shape: Shape, family: Family, kind: LlamaFileType) -> None:
    """Write the model's name and dimensions."""
    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(kind)
    writer.add_quantization_version(2)
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_rope_dimension_count(shape.head)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    _write_attention(writer, shape, family)
    _write_rope(writer, shape.rope)


def rope_factors(rope: Rope, head: int) -> NDArray[np.float32] | None:
    """Return by how much each frequency is divided, where that differs from one to the next (Llama 3.1 and later)."""
    if rope.kind != "llama3":
        return None
    settings = rope.settings
    factor, trained = float(settings["factor"]), float(settings.get("original_max_position_embeddings", 8192))
    low, high = float(settings.get("low_freq_factor", 1.0)), float(settings.get("high_freq_factor", 4.0))
    lengths = 2 * math.pi * rope.base ** (np.arange(0, head, 2, dtype=np.float64) / head)
    smooth = np.clip((trained / lengths - low) / (high - low), 0.0, 1.0)
    return (1.0 / ((1.0 - smooth) / factor + smooth)).astype(np.float32)


def _write_attention(writer: GGUFWriter, shape: Shape, family: Family) -> None:
    if shape.window is not None:
        writer.add_sliding_window(shape.window)
        usual = tuple((layer + 1) % (family.window_every or 1) != 0 for layer in range(shape.layers))
        if shape.windowed != usual:
            writer.add_sliding_window_pattern(shape.windowed)
    if shape.attention_cap:
        writer.add_attn_logit_softcapping(shape.attention_cap)
    if shape.final_cap:
        writer.add_final_logit_softcapping(shape.final_cap)


def _write_rope(writer: GGUFWriter, rope: Rope) -> None:
    writer.add_rope_freq_base(rope.base)
    if rope.local is not None:
        writer.add_rope_freq_base_swa(rope.local)
    if rope.kind == "linear":
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(rope.settings["factor"]))
    if rope.kind == "yarn":
        _write_yarn(writer, rope)


def _write_yarn(writer: GGUFWriter, rope: Rope) -> None:
    settings = rope.settings
    writer.add_rope_scaling_type(RopeScalingType.YARN)
    writer.add_rope_scaling_factor(float(settings["factor"]))
    writer.add_rope_scaling_orig_ctx_len(int(settings["original_max_position_embeddings"]))
    for key, add in (
        ("attention_factor", writer.add_rope_scaling_yarn_attn_factor),
        ("beta_fast", writer.add_rope_scaling_yarn_beta_fast),
        ("beta_slow", writer.add_rope_scaling_yarn_beta_slow),
    ):
        if settings.get(key) is not None:
            add(float(settings[key]))
