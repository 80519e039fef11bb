"""Small random checkpoints as transformers writes them, with tokenisers that were trained on a few sentences."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from numpy.typing import NDArray
from safetensors.numpy import save_file

Weights = dict[str, NDArray[np.float32]]

TEXT = [
    "turn on the lamp in the kitchen", "turn off the light in the hall", "what is the temperature in the bedroom",
    "the lights in the living room are on", "open the window in the bathroom when it is warm", "it is 21.5 degrees",
]  # fmt: skip
LLAMA_3_SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN_2_SPLIT = LLAMA_3_SPLIT.replace("{1,3}", "")
_BASE = {
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
    "max_position_embeddings": 256, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": False,
}  # fmt: skip
_GEMMA = {**_BASE, "head_dim": 32, "hidden_activation": "gelu_pytorch_tanh", "rms_norm_eps": 1e-6}
_LLAMA_3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}  # fmt: skip
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "llama-2": {**_BASE, "architectures": ["LlamaForCausalLM"]},
    "llama-biased": {**_BASE, "architectures": ["LlamaForCausalLM"], "attention_bias": True},
    "llama-linear": {
        **_BASE, "architectures": ["LlamaForCausalLM"], "rope_scaling": {"rope_type": "linear", "factor": 4.0},
    },
    "llama-3": {
        **_BASE, "architectures": ["LlamaForCausalLM"], "rope_theta": 500000.0, "rope_scaling": _LLAMA_3,
        "tie_word_embeddings": True,
    },
    "mistral": {**_BASE, "architectures": ["MistralForCausalLM"], "head_dim": 32, "sliding_window": None},
    "qwen-2": {**_BASE, "architectures": ["Qwen2ForCausalLM"], "rope_theta": 1000000.0},
    "qwen-2-yarn": {
        **_BASE, "architectures": ["Qwen2ForCausalLM"],
        "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64},
    },
    "qwen-3": {**_BASE, "architectures": ["Qwen3ForCausalLM"], "head_dim": 32, "tie_word_embeddings": True},
    "gemma": {**_GEMMA, "architectures": ["GemmaForCausalLM"]},
    "gemma-2": {
        **_GEMMA, "architectures": ["Gemma2ForCausalLM"], "query_pre_attn_scalar": 32, "sliding_window": 8,
        "attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0,
    },
    "gemma-3": {
        **_GEMMA, "architectures": ["Gemma3ForCausalLM"], "query_pre_attn_scalar": 32, "sliding_window": 8,
        "sliding_window_pattern": 2, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0},
    },
}  # fmt: skip
"""A model of each family, small but with everything that makes it differ from the others."""


BLOCKS = {"hidden_size": 256, "intermediate_size": 512}
"""Sizes whose rows are whole blocks of every kind of quantisation."""


def random_weights(config: Mapping[str, Any], rows: int, seed: int = 1) -> Weights:
    """Return weights of the names and shapes that transformers gives them."""
    random = np.random.default_rng(seed)

    def some(*shape: int) -> NDArray[np.float32]:
        return np.asarray(random.standard_normal(shape) / np.sqrt(shape[-1]), dtype=np.float32)

    width, hidden, head = config["hidden_size"], config["intermediate_size"], _head(config)
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    kind = config["architectures"][0]
    weights = {"model.embed_tokens.weight": some(rows, width) * 2, "model.norm.weight": _norm(random, width)}
    if not config["tie_word_embeddings"] and not kind.startswith("Gemma"):
        weights["lm_head.weight"] = some(rows, width)
    for layer in range(config["num_hidden_layers"]):
        base = f"model.layers.{layer}"
        for name, out, inner in (("q", queries, width), ("k", keys, width), ("v", keys, width), ("o", width, queries)):
            weights[f"{base}.self_attn.{name}_proj.weight"] = some(out, inner) * 2
            if config.get("attention_bias") or (kind == "Qwen2ForCausalLM" and name != "o"):
                weights[f"{base}.self_attn.{name}_proj.bias"] = _norm(random, out)
        for name, out, inner in (("gate", hidden, width), ("up", hidden, width), ("down", width, hidden)):
            weights[f"{base}.mlp.{name}_proj.weight"] = some(out, inner)
        for name in _norms(kind):
            weights[f"{base}.{name}.weight"] = _norm(random, head if name.startswith("self_attn") else width)
    return weights


def write_checkpoint(
    folder: Path, name: str, *, seed: int = 1, files: int = 1, sizes: Mapping[str, int] | None = None
) -> tuple[dict[str, Any], Weights]:
    """Write a checkpoint of a family with its tokeniser; return its configuration and weights. ``sizes`` replace the usual."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = (
        write_byte_pairs(folder, LLAMA_3_SPLIT if name == "llama-3" else QWEN_2_SPLIT)
        if _has_byte_pairs(name)
        else write_pieces(folder)
    )
    config = {**CONFIGS[name], **(sizes or {}), "vocab_size": rows + 3, "bos_token_id": 1, "eos_token_id": 2}
    (folder / "config.json").write_text(json.dumps(config))
    weights = random_weights(config, rows + 3, seed)
    write_weights(folder, weights, files)
    return config, weights


