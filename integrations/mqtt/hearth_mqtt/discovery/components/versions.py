"""Which of two versions is newer, whatever scheme they follow."""

from __future__ import annotations

import re
from itertools import zip_longest

_PARTS = re.compile(r"\d+|[a-z]+")
_BEFORE_RELEASE = {"dev": -4, "a": -3, "alpha": -3, "b": -2, "beta": -2, "rc": -1, "pre": -1}
_UNKNOWN_WORD = 0


def is_newer(latest: str, installed: str) -> bool:
    """Say whether ``latest`` is newer; versions of which that cannot be told are newer if they differ.

    Numbers count as numbers, ``b2`` and ``rc1`` come before the release; what follows a ``+`` does not count.
    """
    if latest == installed:
        return False
    new, old = _parts(latest), _parts(installed)
    if not new or not old or _other_words(new) != _other_words(old):
        return True
    for mine, other in zip_longest(new, old, fillvalue=0):
        if _rank(mine) != _rank(other):
            return _rank(mine) > _rank(other)
    return False


def _parts(version: str) -> list[int | str]:
    text = version.strip().lower().partition("+")[0].removeprefix("v")
    return [int(part) if part.isdigit() else part for part in _PARTS.findall(text)]


def _other_words(parts: list[int | str]) -> list[int | str]:
    return [part for part in parts if isinstance(part, str) and part not in _BEFORE_RELEASE]


def _rank(part: int | str) -> int:
    return part if isinstance(part, int) else _BEFORE_RELEASE.get(part, _UNKNOWN_WORD)
