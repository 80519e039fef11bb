"""Text: regular expressions, slugs, encodings."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from hub.core import ids
from hub.errors import TemplateError
from hub.templates.functions.function import Function, Use
from hub.templates.home import Home
from hub.templates.limits import MAX_OUTPUT, check_text

_compiled = lru_cache(maxsize=256)(re.compile)


def functions(_: Home) -> Iterable[Function]:
    """Return the functions for text."""
    yield Function(name="regex_match", call=match, uses=Use.FILTER)
    yield Function(name="regex_search", call=search, uses=Use.FILTER)
    yield Function(name="match", call=match, uses=Use.TEST)
    yield Function(name="search", call=search, uses=Use.TEST)
    yield Function(name="regex_replace", call=replace, uses=Use.FILTER)
    yield Function(name="regex_findall", call=find_all, uses=Use.FILTER)
    yield Function(name="regex_findall_index", call=find_nth, uses=Use.FILTER)
    yield Function(name="slugify", call=slugify)
    yield Function(name="urlencode", call=urllib.parse.urlencode, uses=Use.GLOBAL)
    yield Function(name="base64_encode", call=encode_base64)
    yield Function(name="base64_decode", call=decode_base64)
    yield Function(name="ord", call=ord, uses=Use.FILTER)
    yield Function(name="ordinal", call=ordinal, uses=Use.FILTER)
    yield Function(name="string_like", call=lambda value: isinstance(value, (str, bytes, bytearray)), uses=Use.TEST)


def match(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    """Say whether ``find`` matches at the beginning of ``value``."""
    return bool(_pattern(find, ignorecase).match(str(value)))


def search(value: Any, find: str = "", ignorecase: bool = False) -> bool:
    """Say whether ``find`` matches somewhere in ``value``."""
    return bool(_pattern(find, ignorecase).search(str(value)))


def replace(value: Any = "", find: str = "", replace: str = "", ignorecase: bool = False) -> str:
    """Return ``value`` with every match of ``find`` replaced; ``\\1`` stands for the first group."""
    text, pattern = str(value), _pattern(find, ignorecase)
    if len(replace) > 64 and len(text) * len(replace) > MAX_OUTPUT:
        check_text("x" * min(sum(len(replace) for _ in pattern.finditer(text)), MAX_OUTPUT + 1))
    return pattern.sub(replace, text)


def find_all(value: Any, find: str = "", ignorecase: bool = False) -> list[Any]:
    """Return all matches of ``find`` in ``value``."""
    return _pattern(find, ignorecase).findall(str(value))


def find_nth(value: Any, find: str = "", index: int = 0, ignorecase: bool = False) -> Any:
    """Return one of the matches of ``find`` in ``value``."""
    return find_all(value, find, ignorecase)[index]


def slugify(value: Any, separator: str = "_") -> str:
    """Return ``value`` as a slug."""
    return ids.slugify(str(value), "").replace("_", separator)


def encode_base64(value: Any) -> str:
    """Return text in Base64."""
    return base64.b64encode(value if isinstance(value, bytes) else str(value).encode()).decode()


def decode_base64(value: str, encoding: str | None = "utf-8") -> str | bytes:
    """Return the text that was written in Base64, or bytes without an encoding."""
    decoded = base64.b64decode(value)
    return decoded.decode(encoding) if encoding else decoded


def ordinal(value: Any) -> str:
    """Return a whole number as an English ordinal: 1st, 2nd, 11th."""
    number = int(value)
    suffix = "th" if abs(number) % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(abs(number) % 10, "th")
    return f"{number}{suffix}"


def _pattern(find: str, ignorecase: bool) -> re.Pattern[str]:
    try:
        return _compiled(find, re.IGNORECASE if ignorecase else 0)
    except re.error as error:
        raise TemplateError(f"Expected a regular expression, got {find!r}: {error}") from None
