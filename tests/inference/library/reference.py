"""The forward pass of each family in numpy, from the definitions in transformers and the papers: what a conversion must agree with.

It reads a checkpoint's own names and order of rows, and shares nothing with the code that converts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def logits(config: Mapping[str, Any], weights: Mapping[str, NDArray[Any]], tokens: list[int]) -> Array:
    """Return a row of logits for each token."""
    model = _Model(config, weights)
    x = model.weights["model.embed_tokens.weight"][tokens]
    if model.gemma:
        x = x * np.sqrt(model.width)
    for layer in range(config["num_hidden_layers"]):
        x = _layer(model, layer, x)
    x = model.norm(x, "model.norm.weight")
    head = "model.embed_tokens.weight" if model.tied else "lm_head.weight"
    return _capped(x @ model.weights[head].T, config.get("final_logit_softcapping"))


class _Model:
    def __init__(self, config: Mapping[str, Any], weights: Mapping[str, NDArray[Any]]) -> None:
        self.config = config
        self.weights = {name: weight.astype(np.float64) for name, weight in weights.items()}
        self.kind = config["architectures"][0].removesuffix("ForCausalLM")
        self.gemma = self.kind.startswith("Gemma")
        self.tied = self.gemma or config.get("tie_word_embeddings", False)
        self.width = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.key_heads = config["num_key_value_heads"]
        self.head = config.get("head_dim") or self.width // self.heads

    def norm(self, x: Array, name: str) -> Array:
        scale = self.weights[name] + (1.0 if self.gemma else 0.0)
        size = np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + float(self.config["rms_norm_eps"]))
        return np.asarray(x / size * scale)

    def linear(self, x: Array, name: str) -> Array:
        return x @ self.weights[f"{name}.weight"].T + self.weights.get(f"{name}.bias", 0.0)


def _layer(model: _Model, layer: int, x: Array) -> Array:
    base = f"model.layers.{layer}"
    attended = _attention(model, layer, model.norm(x, f"{base}.input_layernorm.weight"))
    if model.kind in ("Gemma2", "Gemma3"):
        x = x + model.norm(attended, f"{base}.post_attention_layernorm.weight")
        fed = _feed_forward(model, base, model.norm(x, f"{base}.pre_feedforward_layernorm.weight"))
        return x + model.norm(fed, f"{base}.post_feedforward_layernorm.weight")
    x = x + attended
    return x + _feed_forward(model, base, model.norm(x, f"{base}.post_attention_layernorm.weight"))


def _attention(model: _Model, layer: int, x: Array) -> Array:
    base, count = f"model.layers.{layer}.self_attn", len(x)
    query = model.linear(x, f"{base}.q_proj").reshape(count, model.heads, model.head)
    key = model.linear(x, f"{base}.k_proj").reshape(count, model.key_heads, model.head)
    value = model.linear(x, f"{base}.v_proj").reshape(count, model.key_heads, model.head)
    if f"{base}.q_norm.weight" in model.weights:
        query, key = model.norm(query, f"{base}.q_norm.weight"), model.norm(key, f"{base}.k_norm.weight")
    local = _is_local(model, layer)
    query, key = _turned(model, query, local), _turned(model, key, local)
    shared = model.heads // model.key_heads
    key, value = key.repeat(shared, axis=1), value.repeat(shared, axis=1)
    scale = 1 / math.sqrt(model.config.get("query_pre_attn_scalar", model.head))
    scores = _capped(np.einsum("qhd,khd->hqk", query, key) * scale, model.config.get("attn_logit_softcapping"))
    ages = np.arange(count)[:, None] - np.arange(count)[None, :]
    hidden = (ages < 0) | (ages >= model.config["sliding_window"] if local else False)
    scores = np.where(hidden, -np.inf, scores)
    parts = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = np.einsum("hqk,khd->qhd", parts / parts.sum(axis=-1, keepdims=True), value)
    return model.linear(mixed.reshape(count, -1), f"{base}.o_proj")


def _is_local(model: _Model, layer: int) -> bool:
    if model.kind == "Gemma2":
        return layer % 2 == 0
    return model.kind == "Gemma3" and bool((layer + 1) % model.config["sliding_window_pattern"])


def _turned(model: _Model, x: Array, local: bool) -> Array:
    frequencies, gain = _frequencies(model, local)
    angles = np.arange(len(x))[:, None] * frequencies[None, :]
    cosine, sine = (
        gain * np.concatenate([part, part], axis=-1)[:, None, :] for part in (np.cos(angles), np.sin(angles))
    )
    first, second = np.split(x, 2, axis=-1)
    return x * cosine + np.concatenate([-second, first], axis=-1) * sine


def _frequencies(model: _Model, local: bool) -> tuple[Array, float]:
    base = model.config["rope_local_base_freq"] if local and model.kind == "Gemma3" else model.config["rope_theta"]
    plain = 1.0 / base ** (np.arange(0, model.head, 2) / model.head)
    scaling = model.config.get("rope_scaling")
    if not scaling or (local and model.kind == "Gemma3"):
        return plain, 1.0
    if scaling["rope_type"] == "linear":
        return plain / scaling["factor"], 1.0
    return _llama_3(plain, scaling) if scaling["rope_type"] == "llama3" else _yarn(plain, base, model.head, scaling)


def _llama_3(plain: Array, scaling: Mapping[str, Any]) -> tuple[Array, float]:
    trained, factor = scaling["original_max_position_embeddings"], scaling["factor"]
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    result = []
    for frequency in plain:
        length = 2 * math.pi / frequency
        if length < trained / high:
            result.append(frequency)
        elif length > trained / low:
            result.append(frequency / factor)
        else:
            smooth = (trained / length - low) / (high - low)
            result.append((1 - smooth) * frequency / factor + smooth * frequency)
    return np.array(result), 1.0


def _yarn(plain: Array, base: float, head: int, scaling: Mapping[str, Any]) -> tuple[Array, float]:
    def place(turns: float) -> float:
        return (
            head * math.log(scaling["original_max_position_embeddings"] / (turns * 2 * math.pi)) / (2 * math.log(base))
        )

    low, high = max(math.floor(place(32)), 0), min(math.ceil(place(1)), head - 1)
    ramp = np.clip((np.arange(head // 2) - low) / max(high - low, 0.001), 0, 1)
    return plain / scaling["factor"] * ramp + plain * (1 - ramp), 0.1 * math.log(scaling["factor"]) + 1.0


def _feed_forward(model: _Model, base: str, x: Array) -> Array:
    gate = model.linear(x, f"{base}.mlp.gate_proj")
    active = _gelu(gate) if model.gemma else gate / (1 + np.exp(-gate))
    return model.linear(active * model.linear(x, f"{base}.mlp.up_proj"), f"{base}.mlp.down_proj")


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))


def _capped(x: Array, cap: float | None) -> Array:
    return np.tanh(x / cap) * cap if cap else x
