"""Unique ids: Home Assistant keeps them apart by component, the hub knows one space for the whole integration."""

from __future__ import annotations

from dataclasses import dataclass

from hearth_mqtt.discovery.announcement import Announcement
from hub import Storage

_DOCUMENT = "shared_unique_ids"


@dataclass(frozen=True, slots=True)
class Identity:
    """The unique id that the hub knows an entity by, and whether the device ``announced`` one."""

    unique_id: str
    announced: bool


class Identities:
    """Gives each announcement the unique id that the hub knows it by, the same after a restart.

    That is the id announced. If two components announce the same one, the second has its component's name put behind it;
    which was the first is remembered.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._shared: dict[str, str] = storage.load(_DOCUMENT) or {}
        self._component_of: dict[str, str] = dict(self._shared)

    def of(self, announcement: Announcement, unique_id: str | None) -> Identity:
        """Return the identity of an announcement; one without unique id gets that of its topic."""
        if unique_id is None:
            return Identity(f"{announcement.component} {announcement.id}", announced=False)
        return Identity(self._apart(announcement, unique_id), announced=True)

    def _apart(self, announcement: Announcement, unique_id: str) -> str:
        first = self._component_of.setdefault(unique_id, announcement.component)
        if first == announcement.component:
            return unique_id
        if unique_id not in self._shared:
            self._shared[unique_id] = first
            self._storage.save(_DOCUMENT, lambda: dict(self._shared))
        return f"{unique_id} {announcement.component}"
