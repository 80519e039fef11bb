"""Categories: the user's own groups of automations, scenes or helpers in lists, each for one ``scope``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from hub.core.ids import new_id
from hub.core.registry.base import Registry
from hub.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A group of a list; ``scope`` names the list (``automation``, ``helpers``)."""

    category_id: str
    scope: str
    name: str
    icon: str | None = None
    created_at: float = 0.0
    modified_at: float = 0.0


class CategoryRegistry(Registry[Category]):
    """All categories."""

    kind: ClassVar[str] = "category"
    id_field: ClassVar[str] = "category_id"
    item_class: ClassVar[type[Any]] = Category

    def of(self, scope: str) -> list[Category]:
        """Return the categories of a list."""
        return [category for category in self if category.scope == scope]

    def create(self, scope: str, name: str, icon: str | None = None) -> Category:
        """Add a category.

        Raises InvalidInput if the name is empty or taken.
        """
        name = name.strip()
        self._check_name(scope, name)
        now = self._clock.time()
        item = Category(category_id=new_id(), scope=scope, name=name, icon=icon, created_at=now, modified_at=now)
        return self._put(item, "create", scope=scope)

    def update(self, id: str, **changes: Any) -> Category:  # noqa: A002
        """Change a category's name or icon.

        Raises NotFound, or InvalidInput if the new name is empty or taken.
        """
        known = self.require(id)
        if changes.get("name", known.name) != known.name:
            changes["name"] = changes["name"].strip()
            self._check_name(known.scope, changes["name"])
        return self._update(id, changes)

    def _check_name(self, scope: str, name: str) -> None:
        if not name:
            raise InvalidInput("Expected a name for the category, got an empty one")
        if any(item.name.casefold() == name.casefold() for item in self.of(scope)):
            raise InvalidInput(f"Expected a new name for the category: {name!r} is taken")
