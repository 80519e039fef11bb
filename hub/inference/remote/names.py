"""Tools' names as OpenAI's API allows them: letters, digits, dashes and underscores, at most 64."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 64
_OTHER = re.compile(r"[^A-Za-z0-9_-]")


class ToolNames:
    """Says the hub's names, such as ``light.turn_on``, as servers accept them, and understands what comes back."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._said: dict[str, str] = {}
        self._meant: dict[str, str] = {}
        # Those that can be said as they are come first, so that no other takes their place.
        for name in sorted(dict.fromkeys(names), key=lambda name: _plain(name) != name):
            self._add(name)

    def say(self, name: str) -> str:
        """Return the name for the server."""
        return self._said.get(name) or _plain(name)

    def mean(self, said: str) -> str:
        """Return the hub's name for what the server said."""
        return self._meant.get(said, said)

    def _add(self, name: str) -> None:
        base = said = _plain(name)
        number = 2
        while said in self._meant:
            ending = f"_{number}"
            said = base[: _LONGEST - len(ending)] + ending
            number += 1
        self._said[name], self._meant[said] = said, name


def _plain(name: str) -> str:
    return _OTHER.sub("_", name)[:_LONGEST] or "_"
