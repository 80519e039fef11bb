"""The items of one domain that users have defined, and what their entities keep over restarts: one document."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from hub.core.bus import Unlisten
from hub.core.ports import Store
from hub.core.registry.places import unused
from hub.errors import InvalidInput, NotFound
from hub.virtual.definition import Definition, Item

VERSION = 1
_log = logging.getLogger(__name__)


class Change(StrEnum):
    """What became of an item; Home Assistant's words."""

    ADDED = "added"
    UPDATED = "updated"
    REMOVED = "removed"


Listener = Callable[[Change, Item], None]


class Collection:
    """Items by id. Every change is saved and told to those who listen."""

    def __init__(self, definition: Definition, store: Store) -> None:
        self.definition = definition
        self._store = store
        self._items: dict[str, Item] = {}
        self._broken: list[Item] = []
        self._kept: dict[str, Any] = {}
        self._listeners: list[Listener] = []
        self._load()

    @property
    def domain(self) -> str:
        """The entity domain of the items."""
        return self.definition.domain

    def __iter__(self) -> Iterator[Item]:
        return iter(list(self._items.values()))

    def get(self, item_id: str) -> Item | None:
        """Return an item, or None."""
        return self._items.get(item_id)

    def require(self, item_id: str) -> Item:
        """Return an item.

        Raises NotFound.
        """
        item = self._items.get(item_id)
        if item is None:
            raise NotFound(f"Unable to find {self.domain}_id {item_id}: expected one that {self.domain}/list names")
        return item

    def create(self, data: Mapping[str, Any]) -> Item:
        """Add an item; its id is made of its name.

        Raises InvalidInput.
        """
        checked = self.definition.created(data)
        taken = {*self._items, *self.definition.reserved, *(item["id"] for item in self._broken)}
        item_id = unused(self.definition.suggested_id(checked), taken)
        return self._put({"id": item_id, **checked}, Change.ADDED)

    def update(self, item_id: str, data: Mapping[str, Any]) -> Item:
        """Change an item.

        Raises NotFound or InvalidInput.
        """
        item = self.require(item_id)
        return self._put({"id": item_id, **self.definition.updated(item, data)}, Change.UPDATED)

    def delete(self, item_id: str) -> None:
        """Remove an item.

        Raises NotFound.
        """
        item = self.require(item_id)
        del self._items[item_id]
        self._kept.pop(item_id, None)
        self._changed(item, Change.REMOVED)

    def kept(self, item_id: str) -> Any:
        """Return what the item's entity keeps, or None."""
        return self._kept.get(item_id)

    def keep(self, item_id: str, value: Any) -> None:
        """Keep a JSON value for the item's entity; it is written soon if it is another than before."""
        if self._kept.get(item_id) != value:
            self._kept[item_id] = value
            self._save()

    def listen(self, listener: Listener) -> Unlisten:
        """Call ``listener(change, item)`` at every change, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _load(self) -> None:
        """Read the document; an item that does not fit (any more) is left out, but stays in the file."""
        document = self._store.load(VERSION, lambda data, _: data) or {}
        self._kept = dict(document.get("kept", {}))
        for item in document.get("items", ()):
            data = {key: value for key, value in item.items() if key != "id"}
            try:
                self._items[item["id"]] = {"id": item["id"], **self.definition.created(data)}
            except InvalidInput as error:
                self._broken.append(item)
                _log.error("The %s %s is left out: %s", self.domain, item.get("name"), error)

    def _put(self, item: Item, change: Change) -> Item:
        self._items[item["id"]] = item
        self._changed(item, change)
        return item

    def _changed(self, item: Item, change: Change) -> None:
        self._save()
        for listener in list(self._listeners):
            listener(change, item)

    def _save(self) -> None:
        self._store.save(VERSION, self._document)

    def _document(self) -> dict[str, Any]:
        return {"items": [*self._items.values(), *self._broken], "kept": self._kept}
