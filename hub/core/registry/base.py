"""What the registries share: items by id, saved whole through a Store, each change published."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.ports import Store
from hub.errors import NotFound


class Item(Protocol):
    """An item of a registry: a frozen dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


I = TypeVar("I", bound=Item)  # noqa: E741


class Registry(Generic[I]):
    """Items by id. Subclasses name the ``kind`` (``area``), the item class and its id field.

    Every change is published as ``<kind>_registry_updated`` and saved through the store, which writes atomically and soon.
    """

    kind: ClassVar[str]
    id_field: ClassVar[str]
    item_class: ClassVar[type[Any]]
    version: ClassVar[int] = 1

    def __init__(self, store: Store, bus: EventBus, clock: Clock) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._items: dict[str, I] = {}

    def load(self) -> None:
        """Read the items back from the store."""
        data = self._store.load(self.version, self.migrate)
        for row in (data or {}).get("items", ()):
            item = self.decode(row)
            self._items[getattr(item, self.id_field)] = item
            self.index(None, item)

    def get(self, id: str | None) -> I | None:  # noqa: A002
        """Return the item, or None."""
        return self._items.get(id) if id is not None else None

    def require(self, id: str) -> I:  # noqa: A002
        """Return the item.

        Raises NotFound.
        """
        item = self._items.get(id)
        if item is None:
            raise NotFound(f"Expected the id of a known {self.kind}, got {id!r}")
        return item

    def remove(self, id: str) -> None:  # noqa: A002
        """Remove an item.

        Raises NotFound.
        """
        item = self.require(id)
        del self._items[id]
        self.index(item, None)
        self._changed("remove", id)

    def __iter__(self) -> Iterator[I]:
        return iter(list(self._items.values()))

    def __len__(self) -> int:
        return len(self._items)

    def migrate(self, data: dict[str, Any], version: int) -> dict[str, Any]:
        """Bring data saved by an older ``version`` up to date; overridden when ``version`` grows."""
        return data

    def decode(self, row: Mapping[str, Any]) -> I:
        """Return the item saved as ``row``; unknown keys are dropped, lists become tuples."""
        known = {field.name for field in dataclasses.fields(self.item_class)}
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items() if key in known}
        item: I = self.item_class(**values)
        return item

    def index(self, old: I | None, new: I | None) -> None:
        """Keep further indexes up to date; overridden where there are any."""

    def _put(self, item: I, action: str, **event_data: Any) -> I:
        id_ = getattr(item, self.id_field)
        self.index(self._items.get(id_), item)
        self._items[id_] = item
        self._changed(action, id_, **event_data)
        return item

    def _update(self, id: str, changes: Mapping[str, Any]) -> I:  # noqa: A002
        old = self.require(id)
        changed = {key: value for key, value in changes.items() if getattr(old, key) != value}
        if not changed:
            return old
        new: I = dataclasses.replace(old, **changed, modified_at=self._clock.time())
        return self._put(new, "update", changes={key: getattr(old, key) for key in changed})

    def _changed(self, action: str, id: str, **event_data: Any) -> None:  # noqa: A002
        self._store.save(self.version, lambda: {"items": list(self)})
        data = {"action": action, self.id_field: id or None, **event_data}
        now = self._clock.time()
        self._bus.publish(Event(f"{self.kind}_registry_updated", data, Context("registry"), now))
