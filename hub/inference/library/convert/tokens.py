"""A list of tokens with a kind for each, and a score where the tokeniser needs one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gguf import TokenType

from hub.errors import InvalidInput

_SPECIAL = re.compile(r"<pad>|<mask>|<2mass>|\[@BOS@]|<\|.*\|>|<｜.*｜>|<unused.*>", re.DOTALL)
"""What is a control token by its looks: some checkpoints do not mark theirs."""

SPACE = "▁"
_ADDED_SCORE = -1000.0
_UNUSED_SCORE = -10_000.0


class Tokens:
    """As many tokens as the model has rows, unused until they are put in.

    Only SentencePiece's are ``scored``: byte pairs have an order of merges. ``pre`` names how text is split before.
    """

    def __init__(self, size: int, *, scored: bool, pre: str = "default") -> None:
        self.texts = [f"[PAD{number}]".encode() for number in range(size)]
        self.kinds = [TokenType.UNUSED] * size
        self.scores = [_UNUSED_SCORE] * size if scored else None
        self.pre = pre

    def put(self, number: int, text: str, kind: TokenType = TokenType.NORMAL, score: float = _ADDED_SCORE) -> None:
        """Set a token; one beyond the model's rows is left out, since the model cannot read it."""
        if 0 <= number < len(self.texts):
            self.texts[number], self.kinds[number] = text.encode(), kind
            if self.scores is not None:
                self.scores[number] = score

    def put_added(self, entry: Mapping[str, Any]) -> None:
        """Set one of a tokeniser's ``added_tokens``.

        Raises InvalidInput if it has no text or number.
        """
        try:
            number, text = int(entry["id"]), str(entry["content"])
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"Expected an added token with id and content, got {entry!r}") from error
        if entry.get("special") or _SPECIAL.fullmatch(text):
            self.put(number, text, TokenType.CONTROL)
        else:
            self.put(number, text.replace(SPACE, " "), TokenType.USER_DEFINED)
