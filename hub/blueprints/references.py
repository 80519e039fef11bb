"""What an automation speaks of: the entities, devices, areas, floors and labels named in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.blueprints.values import listed
from hub.core.ids import is_entity_id

KEYS = ("entity_id", "device_id", "area_id", "floor_id", "label_id")
_OTHERS = ("action", "service", "trigger", "platform", "condition", "event_type")
"""Under these keys something else may look like an entity id: ``light.turn_on``."""


def references(config: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return what is named under each of the keys of a target, wherever in ``config``; templates are not looked into."""
    found: dict[str, set[str]] = {key: set() for key in KEYS}
    for key, text in _texts(config):
        if key in found:
            found[key].update(part.strip() for part in text.split(","))
        elif key not in _OTHERS and is_entity_id(text):
            found["entity_id"].add(text)
    found["entity_id"] = {text for text in found["entity_id"] if is_entity_id(text)}
    return {key: frozenset(texts) for key, texts in found.items()}


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, str):
        yield key, value
    elif isinstance(value, (list, tuple)):
        for item in listed(value):
            yield from _texts(item, key)
