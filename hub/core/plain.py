"""Values as records show them: what JSON knows, cut to a readable length."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson

from hub.config.marks import Secret

MAX_TEXT = 4096
"""Characters of a text that are kept."""
MAX_ITEMS = 500
"""Items of a list or mapping that are kept."""
MAX_JSON = 65_536
"""Bytes of a record's JSON beyond which its texts and lists are cut."""
_MAX_DEPTH = 12
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATETIME


def to_json(value: Any) -> bytes:
    """Return ``value`` as JSON; what is longer than ``MAX_JSON``, or what JSON cannot say, as ``plain`` says it."""
    try:
        text = orjson.dumps(value, default=_simpler, option=_OPTIONS)
    except TypeError:  # a number beyond 64 bits, half a surrogate pair, too deep
        text = b""
    return text if 0 < len(text) <= MAX_JSON else _slow_json(plain(value))


def plain(value: Any, depth: int = 0) -> Any:
    """Return ``value`` in terms of JSON: states, events and times in Home Assistant's form, secrets by name only."""
    kind = type(value)
    if kind is str:
        return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}…"
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if -(2**63) <= value < 2**64 else str(value)
    if kind is float:
        return value if math.isfinite(value) else str(value)
    if kind in (dict, list) and depth >= _MAX_DEPTH:
        return "…"
    if kind is dict:
        items = value.items() if len(value) <= MAX_ITEMS else list(value.items())[:MAX_ITEMS]
        return {str(key): plain(item, depth + 1) for key, item in items}
    if kind is list:
        return [plain(item, depth + 1) for item in value[:MAX_ITEMS]]
    return plain(_simpler(value), depth)


def _simpler(value: Any) -> Any:
    """Return a value of another type as one that JSON has; what is inside may need the same."""
    if isinstance(value, str):
        return repr(value) if isinstance(value, Secret) else str.__str__(value)
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return list(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    for kind in (bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def _slow_json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # half a surrogate pair: only the standard library writes it
        return json.dumps(value).encode()
