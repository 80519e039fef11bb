"""A model's tokens, as its GGUF file lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gguf import GGUFWriter, SpecialVocab, TokenType

from hub.errors import InvalidInput, NotFound
from hub.inference.library.convert.byte_pairs import read_byte_pairs
from hub.inference.library.convert.checkpoint import read_json
from hub.inference.library.convert.sentence_pieces import read_merged_pieces, read_sentence_pieces
from hub.inference.library.convert.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Tokens with what belongs to them: ``special`` are the ids with a meaning, merges and the chat template."""

    tokens: Tokens
    special: SpecialVocab
    prefix_space: bool | None


def read_vocabulary(folder: Path, size: int, *, pre: str | None = None, prefix_space: bool | None = None) -> Vocabulary:
    """Read the tokeniser of a checkpoint whose embedding has ``size`` rows. ``pre`` names how llama.cpp should split text.

    Raises NotFound if there is no tokeniser, InvalidInput if it is of a kind that llama.cpp does not have.
    """
    settings = read_json(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").is_file() else {}
    try:
        tokens = _tokens(folder, size, settings, pre)
        special = SpecialVocab(folder, load_merges=tokens.scores is None, n_vocab=size)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise InvalidInput(
            f"Expected the tokeniser's files in {folder} as transformers writes them: {error!r}"
        ) from error
    if prefix_space is None and isinstance(settings.get("add_prefix_space"), bool):
        prefix_space = settings["add_prefix_space"]
    return Vocabulary(tokens=tokens, special=special, prefix_space=prefix_space if tokens.scores is not None else None)


def write_vocabulary(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    """Write the tokens and what belongs to them."""
    tokens = vocabulary.tokens
    writer.add_tokenizer_model("gpt2" if tokens.scores is None else "llama")
    writer.add_tokenizer_pre(tokens.pre)
    writer.add_token_list(tokens.texts)
    writer.add_token_types([int(kind) for kind in tokens.kinds])
    if tokens.scores is not None:
        writer.add_token_scores(tokens.scores)
    if vocabulary.prefix_space is not None:
        writer.add_add_space_prefix(vocabulary.prefix_space)
    vocabulary.special.add_to_gguf(writer, quiet=True)


def _tokens(folder: Path, size: int, settings: Mapping[str, Any], pre: str | None) -> Tokens:
    if _has_pieces(folder):
        tokens = read_sentence_pieces(folder / "tokenizer.model", size)
        _add(tokens, folder, settings)
        return tokens
    if not (folder / "tokenizer.json").is_file():
        raise NotFound(f"Expected a tokeniser in {folder}, found neither tokenizer.model nor tokenizer.json")
    tokeniser = read_json(folder / "tokenizer.json")
    model = tokeniser.get("model")
    if not isinstance(model, dict) or model.get("type") != "BPE":
        kind = model.get("type") if isinstance(model, dict) else None
        raise InvalidInput(f"Expected a tokeniser of the type BPE in {folder / 'tokenizer.json'}, got {kind}")
    return read_merged_pieces(tokeniser, size) if model.get("byte_fallback") else read_byte_pairs(tokeniser, size, pre)


def _has_pieces(folder: Path) -> bool:
    """Say whether there is a SentencePiece model; Llama 3 has a list of its own kind under the same name."""
    path = folder / "tokenizer.model"
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(1) == b"\n" or not (folder / "tokenizer.json").is_file()


def _add(tokens: Tokens, folder: Path, settings: Mapping[str, Any]) -> None:
    """Put in what the SentencePiece model does not know of."""
    if (folder / "added_tokens.json").is_file():
        for text, number in read_json(folder / "added_tokens.json").items():
            tokens.put(int(number), text, TokenType.USER_DEFINED)
    for number, entry in (settings.get("added_tokens_decoder") or {}).items():
        tokens.put_added({**entry, "id": number})
