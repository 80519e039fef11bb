"""Config entries: which integrations are configured, with what."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hub.adapters.interfaces import ConfigEntry
from hub.core.clock import Clock
from hub.core.ids import new_id
from hub.core.ports import Store
from hub.errors import NotFound

VERSION = 1
EntriesListener = Callable[[ConfigEntry | None, ConfigEntry | None], None]


class ConfigEntries:
    """All config entries. Entries from ``hearth.yaml`` and default ones are not saved: they come anew at each start."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._entries: dict[str, ConfigEntry] = {}
        self._listeners: list[EntriesListener] = []
        for row in (store.load(VERSION, lambda data, _: data) or {}).get("entries", ()):
            entry = ConfigEntry(**row)
            self._entries[entry.entry_id] = entry

    def listen(self, callback: EntriesListener) -> Callable[[], None]:
        """Call ``callback(old, new)`` when an entry is added (old None), changed, or removed (new None).

        The returned function ends that.
        """
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def __iter__(self) -> Iterator[ConfigEntry]:
        return iter(list(self._entries.values()))

    def get(self, entry_id: str) -> ConfigEntry:
        """Return an entry.

        Raises NotFound.
        """
        try:
            return self._entries[entry_id]
        except KeyError:
            raise NotFound(f"Expected the id of a config entry, got {entry_id!r}") from None

    def of(self, integration: str) -> list[ConfigEntry]:
        """Return the entries of an integration."""
        return [entry for entry in self if entry.integration == integration]

    def find(self, integration: str, unique_id: str | None) -> ConfigEntry | None:
        """Return the integration's entry with this unique id, or None."""
        return next((e for e in self.of(integration) if unique_id is not None and e.unique_id == unique_id), None)

    def create(
        self,
        integration: str,
        title: str,
        data: Mapping[str, Any],
        *,
        unique_id: str | None = None,
        source: str = "user",
        entry_id: str | None = None,
        isolated: bool | Mapping[str, Any] | None = None,
    ) -> ConfigEntry:
        """Add an entry."""
        now = self._clock.time()
        entry = ConfigEntry(
            entry_id=entry_id or new_id(), integration=integration, title=title, data=dict(data), unique_id=unique_id,
            source=source, isolated=isolated, created_at=now, modified_at=now,
        )  # fmt: skip
        self._put(None, entry)
        return entry

    def update(self, entry_id: str, **changes: Any) -> ConfigEntry:
        """Change an entry.

        Raises NotFound.
        """
        old = self.get(entry_id)
        new = dataclasses.replace(old, **changes, modified_at=self._clock.time())
        self._put(old, new)
        return new

    def remove(self, entry_id: str) -> None:
        """Remove an entry.

        Raises NotFound.
        """
        old = self.get(entry_id)
        del self._entries[entry_id]
        self._changed(old, None)

    def _put(self, old: ConfigEntry | None, new: ConfigEntry) -> None:
        self._entries[new.entry_id] = new
        self._changed(old, new)

    def _changed(self, old: ConfigEntry | None, new: ConfigEntry | None) -> None:
        self._store.save(VERSION, self._saved)
        for listener in tuple(self._listeners):
            listener(old, new)

    def _saved(self) -> dict[str, Any]:
        lasting = (entry for entry in self if entry.source not in ("yaml", "default"))
        return {"entries": [dataclasses.asdict(entry) for entry in lasting]}
