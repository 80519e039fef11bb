"""Sizes: what a template may compute at once. Estimates come before the work, where a small text can ask for a huge one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.errors import TemplateError

MAX_OUTPUT = 256 * 1024
"""Characters of a rendered template, and of any text on the way."""
MAX_ITEMS = 100_000
"""Items of a list that is put together by repetition."""
_MAX_BITS = 4096

_WIDE = re.compile(r"\d{5,}|\*")


def check_operands(operator: str, left: Any, right: Any) -> None:
    """Refuse an operation whose result would be too large.

    Raises TemplateError.
    """
    if operator == "*":
        _check_product(left, right)
    elif operator == "**" and isinstance(left, int) and isinstance(right, int):
        _check_bits(max(left.bit_length(), 1) * abs(right))
    elif operator == "%" and isinstance(left, str):
        _check_format(left)
    elif operator == "+" and _is_sequence(left) and _is_sequence(right):
        _check_length(left, len(left) + len(right))


def check_method(method: Any, arguments: Sequence[Any]) -> None:
    """Refuse a call of a method of text or a number whose result would be too large.

    Raises TemplateError.
    """
    owner = getattr(method, "__self__", None)
    if isinstance(owner, (str, bytes, int)):
        estimate = _METHODS.get(getattr(method, "__name__", ""))
        if estimate is not None:
            _check_size(estimate(owner, *arguments[:2]))


def check_text(value: Any) -> Any:
    """Return ``value``, refusing text that is too long.

    Raises TemplateError.
    """
    if isinstance(value, str) and len(value) > MAX_OUTPUT:
        _check_size(len(value))
    return value


def check_filter(name: str, value: Any, arguments: Sequence[Any]) -> None:
    """Refuse a filter whose result would be too large.

    Raises TemplateError.
    """
    estimate = FILTERS[name]
    _check_size(estimate(value, *arguments[:2]))


def _check_product(left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _check_bits(left.bit_length() + right.bit_length())
        return
    sequence, count = (left, right) if _is_sequence(left) else (right, left)
    if _is_sequence(sequence) and isinstance(count, int):
        _check_length(sequence, len(sequence) * count)


def _check_length(sequence: Any, length: int) -> None:
    limit = MAX_OUTPUT if isinstance(sequence, (str, bytes)) else MAX_ITEMS
    if length > limit:
        raise TemplateError(f"Expected at most {limit} characters or items, got {length}")


def _check_size(size: int) -> None:
    if size > MAX_OUTPUT:
        raise TemplateError(f"Expected a template to make at most {MAX_OUTPUT} characters, got {size}")


def _check_bits(bits: int) -> None:
    if bits > _MAX_BITS:
        raise TemplateError(f"Expected numbers of at most {_MAX_BITS} bits, got {bits}")


def _check_format(text: str) -> None:
    if _WIDE.search(text):
        raise TemplateError(f"Expected widths below 10000 in a format, got {text[:60]!r}")


def _is_sequence(value: Any) -> bool:
    return isinstance(value, (str, bytes, list, tuple))


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int) else 0


def _width(value: Any, width: Any = 0, *_: Any) -> int:
    return _number(width)


def _joined(separator: Any, items: Any = (), *_: Any) -> int:
    if not isinstance(items, (list, tuple, str)):
        return 0
    lengths = (len(item) if isinstance(item, str) else 8 for item in items)
    return sum(lengths) + len(items) * len(str(separator))


def _replaced(text: Any, old: Any = "", new: Any = "", *_: Any) -> int:
    whole = str(text)
    return len(whole) + whole.count(str(old)) * len(str(new))


def _formatted(text: Any, *_: Any) -> int:
    _check_format(str(text))
    return 0


def _translated(text: Any, table: Any = None, *_: Any) -> int:
    values = table.values() if isinstance(table, Mapping) else ()
    return len(str(text)) * max((len(str(value)) for value in values), default=1)


def _tabs(text: Any, size: Any = 8, *_: Any) -> int:
    return str(text).count("\t") * _number(size)


def _indented(text: Any, width: Any = 4, *_: Any) -> int:
    whole = str(text)
    return len(whole) + (whole.count("\n") + 1) * (_number(width) or len(str(width)))


_METHODS: Mapping[str, Callable[..., int]] = {
    "center": _width,
    "ljust": _width,
    "rjust": _width,
    "zfill": _width,
    "to_bytes": _width,
    "expandtabs": _tabs,
    "join": _joined,
    "replace": _replaced,
    "format": _formatted,
    "format_map": _formatted,
    "translate": _translated,
}
FILTERS: Mapping[str, Callable[..., int]] = {
    "batch": _width,
    "center": _width,
    "format": _formatted,
    "indent": _indented,
    "join": lambda items, separator="", *_: _joined(separator, items),
    "replace": _replaced,
    "slice": _width,
}
