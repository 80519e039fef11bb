"""Home Assistant's template functions, a module per topic, each a table."""

from __future__ import annotations

from collections.abc import Iterator

from hub.templates.functions import collections, devices, numbers, places, states, text, times
from hub.templates.functions.function import Function
from hub.templates.home import Home

__all__ = ["all_functions"]

_TOPICS = (numbers, collections, text, times, states, places, devices)


def all_functions(home: Home) -> Iterator[Function]:
    """Yield every function, looking at ``home``."""
    for topic in _TOPICS:
        yield from topic.functions(home)
