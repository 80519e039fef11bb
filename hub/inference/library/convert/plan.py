"""Which tensors a GGUF file gets from a checkpoint, under which names, and with their rows in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import gguf

from hub.errors import InvalidInput
from hub.inference.library.convert.checkpoint import Checkpoint
from hub.inference.library.convert.families import Family
from hub.inference.library.convert.metadata import rope_factors
from hub.inference.library.convert.shape import Shape
from hub.inference.library.convert.weight import Weight

EMBEDDING = "token_embd.weight"
_OUTPUT = "lm_head.weight"
_LEFT_OUT = ("rotary_emb.inv_freq", ".attention.bias", ".masked_bias")
_PICTURES = ("vision_tower.", "multi_modal_projector.", "vision_model.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A tensor by its name in the GGUF file."""

    name: str
    weight: Weight


def planned(checkpoint: Checkpoint, family: Family, shape: Shape) -> Iterator[Planned]:
    """Yield every tensor of the file.

    Raises InvalidInput if one is unknown or missing, or has not the shape that the configuration tells.
    """
    names = gguf.get_tensor_name_map(family.architecture, shape.layers)
    missing = _matrices(shape)
    for stored in checkpoint.names:
        plain = _plain(stored)
        if plain is None or (shape.tied and plain == _OUTPUT):
            continue
        name = names.get_name(plain, (".weight", ".bias"))
        if name is None:
            raise InvalidInput(f"Expected tensors of {gguf.MODEL_ARCH_NAMES[family.architecture]}, got {stored}")
        weight = checkpoint.weight(stored)
        _check_shape(stored, weight, missing.pop(plain, None))
        yield Planned(name=name, weight=_adapted(weight, plain, family, shape))
    if missing:
        raise InvalidInput(
            f"Expected the tensors of {shape.layers} layers, {len(missing)} are missing, such as {next(iter(missing))}: a file of "
            "weights is missing or incomplete"
        )
    if (factors := rope_factors(shape.rope, shape.head)) is not None:
        yield Planned(name="rope_freqs.weight", weight=Weight(stored=factors))


def _plain(name: str) -> str | None:
    """Return a tensor's name as in a model of text alone; None if it is not needed."""
    if name.endswith(_LEFT_OUT) or name.removeprefix("model.").startswith(_PICTURES):
        return None
    if name.startswith("model.language_model."):
        return f"model.{name.removeprefix('model.language_model.')}"
    return name.removeprefix("language_model.")


def _adapted(weight: Weight, name: str, family: Family, shape: Shape) -> Weight:
    if family.interleaves and ".q_proj." in name:
        return weight.interleaved(shape.heads)
    if family.interleaves and ".k_proj." in name:
        return weight.interleaved(shape.key_heads)
    if family.norm_offset and name.endswith("norm.weight"):
        return weight.shifted(family.norm_offset)
    return weight


def _matrices(shape: Shape) -> dict[str, tuple[int, ...]]:
    """Return the names of all tensors that no model is without, with their shapes; 0 is any number of rows."""
    queries, keys, width, hidden = shape.heads * shape.head, shape.key_heads * shape.head, shape.width, shape.hidden
    layer: Mapping[str, tuple[int, ...]] = {
        "self_attn.q_proj": (queries, width),
        "self_attn.k_proj": (keys, width),
        "self_attn.v_proj": (keys, width),
        "self_attn.o_proj": (width, queries),
        "mlp.gate_proj": (hidden, width),
        "mlp.up_proj": (hidden, width),
        "mlp.down_proj": (width, hidden),
        "input_layernorm": (width,),
        "post_attention_layernorm": (width,),
    }
    all_layers = {
        f"model.layers.{number}.{name}.weight": dimensions
        for number in range(shape.layers)
        for name, dimensions in layer.items()
    }
    ends = {"model.embed_tokens.weight": (0, width), "model.norm.weight": (width,)}
    return {**ends, **({} if shape.tied else {_OUTPUT: (0, width)}), **all_layers}


def _check_shape(name: str, weight: Weight, wanted: tuple[int, ...] | None) -> None:
    if wanted is not None and (weight.shape != wanted if wanted[0] else weight.shape[1:] != wanted[1:]):
        raise InvalidInput(f"Expected {name} with the shape {wanted}, as config.json tells, got {weight.shape}")
