"""Calls: what an utterance asks for, in the model's words, before anything is looked up in the home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from hub.errors import InferenceError

TOOLS: tuple[str, ...] = (
    "on", "off", "toggle", "brighter", "darker", "brightness", "color", "open", "close", "position", "lock", "unlock",
    "temperature", "mode", "warmer", "cooler", "speed", "start", "stop", "pause", "resume", "dock", "locate", "play",
    "next", "previous", "mute", "unmute", "louder", "quieter", "volume", "search", "add", "done", "items", "timer",
    "extend", "shorten", "cancel", "left", "state", "weather", "time", "date", "run", "none", "nevermind",
)  # fmt: skip
"""The one-word tools, as the model was trained on them. Known sentences alone have more (see ``tools.py``)."""

TIMERS = frozenset({"timer", "extend", "shorten", "cancel", "left"})
"""The tools that are about a timer; ``pause`` and ``resume`` are where their type is."""

MOST_CALLS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One tool with its arguments; names are normalised.

    A target is ``name`` (in ``area``), or ``type`` (``all``, or in ``area`` or on ``floor``, ``without`` some); with none of
    them it is what is here, or the only one. ``value`` is a number in the tool's unit, ``color`` the words for one,
    ``wanted`` the state that is asked for, ``text`` free words (an item, a label, a query), ``seconds`` a duration, ``of``
    the duration by which a timer is spoken of.
    """

    tool: str
    name: str | None = None
    type: str | None = None
    all: bool = False
    area: str | None = None
    floor: str | None = None
    without: str | None = None
    value: float | None = None
    color: str | None = None
    mode: str | None = None
    wanted: str | None = None
    text: str | None = None
    seconds: int | None = None
    of: int | None = None

    @property
    def about_timer(self) -> bool:
        """True if it is about a timer."""
        return self.tool in TIMERS or (self.type == "timer" and self.tool in ("pause", "resume"))


_TEXTS = {"name", "type", "area", "floor", "color", "mode"}
_RENAMED = {"except": "without", "is": "wanted", "label": "text", "item": "text", "query": "text"}
_UNITS = {"h": 3600, "m": 60, "s": 1}


def parse(text: str) -> tuple[Call, ...]:
    """Return the calls in a model's answer.

    Raises InferenceError if it is not the array of calls that the grammar describes.
    """
    try:
        return tuple(_call(row) for row in _rows(orjson.loads(text)))
    except (ValueError, TypeError, AttributeError) as error:
        raise InferenceError(f"Expected an array of calls, the model wrote {text[:200]!r}: {error}") from None


def _rows(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_CALLS:
        raise ValueError(f"these are not 1 to {MOST_CALLS} calls")
    return value


def _call(row: Mapping[str, Any]) -> Call:
    values: dict[str, Any] = {}
    for key, value in row.items():
        if key in _UNITS:
            values["seconds"] = values.get("seconds", 0) + int(value) * _UNITS[key]
        elif key == "of":
            values["of"] = sum(int(part[:-1]) * _UNITS[part[-1]] for part in str(value).split())
        elif key in _TEXTS or key in _RENAMED:
            values[_RENAMED.get(key, key)] = str(value).strip()
        elif key in ("tool", "value", "all"):
            values[key] = value
    if values.get("tool") not in TOOLS:
        raise ValueError(f"{values.get('tool')!r} is no tool")
    return Call(**values)
