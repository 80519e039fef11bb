"""An adapter for one domain's helpers: what is defined is shown, what is asked for is done, what changes is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from hub.adapters.interfaces import AdapterHost, EntityCall
from hub.errors import NotFound
from hub.virtual.collection import Change, Collection
from hub.virtual.definition import Item
from hub.virtual.helper import Helper, Surroundings


class Collected:
    """Runs the helpers of a collection; ``always`` are items that are there without being defined."""

    def __init__(
        self, kind: type[Helper], collection: Collection, around: Surroundings, always: tuple[Item, ...] = ()
    ) -> None:
        self._kind = kind
        self._collection = collection
        self._around = around
        self._always = always
        self._helpers: dict[str, Helper] = {}
        self._host: AdapterHost

    async def run(self, host: AdapterHost) -> None:
        """Show the helpers until cancelled."""
        self._host = host
        unlisten = self._collection.listen(self._defined)
        try:
            for item in (*self._always, *self._collection):
                self._add(item)
            host.connected(True)
            await asyncio.get_running_loop().create_future()
        finally:
            unlisten()
            for helper in self._helpers.values():
                helper.end()
            self._helpers.clear()

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Carry out an action on helpers; responses are by entity id."""
        action = call.action.partition(".")[2]
        helpers = [self.require(unique_id) for unique_id in call.unique_ids]
        responses = {helper.entity_id: helper.act(action, call.data) for helper in helpers}
        found = {entity_id: response for entity_id, response in responses.items() if response is not None}
        return found or None

    def find(self, entity_id: str) -> Helper:
        """Return the helper of this entity id.

        Raises NotFound.
        """
        entity = self._around.home.registries.entities.get(entity_id)
        helper = self._helpers.get(entity.unique_id) if entity and entity.integration == self._kind.domain else None
        if helper is None:
            raise NotFound(f"Expected the entity id of a {self._kind.domain} of the hub's own, got {entity_id!r}")
        return helper

    def require(self, unique_id: str) -> Helper:
        """Return the helper of this item.

        Raises NotFound.
        """
        helper = self._helpers.get(unique_id)
        if helper is None:
            raise NotFound(f"Expected a {self._kind.domain} that is defined, got {unique_id!r}")
        return helper

    def _defined(self, change: Change, item: Item) -> None:
        match change:
            case Change.ADDED:
                self._add(item)
            case Change.UPDATED:
                self._update(item)
            case Change.REMOVED:
                self._remove(item["id"])

    def _add(self, item: Item) -> None:
        id_ = item["id"]
        helper = self._helpers[id_] = self._kind(item, self._around, partial(self._changed, id_))
        self._host.add(helper.description())
        helper.begin(self._collection.kept(id_))
        self._changed(id_)
        self._host.available(True, id_)

    def _update(self, item: Item) -> None:
        helper = self.require(item["id"])
        helper.configure(item)
        self._host.add(helper.description())
        self._changed(item["id"])

    def _remove(self, id_: str) -> None:
        self._helpers.pop(id_).end()
        self._host.remove(id_)

    def _changed(self, id_: str) -> None:
        helper = self._helpers[id_]
        self._host.report(helper.report())
        kept = helper.kept()
        if kept is not None:
            self._collection.keep(id_, kept)
