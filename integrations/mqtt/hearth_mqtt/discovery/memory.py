"""Facts that no topic would tell again after a restart: what silent devices were told, when something happened last."""

from __future__ import annotations

from typing import Any

from hearth_mqtt.discovery.effect import Facts
from hub import Storage

_DOCUMENT = "facts"


class Memory:
    """Keeps the facts of some entities in the adapter's storage, by unique id."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._facts: dict[str, dict[str, Any]] = storage.load(_DOCUMENT) or {}

    def recall(self, unique_id: str) -> Facts:
        """Return what was kept of an entity."""
        return self._facts.get(unique_id, {})

    def keep(self, unique_id: str, facts: Facts) -> None:
        """Keep an entity's facts, if they are not those that are kept already."""
        if self._facts.get(unique_id) != facts:
            self._facts[unique_id] = dict(facts)
            self._save()

    def forget(self, unique_id: str) -> None:
        """Forget an entity's facts."""
        if self._facts.pop(unique_id, None) is not None:
            self._save()

    def _save(self) -> None:
        self._storage.save(_DOCUMENT, lambda: dict(self._facts))
