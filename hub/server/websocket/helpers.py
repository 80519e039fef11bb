"""Commands on what users define: helpers, zones, persons, and by our own names to-do lists and scenes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import voluptuous as vol

from hub.server.needs import Needs
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection
from hub.virtual import Change, Collection, Item

_ANYTHING: Mapping[Any, Any] = {vol.Extra: object}
"""What an item may hold, its collection says better."""
_OWN = {"todo": "hearth/todo", "scene": "hearth/scene"}
"""The names of those for which Home Assistant has no such commands."""


class HelperCommands:
    """``<domain>/list``, ``subscribe``, ``create``, ``update`` and ``delete`` of every collection."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self._collections = collections

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        for domain, collection in self._collections.items():
            yield from CollectionCommands(_OWN.get(domain, domain), collection).commands()


class CollectionCommands:
    """The commands on one collection, in Home Assistant's shapes."""

    def __init__(self, prefix: str, collection: Collection) -> None:
        self._prefix = prefix
        self._collection = collection
        self._key = f"{collection.domain}_id"

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        prefix, item, what = self._prefix, {vol.Required(self._key): str}, self._collection.domain.replace("_", " ")
        return (
            Command(name=f"{prefix}/list", needs=Needs.HOUSE, handler=self._list, summary=f"List every {what} that is defined."),
            Command(name=f"{prefix}/subscribe", needs=Needs.HOUSE, handler=self._subscribe,
                summary=f"Follow every {what} that is defined, and each change."),
            Command(name=f"{prefix}/create", needs=Needs.ADMIN, handler=self._create, fields=_ANYTHING,
                summary=f"Define a {what}."),
            Command(name=f"{prefix}/update", needs=Needs.ADMIN, handler=self._update, fields={**item, **_ANYTHING},
                summary=f"Change what a {what} is."),
            Command(name=f"{prefix}/delete", needs=Needs.ADMIN, handler=self._delete, fields=item, summary=f"Remove a {what}."),
        )  # fmt: skip

    def _list(self, connection: Connection, message: dict[str, Any]) -> Any:
        items = list(self._collection)
        return {"storage": items, "config": []} if self._collection.domain == "person" else items

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_ = message["id"]

        def forward(change: Change, item: Item) -> None:
            connection.event(id_, [self._row(change, item)])

        connection.subscribe(id_, self._collection.listen(forward))
        connection.result(id_)
        connection.event(id_, [self._row(Change.ADDED, item) for item in self._collection])
        return ANSWERED

    def _create(self, connection: Connection, message: dict[str, Any]) -> Any:
        return self._collection.create(self._data(message))

    def _update(self, connection: Connection, message: dict[str, Any]) -> Any:
        return self._collection.update(message[self._key], self._data(message))

    def _delete(self, connection: Connection, message: dict[str, Any]) -> None:
        self._collection.delete(message[self._key])

    def _row(self, change: Change, item: Item) -> dict[str, Any]:
        return {"change_type": change, self._key: item["id"], "item": item}

    def _data(self, message: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in message.items() if key not in ("id", "type", self._key)}
