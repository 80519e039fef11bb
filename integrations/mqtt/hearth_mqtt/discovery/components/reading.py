"""Decoders of text: from what a template makes of a message to facts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from hearth_mqtt.discovery.effect import Facts
from hearth_mqtt.discovery.incoming import Incoming
from hearth_mqtt.discovery.model import Decode
from hearth_mqtt.discovery.value_template import Reader

_log = logging.getLogger(__name__)

Parse = Callable[[str], Facts | None]
"""Returns the facts that a text means, or None if it is not what was expected."""


def reading(read: Reader, parse: Parse, expected: str) -> Decode:
    """Return what reads a text and parses it. Blank text says nothing; what is not as ``expected`` is logged."""

    def decode(incoming: Incoming, _: Facts) -> Facts | None:
        text = read(incoming)
        if text is None or not text.strip():
            return None
        changes = parse(text)
        if changes is None:
            _log.warning("Expected %s on %s, got %r", expected, incoming.topic, text[:80])
        return changes

    return decode


def one_of(fact: str, meanings: Mapping[str, Any]) -> Parse:
    """Return what parses one of these texts as the value that it means for a fact."""
    return lambda text: {fact: meanings[text]} if text in meanings else None
