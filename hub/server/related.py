"""What has to do with what: entities with their device, area and integration, automations with what they speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from hub.adapters.entries import ConfigEntries
from hub.blueprints import Automations
from hub.core.registry import Device, Entity, Registries

Found = dict[str, set[str]]
_TARGETS = {"entity_id": "entity", "device_id": "device", "area_id": "area", "floor_id": "floor", "label_id": "label"}


class Related:
    """Answers what has to do with something, in the form of ``search/related``: ids by kind."""

    def __init__(self, registries: Registries, entries: ConfigEntries, automations: Automations) -> None:
        self._registries = registries
        self._entries = entries
        self._automations = automations

    def to(self, kind: str, id_: str) -> dict[str, list[str]]:
        """Return the ids of what has to do with this, by kind; nothing for what is not known."""
        answers: Mapping[str, Callable[[str], Found]] = {
            "area": self._area,
            "automation": self._automation,
            "automation_blueprint": self._blueprint,
            "config_entry": self._entry,
            "device": self._device,
            "entity": self._entity,
            "floor": self._floor,
            "integration": self._integration,
            "label": self._label,
        }
        found = answers[kind](id_) if kind in answers else {}
        if kind in found:
            found[kind].discard(id_)
        return {key: sorted(ids) for key, ids in found.items() if ids}

    def _entity(self, entity_id: str) -> Found:
        entity = self._registries.entities.get(entity_id)
        if entity is None:
            return {}
        if entity.domain == "automation":
            return self._automation(entity_id)
        return _union(self._above(entity), self._speaking_of("entity_id", entity_id))

    def _device(self, device_id: str) -> Found:
        device = self._registries.devices.get(device_id)
        if device is None:
            return {}
        entities = self._registries.entities.of_device(device_id)
        own = {"entity": {entity.entity_id for entity in entities}}
        return _union(
            own, self._above_device(device), *(self._mentions(entities)), self._speaking_of("device_id", device_id)
        )

    def _area(self, area_id: str) -> Found:
        area = self._registries.areas.get(area_id)
        if area is None:
            return {}
        entities = [entity for entity in self._registries.entities if self._area_id(entity) == area_id]
        devices = self._registries.devices.in_area(area_id)
        own = {
            "entity": {entity.entity_id for entity in entities},
            "device": {device.id for device in devices},
            "floor": {area.floor_id} if area.floor_id else set(),
            "label": set(area.labels),
        }
        return _union(own, *self._mentions(entities), self._speaking_of("area_id", area_id))

    def _floor(self, floor_id: str) -> Found:
        areas = [area.area_id for area in self._registries.areas.on_floor(floor_id)]
        below = [self._area(area_id) for area_id in areas]
        found = _union({"area": set(areas)}, *below, self._speaking_of("floor_id", floor_id))
        return {key: ids for key, ids in found.items() if key != "floor"}

    def _label(self, label_id: str) -> Found:
        registries = self._registries
        return _union(
            {
                "entity": {entity.entity_id for entity in registries.entities if label_id in entity.labels},
                "device": {device.id for device in registries.devices if label_id in device.labels},
                "area": {area.area_id for area in registries.areas if label_id in area.labels},
            },
            self._speaking_of("label_id", label_id),
        )

    def _entry(self, entry_id: str) -> Found:
        entry = next((entry for entry in self._entries if entry.entry_id == entry_id), None)
        if entry is None:
            return {}
        entities = self._registries.entities.of_entry(entry_id)
        return {
            "integration": {entry.integration},
            "entity": {entity.entity_id for entity in entities},
            "device": {device.id for device in self._registries.devices if entry_id in device.config_entries},
        }

    def _integration(self, name: str) -> Found:
        entries = [entry.entry_id for entry in self._entries.of(name)]
        return _union({"config_entry": set(entries)}, *map(self._entry, entries))

    def _automation(self, entity_id: str) -> Found:
        record = next((record for record in self._automations.records() if record.entity_id == entity_id), None)
        if record is None:
            return {}
        named = self._automations.references(record.id)
        found: Found = {_TARGETS[key]: set(ids) for key, ids in named.items()}
        found["automation_blueprint"] = {record.blueprint} if record.blueprint else set()
        known = [entity for id_ in named["entity_id"] if (entity := self._registries.entities.get(id_)) is not None]
        return _union(found, *map(self._above, known))

    def _blueprint(self, path: str) -> Found:
        records = self._automations.records()
        return {"automation": {record.entity_id for record in records if record.blueprint == path and record.entity_id}}

    def _speaking_of(self, key: str, id_: str) -> Found:
        """Return the automations that name this."""
        records = ((record.id, record.entity_id) for record in self._automations.records())
        named = {
            entity_id
            for automation_id, entity_id in records
            if entity_id and id_ in self._automations.references(automation_id).get(key, ())
        }
        return {"automation": named}

    def _mentions(self, entities: Iterable[Entity]) -> Iterable[Found]:
        return (self._speaking_of("entity_id", entity.entity_id) for entity in entities)

    def _above(self, entity: Entity) -> Found:
        device = self._registries.device_of(entity)
        area = self._registries.area_of(entity)
        return {
            "device": {device.id} if device else set(),
            "area": {area.area_id} if area else set(),
            "floor": {area.floor_id} if area and area.floor_id else set(),
            "label": set(entity.labels),
            "config_entry": {entity.config_entry_id} if entity.config_entry_id else set(),
            "integration": {entity.integration} if entity.config_entry_id else set(),
        }

    def _above_device(self, device: Device) -> Found:
        area = self._registries.areas.get(device.area_id)
        return {
            "area": {area.area_id} if area else set(),
            "floor": {area.floor_id} if area and area.floor_id else set(),
            "label": set(device.labels),
            "config_entry": set(device.config_entries),
            "integration": {device.integration} if device.integration else set(),
        }

    def _area_id(self, entity: Entity) -> str | None:
        area = self._registries.area_of(entity)
        return area.area_id if area else None


def _union(*parts: Found) -> Found:
    found: Found = {}
    for part in parts:
        for key, ids in part.items():
            found.setdefault(key, set()).update(ids)
    return found
