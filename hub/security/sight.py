"""What somebody may see of the home: the one filter that everything which is read goes through."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import TypeVar

from hub.core.callers import Capability
from hub.core.registry import Registries

T = TypeVar("T")


class Sight:
    """What a user may see, asked anew for each thing: entities move and areas change while somebody looks.

    ``everything``: all entities. ``house``: also what belongs to the house as a whole, such as its automations, their runs,
    templates and notifications. All are facts of the user, so that whoever sees everything is never asked about.
    ``model``: they may also use the model itself. It is granted like an entity: by ``model.use`` on ``model.local``.
    """

    __slots__ = ("_grants", "_registries", "everything", "house", "model")

    def __init__(self, registries: Registries, grants: Iterable[Capability], *, house: bool) -> None:
        self._registries = registries
        self._grants = tuple(grants)
        self.everything = any(not grant.bounded for grant in self._grants)
        self.house = house and self.everything
        self.model = any(
            grant.covers_action("model.use") and grant.covers_entity("model.local", None, frozenset())
            for grant in self._grants
        )

    def sees(self, entity_id: str) -> bool:
        """Say whether the entity may be seen; one that no registry knows has neither area nor labels."""
        if self.everything:
            return True
        registries = self._registries
        entity = registries.entities.get(entity_id)
        area = registries.area_of(entity) if entity else None
        labels = registries.labels_of(entity) if entity else frozenset()
        area_id = area.area_id if area else None
        return any(grant.covers_entity(entity_id, area_id, labels) for grant in self._grants)

    def among(self, items: Iterable[T], entity_id: Callable[[T], str]) -> Iterable[T]:
        """Return those items that are about entities which may be seen."""
        return items if self.everything else [item for item in items if self.sees(entity_id(item))]

    def within(self, entity_ids: frozenset[str] | None) -> Container[str] | None:
        """Return those of these entities (None: of all) that may be seen, whenever it is asked; None for all entities."""
        return entity_ids if self.everything else _Within(self, entity_ids)

    def entities(self) -> set[str] | None:
        """Return the known entities that may be seen now; None for all."""
        if self.everything:
            return None
        return {entity.entity_id for entity in self._registries.entities if self.sees(entity.entity_id)}

    def areas(self) -> Container[str]:
        """Return the areas that may be seen: those that a grant names, and where an entity is that may be seen."""
        if self.everything:
            return _ALL
        found = [
            self._registries.area_of(entity) for entity in self._registries.entities if self.sees(entity.entity_id)
        ]
        named = {area_id for grant in self._grants for area_id in grant.areas}
        return named | {area.area_id for area in found if area is not None}

    def floors(self) -> Container[str]:
        """Return the floors of the areas that may be seen."""
        if self.everything:
            return _ALL
        areas = self.areas()
        return {area.floor_id for area in self._registries.areas if area.area_id in areas and area.floor_id}

    def labels(self) -> Container[str]:
        """Return the labels of the entities that may be seen, of their devices and of their areas."""
        if self.everything:
            return _ALL
        seen = [entity for entity in self._registries.entities if self.sees(entity.entity_id)]
        areas = self.areas()
        of_areas = {label for area in self._registries.areas if area.area_id in areas for label in area.labels}
        return of_areas | {label for entity in seen for label in self._registries.labels_of(entity)}

    def devices(self) -> Container[str]:
        """Return the devices that have an entity which may be seen."""
        if self.everything:
            return _ALL
        seen = (entity for entity in self._registries.entities if self.sees(entity.entity_id))
        return {entity.device_id for entity in seen if entity.device_id}


class _Within:
    """Some entities, or all, as far as they may be seen."""

    def __init__(self, sight: Sight, entity_ids: frozenset[str] | None) -> None:
        self._sight = sight
        self._entity_ids = entity_ids

    def __contains__(self, entity_id: object) -> bool:
        wanted = self._entity_ids is None or entity_id in self._entity_ids
        return wanted and isinstance(entity_id, str) and self._sight.sees(entity_id)


class _All:
    def __contains__(self, _: object) -> bool:
        return True


_ALL = _All()
