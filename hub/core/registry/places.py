"""Floors, areas and labels: where things are, and what kind they are."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from hub.core.ids import slugify
from hub.core.registry.base import Registry
from hub.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A storey; ``level`` 0 is the ground floor."""

    floor_id: str
    name: str
    level: int | None = None
    icon: str | None = None
    aliases: tuple[str, ...] = ()
    created_at: float = 0.0
    modified_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A room or another part of the home or plant."""

    area_id: str
    name: str
    floor_id: str | None = None
    icon: str | None = None
    picture: str | None = None
    aliases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    temperature_entity_id: str | None = None
    humidity_entity_id: str | None = None
    created_at: float = 0.0
    modified_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A free mark on areas, devices and entities."""

    label_id: str
    name: str
    color: str | None = None
    icon: str | None = None
    description: str | None = None
    created_at: float = 0.0
    modified_at: float = 0.0


P = TypeVar("P", Floor, Area, Label)


class _Places(Registry[P]):
    """Named items whose id is the slug of their name."""

    def create(self, name: str, **values: Any) -> P:
        """Add an item.

        Raises InvalidInput if the name is empty or taken.
        """
        name = name.strip()
        self._check_name(name)
        now = self._clock.time()
        id_ = unused(slugify(name), self._items)
        item: P = self.item_class(**{self.id_field: id_}, name=name, created_at=now, modified_at=now, **values)
        return self._put(item, "create")

    def update(self, id: str, **changes: Any) -> P:  # noqa: A002
        """Change fields of an item; its id stays.

        Raises NotFound, or InvalidInput if the new name is empty or taken.
        """
        if changes.get("name", self.require(id).name) != self.require(id).name:
            self._check_name(changes["name"].strip())
        return self._update(id, changes)

    def named(self, name: str) -> P | None:
        """Return the item of this name or alias, whatever the case, or None."""
        wanted = name.strip().casefold()
        return next((item for item in self if wanted in _names(item)), None)

    def ensure(self, name: str, **values: Any) -> P:
        """Return the item of this name, adding it if there is none."""
        return self.named(name) or self.create(name, **values)

    def reorder(self, ids: Sequence[str]) -> None:
        """Put the items in this order.

        Raises InvalidInput unless ``ids`` names each of them once.
        """
        if sorted(ids) != sorted(self._items):
            raise InvalidInput(
                f"Expected every {self.kind} once, got {', '.join(ids) or 'none'}", path=(self.id_field,)
            )
        self._items = {id_: self._items[id_] for id_ in ids}
        self._changed("reorder", "")

    def _check_name(self, name: str) -> None:
        if not name:
            raise InvalidInput(f"Expected a name for the {self.kind}, got an empty one")
        if any(item.name.casefold() == name.casefold() for item in self):
            raise InvalidInput(f"Expected a new name for the {self.kind}: {name!r} is taken")


class FloorRegistry(_Places[Floor]):
    """All floors."""

    kind: ClassVar[str] = "floor"
    id_field: ClassVar[str] = "floor_id"
    item_class: ClassVar[type[Any]] = Floor


class AreaRegistry(_Places[Area]):
    """All areas."""

    kind: ClassVar[str] = "area"
    id_field: ClassVar[str] = "area_id"
    item_class: ClassVar[type[Any]] = Area

    def on_floor(self, floor_id: str) -> list[Area]:
        """Return the areas of a floor."""
        return [area for area in self if area.floor_id == floor_id]


class LabelRegistry(_Places[Label]):
    """All labels."""

    kind: ClassVar[str] = "label"
    id_field: ClassVar[str] = "label_id"
    item_class: ClassVar[type[Any]] = Label


def _names(item: Floor | Area | Label) -> set[str]:
    return {item.name.casefold(), *(alias.casefold() for alias in getattr(item, "aliases", ()))}


def unused(wanted: str, taken: Container[str]) -> str:
    """Return ``wanted``, with ``_2``, ``_3`` ... behind it if it is taken."""
    number, candidate = 1, wanted
    while candidate in taken:
        number += 1
        candidate = f"{wanted}_{number}"
    return candidate
