"""Tokenisers of byte pairs: ``tokenizer.json``, and the name that llama.cpp gives to its way of splitting text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.errors import InvalidInput
from hub.inference.library.convert.tokens import Tokens

_CASES = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_REST_AND_SLASH = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_LEAD = r"[^\r\n\p{L}\p{N}]?"
_BYTES = "bytes"
_GPT_2 = "bytes that split"

_LLAMA_3 = rf"{_CASES}|{_LEAD}\p{{L}}+|\p{{N}}{{1,3}}|{_REST}"
_NAMES: Mapping[tuple[str, ...], str] = {
    (_LLAMA_3, _BYTES): "llama-bpe",
    (rf"{_CASES}|{_LEAD}\p{{L}}+|\p{{N}}|{_REST}", _BYTES): "qwen2",
    (
        rf"{_CASES}|{_LEAD}[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        _BYTES,
    ): "qwen35",
    (rf"{_LEAD}{_UPPER}*{_LOWER}+|{_LEAD}{_UPPER}+{_LOWER}*|\p{{N}}|{_REST_AND_SLASH}", _BYTES): "tekken",
    (
        rf"{_LEAD}{_UPPER}*{_LOWER}+{_CASES}?|{_LEAD}{_UPPER}+{_LOWER}*{_CASES}?|\p{{N}}{{1,3}}|{_REST_AND_SLASH}",
        _BYTES,
    ): "gpt-4o",
    ("digits", _GPT_2): "smollm",
    (_GPT_2,): "gpt-2",
}
"""Ways of splitting text, as ``tokenizer.json`` spells them, and llama.cpp's names for them."""

PRE_TOKENISERS = tuple(sorted(set(_NAMES.values())))


def read_byte_pairs(tokeniser: Mapping[str, Any], size: int, pre: str | None = None) -> Tokens:
    """Read a ``tokenizer.json`` of byte pairs.

    Raises InvalidInput if llama.cpp does not know its way of splitting text, and ``pre`` does not say which comes near.
    """
    tokens = Tokens(size, scored=False, pre=pre or _name(tokeniser))
    for text, number in tokeniser["model"]["vocab"].items():
        tokens.put(number, text)
    for entry in tokeniser.get("added_tokens") or []:
        tokens.put_added(entry)
    return tokens


def _name(tokeniser: Mapping[str, Any]) -> str:
    steps = tuple(_steps(tokeniser.get("pre_tokenizer")))
    name = _NAMES.get(steps)
    if name is None:
        raise InvalidInput(
            f"Expected a way of splitting text that llama.cpp knows, got {' then '.join(steps) or 'none'}. If one of "
            f"{', '.join(PRE_TOKENISERS)} is the same, name it with --pre"
        )
    # Llama 3 takes a word that is a token as it is; others with the same expression always merge
    return "dbrx" if steps[0] == _LLAMA_3 and not tokeniser["model"].get("ignore_merges") else name


def _steps(step: Any) -> Iterator[str]:
    kind = step.get("type") if isinstance(step, dict) else None
    if kind == "Sequence":
        for part in step.get("pretokenizers", []):
            yield from _steps(part)
    elif kind == "Split":
        yield str(step["pattern"].get("Regex", step["pattern"].get("String")))
    elif kind == "Digits" and step.get("individual_digits"):
        yield "digits"
    elif kind == "ByteLevel":
        yield _GPT_2 if step.get("use_regex", True) else _BYTES
    elif kind is not None:
        yield str(kind)
