"""The five registries together, and the questions that need several of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.core.actions import Target
from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.ports import Store
from hub.core.registry.categories import CategoryRegistry
from hub.core.registry.devices import Device, DeviceRegistry
from hub.core.registry.entities import Entity, EntityRegistry
from hub.core.registry.places import Area, AreaRegistry, FloorRegistry, LabelRegistry
from hub.core.registry.references import keep_references


@dataclass(frozen=True, slots=True)
class Registries:
    """Floors, areas, labels, devices, entities, and the categories of lists."""

    floors: FloorRegistry
    areas: AreaRegistry
    labels: LabelRegistry
    devices: DeviceRegistry
    entities: EntityRegistry
    categories: CategoryRegistry

    @staticmethod
    def open(store: Callable[[str], Store], bus: EventBus, clock: Clock) -> Registries:
        """Read all registries; ``store(name)`` gives the place of each."""
        registries = Registries(
            FloorRegistry(store("core.floor_registry"), bus, clock),
            AreaRegistry(store("core.area_registry"), bus, clock),
            LabelRegistry(store("core.label_registry"), bus, clock),
            DeviceRegistry(store("core.device_registry"), bus, clock),
            EntityRegistry(store("core.entity_registry"), bus, clock),
            CategoryRegistry(store("core.category_registry"), bus, clock),
        )
        for name in Registries.__slots__:
            getattr(registries, name).load()
        keep_references(registries, bus)
        return registries

    def device_of(self, entity: Entity) -> Device | None:
        """Return the entity's device, if it has one."""
        return self.devices.get(entity.device_id)

    def area_of(self, entity: Entity) -> Area | None:
        """Return where the entity is: its own area, or its device's."""
        device = self.device_of(entity)
        return self.areas.get(entity.area_id or (device.area_id if device else None))

    def labels_of(self, entity: Entity) -> frozenset[str]:
        """Return the entity's labels and its device's."""
        device = self.device_of(entity)
        return frozenset(entity.labels) | frozenset(device.labels if device else ())

    def name_of(self, entity: Entity) -> str:
        """Return the friendly name: the user's, or the integration's with the device's name before it."""
        if entity.name:
            return entity.name
        device = self.device_of(entity)
        prefix = device.shown_name if device and entity.has_entity_name else None
        own = entity.original_name
        return " ".join(part for part in (prefix, own) if part) or entity.entity_id.partition(".")[2].replace("_", " ")

    def resolve(self, target: Target, *, domain: str | None = None) -> tuple[list[str], list[str]]:
        """Return the entity ids that a target means: those named directly, and those found by device, area, floor or label.

        Direct ones come first, each id once. Found ones leave out hidden, disabled, configuration and diagnostic
        entities, as Home Assistant does. ``domain`` keeps only the entities of one domain. ``all`` is every entity.
        """
        if target.entity_id == ("all",):
            everything = (e for e in self.entities if e.disabled_by is None)
            return [], [e.entity_id for e in everything if domain in (None, e.domain)]
        named = dict.fromkeys(target.entity_id)
        prefix = "" if domain is None else f"{domain}."
        direct = [id_ for id_ in named if id_.startswith(prefix)]
        if not (target.device_id or target.area_id or target.floor_id or target.label_id):
            return direct, []
        found = dict.fromkeys(
            entity.entity_id for entity in self._found(target) if domain in (None, entity.domain) and _indirect(entity)
        )
        return direct, [id_ for id_ in found if id_ not in direct]

    def _found(self, target: Target) -> Iterable[Entity]:
        areas = set(target.area_id) | {a.area_id for floor in target.floor_id for a in self.areas.on_floor(floor)}
        labels = set(target.label_id)
        areas |= {area.area_id for area in self.areas if labels & set(area.labels)}
        for device_id in target.device_id:
            yield from self.entities.of_device(device_id)
        if not areas and not labels:
            return
        for entity in self.entities:
            area = self.area_of(entity)
            if (area is not None and area.area_id in areas) or labels & self.labels_of(entity):
                yield entity


def _indirect(entity: Entity) -> bool:
    return entity.hidden_by is None and entity.disabled_by is None and entity.entity_category is None
