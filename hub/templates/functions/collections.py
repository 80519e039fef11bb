"""Lists, mappings and sets; JSON; choosing a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from jinja2 import Undefined

from hub.templates.functions.function import BOTH, MISSING, Function, Use, defaulted
from hub.templates.home import Home


def functions(_: Home) -> Iterable[Function]:
    """Return the functions for collections and JSON."""
    yield Function(name="iif", call=immediate_if)
    yield Function(name="from_json", call=from_json)
    yield Function(name="to_json", call=to_json)
    yield Function(name="typeof", call=lambda value: type(value).__name__)
    yield Function(name="is_defined", call=defined, uses=Use.FILTER)
    yield Function(name="contains", call=lambda items, item: item in items, uses=BOTH | Use.TEST)
    yield Function(name="combine", call=combine)
    yield Function(name="flatten", call=flatten)
    yield Function(name="zip", call=zip, uses=Use.GLOBAL)
    yield Function(name="set", call=lambda items=(): set(items), uses=Use.GLOBAL)
    yield Function(name="tuple", call=lambda items=(): tuple(items), uses=Use.GLOBAL)
    yield Function(name="list", call=lambda value: isinstance(value, list), uses=Use.TEST)
    yield Function(name="set", call=lambda value: isinstance(value, set), uses=Use.TEST)
    yield Function(name="tuple", call=lambda value: isinstance(value, tuple), uses=Use.TEST)
    yield Function(name="union", call=lambda one, other: list(set(one) | set(other)))
    yield Function(name="intersect", call=lambda one, other: list(set(one) & set(other)))
    yield Function(name="difference", call=lambda one, other: list(set(one) - set(other)))
    yield Function(name="symmetric_difference", call=lambda one, other: list(set(one) ^ set(other)))


def immediate_if(value: Any, if_true: Any = True, if_false: Any = False, if_none: Any = MISSING) -> Any:
    """Return one of two values, or a third for None."""
    if value is None and if_none is not MISSING:
        return if_none
    return if_true if value else if_false


def from_json(value: Any, default: Any = MISSING) -> Any:
    """Return what JSON text says."""
    try:
        return orjson.loads(value)
    except (ValueError, TypeError):
        return defaulted("from_json", value, default)


def to_json(value: Any, ensure_ascii: bool = False, pretty_print: bool = False, sort_keys: bool = False) -> str:
    """Return ``value`` as JSON; times become ISO 8601 text."""
    options = orjson.OPT_NON_STR_KEYS
    options |= orjson.OPT_INDENT_2 if pretty_print else 0
    options |= orjson.OPT_SORT_KEYS if sort_keys else 0
    text = orjson.dumps(value, option=options, default=_plain).decode()
    return text if not ensure_ascii else "".join(char if ord(char) < 128 else _escaped(char) for char in text)


def defined(value: Any) -> Any:
    """Return ``value``; an undefined one fails the template."""
    if isinstance(value, Undefined):
        value()
    return value


def combine(*mappings: Any, recursive: bool = False) -> dict[Any, Any]:
    """Return one mapping of several; later keys win, ``recursive`` inside too."""
    result: dict[Any, Any] = {}
    for mapping in mappings:
        if not isinstance(mapping, Mapping):
            raise TypeError(f"expected mappings, got {type(mapping).__name__}")
        for key, value in mapping.items():
            both = recursive and isinstance(result.get(key), Mapping) and isinstance(value, Mapping)
            result[key] = combine(result[key], value, recursive=True) if both else value
    return result


def flatten(items: Any, levels: int | None = None) -> list[Any]:
    """Return the items of lists inside a list, as deep as ``levels`` says."""
    if not isinstance(items, Iterable) or isinstance(items, (str, Mapping)):
        raise TypeError(f"expected a list, got {type(items).__name__}")
    flat: list[Any] = []
    for item in items:
        deeper = isinstance(item, Iterable) and not isinstance(item, (str, Mapping)) and levels != 0
        flat.extend(flatten(item, None if levels is None else levels - 1) if deeper else [item])
    return flat


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset)):
        return list(value)
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if isinstance(value, Undefined):
        raise TypeError("expected a defined value")
    return str(value)


def _escaped(char: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in memoryview(char.encode("utf-16-le")).cast("H"))
