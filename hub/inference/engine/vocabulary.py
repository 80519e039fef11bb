"""The tokens of a model: text to tokens and back. Any thread may use it, for llama.cpp only reads there."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import llama_cpp as llama

from hub.core.inference import Piece, Prompt
from hub.errors import InferenceError, Unanswerable

_USUAL_PIECE = 128
_CONTROL = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_UNKNOWN
_SPECIAL = _CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED
_NONE = -1
_SPACE = " \t\n\v\f\r"


class Vocabulary:
    """What llama.cpp's ``pointer`` to a vocabulary knows."""

    def __init__(self, pointer: Any) -> None:
        self.pointer = pointer
        self.size: int = llama.llama_vocab_n_tokens(pointer)
        self.begin: int = llama.llama_vocab_bos(pointer)
        self.end: int = llama.llama_vocab_eos(pointer)
        self._begins = bool(llama.llama_vocab_get_add_bos(pointer)) and self.begin != _NONE
        self._raw: dict[int, bytes] = {}

    def tokenise(self, prompt: Prompt) -> list[int]:
        """Return the tokens of a prompt, after the one that begins every prompt of this model.

        Only a special piece has special tokens: elsewhere text that looks like one is only text.
        """
        tokens = [self.begin] if self._begins else []
        pieces = (Piece(text=prompt),) if isinstance(prompt, str) else prompt
        for part in self._parts(pieces):
            if isinstance(part, str):
                tokens += self.plain(part)
            elif part != self.begin or tokens != [self.begin]:  # a template may write it once more
                tokens.append(part)
        return tokens

    def whole(self, text: str) -> list[int]:
        """Return the tokens of a text with those that the model wants around every text."""
        return self._tokens(text, around=True)

    def raw(self, token: int) -> bytes:
        """Return the bytes that a token stands for; none for a special token."""
        raw = self._raw.get(token)
        if raw is None:
            raw = self._raw[token] = self._piece(token, special=False)
        return raw

    def shown(self, token: int) -> str:
        """Return a token's text for people, that of special ones too."""
        return self._piece(token, special=True).decode(errors="replace") if 0 <= token < self.size else ""

    def ends(self, token: int) -> bool:
        """Whether a token ends an answer."""
        return token in self.endings

    def warm(self) -> None:
        """Look at every token once, and have llama.cpp make its tables: the first prompt need not wait for that."""
        _ = self.specials, self.endings
        self.tokenise("a")

    @cached_property
    def endings(self) -> frozenset[int]:
        """The tokens that end an answer."""
        return frozenset(token for token in range(self.size) if llama.llama_vocab_is_eog(self.pointer, token))

    @cached_property
    def specials(self) -> dict[str, int]:
        """The special tokens by their text, the longest first."""
        found = (token for token in range(self.size) if llama.llama_vocab_get_attr(self.pointer, token) & _SPECIAL)
        texts = {self.shown(token): token for token in found}
        return {text: texts[text] for text in sorted(texts, key=len, reverse=True) if text}

    def _parts(self, pieces: tuple[Piece, ...]) -> Iterator[str | int]:
        """Yield special tokens, and between them as long texts as there are: where a text is cut its tokens change.

        Some special tokens take the white space before or after them away.
        """
        text, strip = "", False
        for part, special in self._split(pieces):
            token = self.specials.get(part) if special else None
            if token is None:
                text += part.lstrip(_SPACE) if strip and not text else part
                continue
            attributes = llama.llama_vocab_get_attr(self.pointer, token)
            text = text.rstrip(_SPACE) if attributes & llama.LLAMA_TOKEN_ATTR_LSTRIP else text
            if text:
                yield text
            yield token
            text, strip = "", bool(attributes & llama.LLAMA_TOKEN_ATTR_RSTRIP)
        if text:
            yield text

    def _split(self, pieces: tuple[Piece, ...]) -> Iterator[tuple[str, bool]]:
        """Yield the parts of pieces, and whether they may be special tokens."""
        for piece in pieces:
            parts = self._special_split.split(piece.text) if piece.special else (piece.text,)
            yield from ((part, piece.special) for part in parts)

    @cached_property
    def _special_split(self) -> re.Pattern[str]:
        return re.compile(f"({'|'.join(map(re.escape, self.specials))})" if self.specials else r"(?!)")

    @cached_property
    def _marks(self) -> re.Pattern[str]:
        """Finds texts such as ``<tool_call>``, in which llama.cpp sees a token wherever they stand."""
        marks = [
            re.escape(text)
            for text, token in self.specials.items()
            if text[0] == "<" and text[-1] == ">" and not llama.llama_vocab_get_attr(self.pointer, token) & _CONTROL
        ]
        return re.compile(f"(?<=<)(?={'|'.join(mark[1:] for mark in marks)})" if marks else r"(?!)")

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text without the one that begins every prompt."""
        return [token for part in self._marks.split(text) for token in self._tokens(part)]

    def _tokens(self, text: str, *, around: bool = False) -> list[int]:
        try:
            raw = text.encode()
        except UnicodeEncodeError as error:
            raise Unanswerable(f"Expected text that has an encoding, got {error}") from None
        room = len(raw) + 8
        buffer = (llama.llama_token * room)()
        count = llama.llama_tokenize(self.pointer, raw, len(raw), buffer, room, around, False)
        if not 0 <= count <= room:
            raise InferenceError(f"Expected at most {room} tokens in {len(raw)} bytes, got {abs(count)}")
        return buffer[:count]

    def _piece(self, token: int, *, special: bool) -> bytes:
        if not 0 <= token < self.size:
            raise InferenceError(f"Expected a token from 0 to {self.size - 1}, got {token}")
        room = _USUAL_PIECE
        while True:
            buffer = ctypes.create_string_buffer(room)
            count = llama.llama_token_to_piece(self.pointer, token, buffer, room, 0, special)
            if count >= 0:
                return buffer.raw[:count]
            room = -count
