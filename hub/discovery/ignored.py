"""What the user does not want to be asked about again."""

from __future__ import annotations

from typing import Any

from hub.core.ports import Store

_VERSION = 1


class Ignored:
    """Discovered things to be passed over: by integration and unique id, with their title; kept over restarts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        saved = store.load(_VERSION, lambda data, _: data) or {}
        self._titles = {(row["integration"], row["unique_id"]): row["title"] for row in saved.get("ignored", ())}

    def __contains__(self, key: object) -> bool:
        return key in self._titles

    def add(self, integration: str, unique_id: str, title: str) -> None:
        """Pass this over from now on."""
        self._titles[integration, unique_id] = title
        self._store.save(_VERSION, self._saved)

    def discard(self, integration: str, unique_id: str | None) -> None:
        """Do not pass this over any more."""
        if unique_id is not None and self._titles.pop((integration, unique_id), None) is not None:
            self._store.save(_VERSION, self._saved)

    def _saved(self) -> dict[str, Any]:
        rows = [{"integration": key[0], "unique_id": key[1], "title": title} for key, title in self._titles.items()]
        return {"ignored": rows}