def write_weights(folder: Path, weights: Weights, files: int = 1) -> None:
    """Write safetensors: one file, or several with an index."""
    if files == 1:
        save_file(weights, folder / "model.safetensors")
        return
    places = {name: f"model-{number % files + 1:05}-of-{files:05}.safetensors" for number, name in enumerate(weights)}
    for place in set(places.values()):
        save_file({name: weights[name] for name in weights if places[name] == place}, folder / place)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))


def write_pieces(folder: Path) -> int:
    """Train a SentencePiece model; return how many tokens it has."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT), model_writer=model, vocab_size=320, model_type="bpe", byte_fallback=True,
        hard_vocab_limit=False, minloglevel=2, normalization_rule_name="identity", remove_extra_whitespaces=False,
    )  # fmt: skip
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    return int(sentencepiece.SentencePieceProcessor(model_proto=model.getvalue()).get_piece_size())


def write_byte_pairs(folder: Path, split: str) -> int:
    """Write a byte-level ``tokenizer.json`` with a few merges and two special tokens; return how many tokens it has."""
    alphabet = byte_alphabet()
    merges = [
        ("t", "h"),
        ("th", "e"),
        ("Ġ", "the"),
        ("i", "n"),
        ("Ġ", "in"),
        ("o", "n"),
        ("l", "a"),
        ("la", "m"),
        ("lam", "p"),
    ]
    texts = [*alphabet, *("".join(pair) for pair in merges)]
    added = [
        {"id": len(texts) + place, "content": text, "special": True, "normalized": False}
        for place, text in enumerate(("<|begin|>", "<|end|>"))
    ]
    steps = [
        {"type": "Split", "pattern": {"Regex": split}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
    ]
    model: dict[str, Any] = {
        "type": "BPE",
        "vocab": {text: number for number, text in enumerate(texts)},
        "merges": [" ".join(pair) for pair in merges],
    }
    if split == LLAMA_3_SPLIT:
        model["ignore_merges"] = True
    content = {"model": model, "added_tokens": added, "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps}}
    (folder / "tokenizer.json").write_text(json.dumps(content))
    settings = {
        "bos_token": "<|begin|>", "eos_token": "<|end|>", "add_bos_token": False,
        "chat_template": "{% for message in messages %}<|begin|>{{ message.content }}<|end|>{% endfor %}",
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return len(texts) + len(added)


def byte_alphabet() -> list[str]:
    """Return the characters that stand for bytes in byte-level tokenisers, in the order of GPT-2."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return [*map(chr, plain), *(chr(256 + place) for place in range(len(others)))]


def _has_byte_pairs(name: str) -> bool:
    return name == "llama-3" or name.startswith("qwen")


def _head(config: Mapping[str, Any]) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])


def _norm(random: np.random.Generator, size: int) -> NDArray[np.float32]:
    return (0.3 * random.standard_normal(size) + 0.5).astype(np.float32)


def _norms(kind: str) -> list[str]:
    names = ["input_layernorm", "post_attention_layernorm"]
    if kind in ("Gemma2ForCausalLM", "Gemma3ForCausalLM"):
        names += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
    if kind in ("Qwen3ForCausalLM", "Gemma3ForCausalLM"):
        names += ["self_attn.q_norm", "self_attn.k_norm"]
    return names
