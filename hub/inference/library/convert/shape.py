"""The numbers of ``config.json`` that a model is built from, checked and under their own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.errors import InvalidInput
from hub.inference.library.convert.families import Family

_MOST = {"num_hidden_layers": 1000, "max_position_embeddings": 1 << 31}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rope:
    """How positions are turned: ``kind`` is default, linear, llama3 or yarn; ``settings`` are its own; ``local`` is the base of windowed layers."""

    base: float
    kind: str
    settings: Mapping[str, Any]
    local: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A model's dimensions. ``windowed`` says for each layer whether it sees the sliding window only; empty: none does."""

    layers: int
    width: int
    hidden: int
    heads: int
    key_heads: int
    head: int
    context: int
    epsilon: float
    rope: Rope
    window: int | None
    windowed: tuple[bool, ...]
    attention_cap: float | None
    final_cap: float | None
    tied: bool


def shape_of(config: Mapping[str, Any], family: Family) -> Shape:
    """Read the configuration.

    Raises InvalidInput if something is missing, or is what llama.cpp cannot do.
    """
    merged = {**family.defaults, **{key: value for key, value in config.items() if value is not None}}
    try:
        shape = _shape(merged, family)
        _check_scale(merged, family, shape)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise InvalidInput(f"Expected config.json as transformers writes it: {error!r}") from error
    return shape


def _shape(merged: Mapping[str, Any], family: Family) -> Shape:
    layers, width, heads = (
        _integer(merged, key) for key in ("num_hidden_layers", "hidden_size", "num_attention_heads")
    )
    head = _integer(merged, "head_dim") if "head_dim" in merged else width // heads
    return Shape(
        layers=layers,
        width=width,
        hidden=_integer(merged, "intermediate_size"),
        heads=heads,
        key_heads=_integer(merged, "num_key_value_heads") if "num_key_value_heads" in merged else heads,
        head=head,
        context=_integer(merged, "max_position_embeddings"),
        epsilon=float(merged.get("rms_norm_eps", 1e-6)),
        rope=_rope(merged),
        window=_integer(merged, "sliding_window") if family.window_every and "sliding_window" in merged else None,
        windowed=_windowed(merged, family, layers),
        attention_cap=_number(merged, "attn_logit_softcapping"),
        final_cap=_number(merged, "final_logit_softcapping"),
        tied=family.tied or bool(merged.get("tie_word_embeddings", False)),
    )


def _integer(config: Mapping[str, Any], key: str) -> int:
    value = config.get(key)
    most = _MOST.get(key, 1 << 24)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidInput(f"Expected {key} as a number from 1 to {most} in config.json, got {value!r}")
    return value


def _number(config: Mapping[str, Any], key: str) -> float | None:
    value = config.get(key)
    return None if value is None else float(value)


def _rope(config: Mapping[str, Any]) -> Rope:
    given = config.get("rope_parameters") or config.get("rope_scaling") or {}
    settings = given.get("full_attention", given)
    kind = str(settings.get("rope_type", settings.get("type", "default"))).lower()
    if kind not in ("default", "linear", "llama3", "yarn"):
        raise InvalidInput(f"Expected rope scaling default, linear, llama3 or yarn in config.json, got {kind}")
    if kind != "default" and not isinstance(settings.get("factor"), int | float):
        raise InvalidInput(f"Expected a factor for the rope scaling {kind} in config.json")
    windowed = given.get("sliding_attention", {}).get("rope_theta", config.get("rope_local_base_freq"))
    return Rope(
        base=float(settings.get("rope_theta", config.get("rope_theta", 10_000.0))),
        kind=kind,
        settings=settings,
        local=None if windowed is None else float(windowed),
    )


def _windowed(config: Mapping[str, Any], family: Family, layers: int) -> tuple[bool, ...]:
    if family.window_every is None:
        return ()
    if kinds := config.get("layer_types"):
        if len(kinds) != layers:
            raise InvalidInput(f"Expected layer_types of {layers} layers in config.json, got {len(kinds)}")
        return tuple(kind == "sliding_attention" for kind in kinds)
    every = int(config.get("sliding_window_pattern", family.window_every))
    return tuple((layer + 1) % every != 0 for layer in range(layers))


def _check_scale(config: Mapping[str, Any], family: Family, shape: Shape) -> None:
    scalar = config.get("query_pre_attn_scalar")
    if scalar is None:
        return
    known = shape.width // shape.heads if shape.layers == family.head_scaled else shape.head
    if scalar != known:
        raise InvalidInput(
            f"Expected query_pre_attn_scalar {known}, as llama.cpp has it for this model, got {scalar} in config.json"
        )
