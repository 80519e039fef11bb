"""Values as they are stored: JSON texts that can always be written, numbers that can be calculated with."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Any

import orjson

_NUMBER_STARTS = frozenset("0123456789+-.")


def to_json(value: Any) -> str:
    """Return plain data as JSON. What JSON cannot say becomes text: a whole record is not lost for one odd value."""
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a number beyond 64 bits, half a surrogate pair, too deep: the slow encoder takes it
        return json.dumps(value, default=_plain)


def from_json(text: str) -> Any:
    """Return what ``to_json`` wrote."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


@lru_cache(maxsize=8192)
def as_number(state: str) -> float | None:
    """Return the state as a finite number, or None."""
    if state[:1] not in _NUMBER_STARTS:
        return None
    try:
        number = float(state)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _plain(value: Any) -> Any:
    if hasattr(value, "as_dict"):
        return value.as_dict()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value, key=str)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
