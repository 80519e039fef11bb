"""Entities: what the hub remembers of each, keyed by integration and unique id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.ids import new_id, slugify, split_entity_id
from hub.core.ports import Store
from hub.core.registry.base import Registry
from hub.core.registry.places import unused
from hub.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """What is remembered of an entity, whether its device is there or not.

    ``original_*`` come from the integration; ``name``, ``area_id``, ``icon``, ``aliases``, ``labels`` are the user's.
    ``capabilities`` are the static attributes (``options``, ``min``, ``supported_color_modes``). ``disabled_by`` and
    ``hidden_by`` are ``user`` or ``integration``. ``categories`` gives the category in each list (``automation``).
    """

    entity_id: str
    unique_id: str
    integration: str
    id: str = field(default_factory=new_id)
    config_entry_id: str | None = None
    device_id: str | None = None
    area_id: str | None = None
    name: str | None = None
    original_name: str | None = None
    has_entity_name: bool = False
    device_class: str | None = None
    icon: str | None = None
    unit: str | None = None
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    supported_features: int = 0
    entity_category: str | None = None
    translation_key: str | None = None
    aliases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    categories: Mapping[str, str] = field(default_factory=dict)
    disabled_by: str | None = None
    hidden_by: str | None = None
    created_at: float = 0.0
    modified_at: float = 0.0

    @property
    def domain(self) -> str:
        """The part of the entity id before the dot."""
        return self.entity_id.partition(".")[0]


class EntityRegistry(Registry[Entity]):
    """All entities, by entity id; found by (integration, unique id) and by device too."""

    kind: ClassVar[str] = "entity"
    id_field: ClassVar[str] = "entity_id"
    item_class: ClassVar[type[Any]] = Entity

    def __init__(self, store: Store, bus: EventBus, clock: Clock) -> None:
        super().__init__(store, bus, clock)
        self._by_unique: dict[tuple[str, str], str] = {}
        self._by_device: dict[str, dict[str, None]] = {}

    def ensure(self, *, integration: str, unique_id: str, domain: str, suggested: str, **values: Any) -> Entity:
        """Return the entity of (integration, unique id), added or brought up to date with ``values``.

        A new one gets the entity id ``domain.<slug of suggested>``, made unique. A known one keeps its entity id, and its
        ``disabled_by`` and ``hidden_by``.
        """
        known = self.find(integration, unique_id)
        if known is not None:
            kept = {key: value for key, value in values.items() if key not in ("disabled_by", "hidden_by")}
            return self._update(known.entity_id, kept)
        now = self._clock.time()
        entity_id = unused(f"{domain}.{slugify(suggested)}", self._items)
        item = Entity(
            entity_id=entity_id, unique_id=unique_id, integration=integration, created_at=now, modified_at=now, **values
        )
        return self._put(item, "create")

    def find(self, integration: str, unique_id: str) -> Entity | None:
        """Return the entity of (integration, unique id), or None."""
        entity_id = self._by_unique.get((integration, unique_id))
        return self._items.get(entity_id) if entity_id else None

    def of_device(self, device_id: str) -> list[Entity]:
        """Return the entities of a device."""
        return [self._items[entity_id] for entity_id in self._by_device.get(device_id, ())]

    def of_entry(self, config_entry_id: str) -> list[Entity]:
        """Return the entities of a config entry."""
        return [entity for entity in self if entity.config_entry_id == config_entry_id]

    def update(self, id: str, *, new_entity_id: str | None = None, **changes: Any) -> Entity:  # noqa: A002
        """Change fields of an entity; ``new_entity_id`` renames it within its domain.

        Raises NotFound; InvalidInput if the new id is taken or of another domain.
        """
        entity = self._update(id, changes)
        if new_entity_id is None or new_entity_id == id:
            return entity
        if split_entity_id(new_entity_id)[0] != entity.domain or new_entity_id in self._items:
            raise InvalidInput(f"Expected an unused entity id in {entity.domain}, got {new_entity_id!r}")
        del self._items[id]
        self.index(entity, None)
        return self._rename(entity, new_entity_id)

    def _rename(self, entity: Entity, new_entity_id: str) -> Entity:
        values = {key: getattr(entity, key) for key in entity.__dataclass_fields__}
        renamed = Entity(**{**values, "entity_id": new_entity_id, "modified_at": self._clock.time()})
        return self._put(renamed, "update", old_entity_id=entity.entity_id, changes={"entity_id": entity.entity_id})

    def index(self, old: Entity | None, new: Entity | None) -> None:
        if old is not None:
            self._by_unique.pop((old.integration, old.unique_id), None)
            self._by_device.get(old.device_id or "", {}).pop(old.entity_id, None)
        if new is not None:
            self._by_unique[new.integration, new.unique_id] = new.entity_id
            if new.device_id:
                self._by_device.setdefault(new.device_id, {})[new.entity_id] = None
