"""Commands on the categories of lists."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.core.registry import Category, CategoryRegistry
from hub.errors import NotFound
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection

_SCOPE = {vol.Required("scope"): vol.All(str, vol.Length(min=1, max=100))}
_ONE = {**_SCOPE, vol.Required("category_id"): str}
_ICON = {"icon": vol.Any(str, None)}


class CategoryCommands:
    """``config/category_registry/*``."""

    def __init__(self, categories: CategoryRegistry) -> None:
        self._categories = categories

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        prefix = "config/category_registry"
        return (
            Command(name=f"{prefix}/list", needs=Needs.HOUSE, handler=self._list, fields=_SCOPE, summary="List the categories of a list."),
            Command(name=f"{prefix}/create", needs=Needs.ADMIN, handler=self._create, summary="Add a category to a list.",
                    fields={**_SCOPE, vol.Required("name"): str, **_ICON}),
            Command(name=f"{prefix}/update", needs=Needs.ADMIN, handler=self._update, summary="Change a category.",
                    fields={**_ONE, "name": str, **_ICON}),
            Command(name=f"{prefix}/delete", needs=Needs.ADMIN, handler=self._delete, fields=_ONE, summary="Remove a category."),
        )  # fmt: skip

    def _list(self, connection: Connection, message: dict[str, Any]) -> Any:
        return [_row(category) for category in self._categories.of(message["scope"])]

    def _create(self, connection: Connection, message: dict[str, Any]) -> Any:
        return _row(self._categories.create(message["scope"], message["name"], message.get("icon")))

    def _update(self, connection: Connection, message: dict[str, Any]) -> Any:
        changes = {key: message[key] for key in ("name", "icon") if key in message}
        return _row(self._categories.update(self._require(message).category_id, **changes))

    def _delete(self, connection: Connection, message: dict[str, Any]) -> None:
        self._categories.remove(self._require(message).category_id)

    def _require(self, message: dict[str, Any]) -> Category:
        category = self._categories.get(message["category_id"])
        if category is None or category.scope != message["scope"]:
            raise NotFound("Category ID not found")
        return category


def _row(category: Category) -> dict[str, Any]:
    return {key: value for key, value in dataclasses.asdict(category).items() if key != "scope"}
