"""Text that must never become a special token: hidden while a template works on it, revealed in what the template made.

Each character that occurs in any special token is exchanged for a private one. The template still can compare, split and trim
such text, but nothing of it, however cut and joined, can make up a special token's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hub.core.inference import Piece

_FIRST, _LAST = 0x10F000, 0x10FFFD
"""The end of Unicode's last private plane. Such a character in a message is replaced by the replacement character."""
_VISIBLE = frozenset('"\\')
"""What templates must see as it is, like white space: JSON escapes it."""
_REPLACEMENT = "\ufffd"
WORTH_SHARING = 64
"""Characters: a shorter beginning is not worth being kept, nor a piece to be divided for it."""


class Hidden(str):
    """A text in its private characters."""

    __slots__ = ()


class Fields(dict[str, Any]):
    """A mapping whose keys and values are hidden; it is asked for its keys by their own names."""

    __slots__ = ("_disguise",)

    def __init__(self, items: Iterable[tuple[str, Any]], disguise: Disguise) -> None:
        super().__init__(items)
        self._disguise = disguise

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(self._disguise.comparable(key))

    def __contains__(self, key: object) -> bool:
        return super().__contains__(self._disguise.comparable(key))

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(self._disguise.comparable(key), default)


class Disguise:
    """Hides text for one model's special tokens and takes what a template made of it apart into pieces."""

    def __init__(self, specials: Iterable[str]) -> None:
        self.specials = frozenset(text for text in specials if any(map(_may_hide, text)))
        letters = sorted({letter for text in self.specials for letter in text if _may_hide(letter)}, key=_rank)
        private = range(_FIRST, _LAST + 1)
        self._table = {ord(letter): chr(code) for letter, code in zip(letters, private, strict=False)}
        self._back = {ord(code): chr(letter) for letter, code in self._table.items()}
        self._incoming = dict.fromkeys(private, _REPLACEMENT) | self._table
        lengths: dict[str, set[int]] = {}
        for text in self.specials:
            lengths.setdefault(text[0], set()).add(len(text))
        # Some models have thousands of special tokens: an alternation of all of them would be tried one by one.
        self._lengths = {letter: sorted(found, reverse=True) for letter, found in lengths.items()}
        self._starts = re.compile(f"[{re.escape(''.join(lengths))}]" if lengths else r"(?!)")

    def hide(self, value: Any) -> Any:
        """Return the value with every text in it hidden."""
        if isinstance(value, str):
            return Hidden(value.translate(self._incoming))
        if isinstance(value, Mapping):
            return Fields(((self.hide(str(key)), self.hide(item)) for key, item in value.items()), self)
        if isinstance(value, (list, tuple)):
            return [self.hide(item) for item in value]
        return value

    def comparable(self, value: Any) -> Any:
        """Return a value of a template such that hidden and other texts that read the same are equal."""
        if isinstance(value, str):
            return value if isinstance(value, Hidden) else Hidden(value.translate(self._table))
        if isinstance(value, Fields):
            return value
        if isinstance(value, Mapping):
            return Fields(((self.comparable(key), item) for key, item in value.items()), self)
        if isinstance(value, (list, tuple)):
            return type(value)(self.comparable(item) for item in value)
        return value

    def is_hidden(self, text: str) -> bool:
        """Say whether any of the text is in private characters."""
        return isinstance(text, Hidden) or any(_FIRST <= ord(letter) <= _LAST for letter in text)

    def reveal(self, text: str) -> str:
        """Return a text as people read it."""
        return text.translate(self._back)

    def pieces(self, rendered: str, boundary: int = 0) -> tuple[tuple[Piece, ...], int]:
        """Return what a template rendered as pieces, and how many of them end at or before ``boundary``.

        A long plain piece is divided at the boundary. No plain piece holds the whole text of a special token: tokenisers know
        some of them even in plain text, so such a text is divided too.
        """
        made: list[Piece] = []
        shared = 0
        for start, end, special in self._segments(rendered, boundary):
            text = rendered[start:end]
            made += [Piece(text=text, special=True)] if special else self._plain(self.reveal(text))
            shared = len(made) if end <= boundary else shared
        return tuple(made), shared if boundary >= WORTH_SHARING else 0

    def _segments(self, rendered: str, boundary: int) -> Iterator[tuple[int, int, bool]]:
        at = 0
        while found := self._next(rendered, at):
            start, end = found
            yield from _divided(at, start, boundary)
            yield start, end, True
            at = end
        yield from _divided(at, len(rendered), boundary)

    def _next(self, text: str, at: int) -> tuple[int, int] | None:
        """Return where the next special token's text begins and ends; of several the longest."""
        while match := self._starts.search(text, at):
            start = match.start()
            for length in self._lengths[text[start]]:
                if text[start : start + length] in self.specials:
                    return start, start + length
            at = start + 1
        return None

    def _plain(self, text: str) -> Iterator[Piece]:
        begin = at = 0
        while found := self._next(text, at):
            at = found[0] + 1
            if found[1] > at:
                yield Piece(text=text[begin:at])
                begin = at
        yield Piece(text=text[begin:])


def _divided(start: int, end: int, boundary: int) -> Iterator[tuple[int, int, bool]]:
    if start + WORTH_SHARING <= boundary < end:
        yield start, boundary, False
        start = boundary
    if start < end:
        yield start, end, False


def _may_hide(letter: str) -> bool:
    return not letter.isspace() and letter.isprintable() and letter not in _VISIBLE


def _rank(letter: str) -> tuple[bool, str]:
    """Punctuation comes first: there are at most 4,094 private characters, and it is in nearly every special token."""
    return letter.isalnum(), letter
