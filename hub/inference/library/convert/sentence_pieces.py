"""Tokenisers of the SentencePiece kind: from their own file, or from what transformers made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gguf import TokenType

from hub.errors import InvalidInput
from hub.inference.library.convert.tokens import Tokens


def read_sentence_pieces(path: Path, size: int) -> Tokens:
    """Read ``tokenizer.model``.

    Raises InvalidInput if it is no such file.
    """
    from sentencepiece import SentencePieceProcessor  # noqa: PLC0415 - not every checkpoint has such a file

    try:
        model = SentencePieceProcessor(model_file=str(path))
    except (RuntimeError, OSError) as error:
        raise InvalidInput(f"Expected a SentencePiece model, got {path}: {error}. Download it again") from error
    tokens = Tokens(size, scored=True)
    for number in range(model.get_piece_size()):
        tokens.put(number, model.id_to_piece(number), _kind(model, number), model.get_score(number))
    return tokens


def read_merged_pieces(tokeniser: Mapping[str, Any], size: int) -> Tokens:
    """Read a ``tokenizer.json`` that was made from a SentencePiece model.

    It has lost the scores. They said which pair is merged first, and so does the place of a pair in the list of merges.
    """
    model = tokeniser["model"]
    scores = {_merged(pair): -float(place) for place, pair in reversed(list(enumerate(model.get("merges", []))))}
    tokens = Tokens(size, scored=True)
    for text, number in model["vocab"].items():
        tokens.put(number, text, _kind_by_text(text, model), scores.get(text, -float(len(scores))))
    for entry in tokeniser.get("added_tokens") or []:
        tokens.put_added(entry)
        if entry.get("content") == model.get("unk_token"):
            tokens.put(entry["id"], entry["content"], TokenType.UNKNOWN)
    return tokens


def _kind(model: Any, number: int) -> TokenType:
    if model.is_unknown(number):
        return TokenType.UNKNOWN
    if model.is_control(number):
        return TokenType.CONTROL
    if model.is_unused(number):
        return TokenType.UNUSED
    return TokenType.BYTE if model.is_byte(number) else TokenType.NORMAL


def _kind_by_text(text: str, model: Mapping[str, Any]) -> TokenType:
    if text == model.get("unk_token"):
        return TokenType.UNKNOWN
    is_byte = len(text) == 6 and text.startswith("<0x") and text.endswith(">")
    return TokenType.BYTE if is_byte else TokenType.NORMAL


def _merged(pair: str | Sequence[str]) -> str:
    return pair.replace(" ", "", 1) if isinstance(pair, str) else "".join(pair)
