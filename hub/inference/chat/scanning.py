"""Where things end in JSON that is still being written."""

from __future__ import annotations

import re

_PLAIN_VALUE = re.compile(r"[^\s,{}\[\]\"]*")


class Nesting:
    """Follows an object, list or string part by part to its end."""

    __slots__ = ("_depth", "_escaped", "_quoted")

    def __init__(self) -> None:
        self._depth = 0
        self._quoted = self._escaped = False

    def end(self, text: str) -> int | None:
        """Return where in this part the value ends, or None if it goes on."""
        for at, letter in enumerate(text, 1):
            if self._follow(letter) and not self._depth:
                return at
        return None

    def _follow(self, letter: str) -> bool:
        """Take a character; say whether it closes something."""
        if self._escaped:
            self._escaped = False
        elif letter == '"':
            self._quoted = not self._quoted
            return not self._quoted
        elif self._quoted:
            self._escaped = letter == "\\"
        elif letter in "{[":
            self._depth += 1
        elif letter in "}]":
            self._depth -= 1
            return True
        return False


def value_end(text: str) -> int | None:
    """Return where the value that the text begins with ends, or None if that is yet to come."""
    if text[0] in '"{[':
        return Nesting().end(text)
    plain = _PLAIN_VALUE.match(text)
    end = plain.end() if plain else 0
    return end if end < len(text) else None
