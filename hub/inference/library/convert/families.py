"""The families of models that can be converted, and in what each differs from the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gguf import MODEL_ARCH

from hub.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How llama.cpp reads one architecture.

    ``interleaves``: the rows of queries and keys are in another order than in the checkpoint. ``norm_offset`` is added to the
    weights of norms. ``tied``: the output always is the embedding. ``window_every``: all layers but each such one look no
    further back than the sliding window; None if all look back to the beginning. ``head_scaled``: the number of layers at which
    attention is scaled by the width of the model, not by ``head_dim``. ``defaults`` stand in for what a configuration leaves out.
    """

    architecture: MODEL_ARCH
    interleaves: bool = False
    norm_offset: float = 0.0
    tied: bool = False
    window_every: int | None = None
    head_scaled: int | None = None
    prefix_space: bool | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)


_LLAMA = Family(architecture=MODEL_ARCH.LLAMA, interleaves=True)
_GEMMA_3 = Family(
    architecture=MODEL_ARCH.GEMMA3,
    norm_offset=1.0,
    tied=True,
    window_every=6,
    head_scaled=62,
    prefix_space=False,
    defaults={
        "num_attention_heads": 8,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "rms_norm_eps": 1e-6,
        "max_position_embeddings": 131072,
        "rope_theta": 1_000_000.0,
        "rope_local_base_freq": 10_000.0,
        "query_pre_attn_scalar": 256,
        "sliding_window": 4096,
    },
)
FAMILIES: Mapping[str, Family] = {
    "LlamaForCausalLM": _LLAMA,
    "MistralForCausalLM": _LLAMA,
    "Qwen2ForCausalLM": Family(architecture=MODEL_ARCH.QWEN2, defaults={"rope_theta": 10_000.0}),
    "Qwen3ForCausalLM": Family(architecture=MODEL_ARCH.QWEN3, defaults={"head_dim": 128, "rope_theta": 10_000.0}),
    "GemmaForCausalLM": Family(
        architecture=MODEL_ARCH.GEMMA, norm_offset=1.0, tied=True, prefix_space=False, defaults={"head_dim": 256}
    ),
    "Gemma2ForCausalLM": Family(
        architecture=MODEL_ARCH.GEMMA2,
        norm_offset=1.0,
        tied=True,
        window_every=2,
        head_scaled=46,
        prefix_space=False,
        defaults={"head_dim": 256, "query_pre_attn_scalar": 256, "sliding_window": 4096},
    ),
    "Gemma3ForCausalLM": _GEMMA_3,
    "Gemma3ForConditionalGeneration": _GEMMA_3,
}


def family_of(config: Mapping[str, Any]) -> Family:
    """Return the family of a checkpoint by its configuration.

    Raises InvalidInput if it is none of those known, or its weights are quantised.
    """
    names = config.get("architectures")
    name = str(names[0]) if isinstance(names, list) and names else "none"
    family = FAMILIES.get(name)
    if family is None:
        raise InvalidInput(
            f"Expected one of {', '.join(FAMILIES)} in config.json, got {name}. Look for a GGUF file of this model, "
            "'hearth model pull' fetches it; or convert it with llama.cpp's own convert_hf_to_gguf.py"
        )
    if quantised := config.get("quantization_config"):
        method = quantised.get("quant_method") if isinstance(quantised, dict) else quantised
        raise InvalidInput(
            f"Expected weights as they were trained, got ones quantised by {method}: take the original checkpoint, and "
            "quantise its GGUF with 'hearth model quantize'"
        )
    return family
