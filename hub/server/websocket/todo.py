"""Commands on the items of to-do lists, in Home Assistant's shapes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.core.ports import Capabilities
from hub.core.registry import Registries
from hub.errors import NotFound, Refused
from hub.server.needs import Needs
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection
from hub.virtual import Collected, TodoList

_LIST = {vol.Required("entity_id"): str}


class TodoCommands:
    """todo/item/list, subscribe and move, of the hub's own lists."""

    def __init__(self, lists: Collected, registries: Registries, capabilities: Capabilities) -> None:
        self._lists = lists
        self._registries = registries
        self._capabilities = capabilities

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        return (
            Command(name="todo/item/list", needs=Needs.LOGIN, handler=self._items, fields=_LIST, summary="List what is on a to-do list."),
            Command(name="todo/item/subscribe", needs=Needs.LOGIN, handler=self._subscribe, fields=_LIST,
                summary="Follow what is on a to-do list: all of it at every change."),
            Command(name="todo/item/move", needs=Needs.LOGIN, handler=self._move, fields={
                **_LIST, vol.Required("uid"): str, "previous_uid": vol.Any(str, None)},
                summary="Put an item of a to-do list behind another, or first."),
        )  # fmt: skip

    def _items(self, connection: Connection, message: dict[str, Any]) -> Any:
        return {"items": [task.as_dict() for task in self._list(connection, message).tasks]}

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_, todo = message["id"], self._list(connection, message)

        def send() -> None:
            if connection.sight.sees(todo.entity_id):
                connection.event(id_, {"items": [dataclasses.asdict(task) for task in todo.tasks]})

        connection.subscribe(id_, todo.listen(send))
        connection.result(id_)
        send()
        return ANSWERED

    def _move(self, connection: Connection, message: dict[str, Any]) -> None:
        todo = self._list(connection, message)
        entity = self._registries.entities.get(todo.entity_id)
        refusal = self._capabilities.refusal(connection.caller, "todo.update_item", entity)
        if refusal is not None:
            raise Refused(refusal)
        todo.move(message["uid"], message.get("previous_uid"))

    def _list(self, connection: Connection, message: dict[str, Any]) -> TodoList:
        entity_id = message["entity_id"]
        if not connection.sight.sees(entity_id):
            raise NotFound(f"Expected the entity id of a todo of the hub's own, got {entity_id!r}")
        todo = self._lists.find(entity_id)
        assert isinstance(todo, TodoList)
        return todo
