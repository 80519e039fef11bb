"""What a rendered text means: numbers, lists and mappings become such, as in Home Assistant."""

from __future__ import annotations

import re
import warnings
from ast import literal_eval
from functools import lru_cache
from typing import Any

_NUMERIC = re.compile(r"[+-]?(?!0\d)\d*(?:\.\d*)?\Z")
_LITERAL_STARTS = frozenset("[{('\"+-.0123456789TFNbBrRuUs")
_TRUE = frozenset({"1", "true", "yes", "on", "enable"})
_FALSE = frozenset({"0", "false", "no", "off", "disable"})


def parse(text: str) -> Any:
    """Return the Python value that ``text`` is the literal of, or the text itself."""
    return _parse(text) if text and text[0] in _LITERAL_STARTS else text


@lru_cache(maxsize=2048)
def _literal(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler's remarks on what is merely text
        try:
            return literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return text


def _parse(text: str) -> Any:
    value = _literal(text)
    if isinstance(value, (str, complex)):
        return text  # quotes stay as they were written
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not _NUMERIC.match(text):
        return text  # 1e5, 007 and 1_000 are names more often than numbers
    return list(value) if isinstance(value, list) else dict(value) if isinstance(value, dict) else value


def as_boolean(value: Any, default: bool = False) -> bool:
    """Return what a rendered value means as yes or no, ``default`` where it is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value != 0
    text = str(value).strip().lower()
    return text in _TRUE or (default and text not in _FALSE)
