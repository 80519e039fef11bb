"""Areas, floors and labels: their ids and names, and what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.core.registry import Area, Entity, Floor, Label
from hub.templates.functions.function import Function, Use
from hub.templates.home import Home


def functions(home: Home) -> Iterable[Function]:
    """Return the functions that look at places."""
    places = _Places(home)
    for name in ("areas", "floors"):
        yield Function(name=name, call=getattr(places, name), uses=Use.GLOBAL, limited=False)
    for name in (
        "area_id", "area_name", "area_entities", "area_devices",
        "floor_id", "floor_name", "floor_areas", "floor_entities",
        "labels", "label_id", "label_name", "label_description", "label_areas", "label_devices", "label_entities",
    ):  # fmt: skip
        yield Function(name=name, call=getattr(places, name), limited=False)


class _Places:
    """Look-ups by id or name, through entities and devices too."""

    def __init__(self, home: Home) -> None:
        self._registries = home.registries

    def areas(self) -> list[str]:
        return [area.area_id for area in self._registries.areas]

    def floors(self) -> list[str]:
        return [floor.floor_id for floor in self._registries.floors]

    def area_id(self, value: Any) -> str | None:
        area = self._area_around(str(value)) or self._registries.areas.named(str(value))
        return area.area_id if area else None

    def area_name(self, value: Any) -> str | None:
        area = self._registries.areas.get(str(value)) or self._area_around(str(value))
        return area.name if area else None

    def area_entities(self, value: Any) -> list[str]:
        area = self._area(value)
        return [e.entity_id for e in self._registries.entities if area and self._registries.area_of(e) == area]

    def area_devices(self, value: Any) -> list[str]:
        area = self._area(value)
        return [device.id for device in self._registries.devices.in_area(area.area_id)] if area else []

    def floor_id(self, value: Any) -> str | None:
        floor = self._floor_around(str(value)) or self._registries.floors.named(str(value))
        return floor.floor_id if floor else None

    def floor_name(self, value: Any) -> str | None:
        floor = self._registries.floors.get(str(value)) or self._floor_around(str(value))
        return floor.name if floor else None

    def floor_areas(self, value: Any) -> list[str]:
        floor = self._registries.floors.get(str(value)) or self._registries.floors.named(str(value))
        return [area.area_id for area in self._registries.areas.on_floor(floor.floor_id)] if floor else []

    def floor_entities(self, value: Any) -> list[str]:
        return [entity_id for area_id in self.floor_areas(value) for entity_id in self.area_entities(area_id)]

    def labels(self, value: Any = None) -> list[str]:
        if value is None:
            return [label.label_id for label in self._registries.labels]
        key = str(value)
        registries = self._registries
        item = registries.entities.get(key) or registries.devices.get(key) or registries.areas.get(key)
        return list(item.labels) if item else []

    def label_id(self, value: Any) -> str | None:
        label = self._registries.labels.named(str(value))
        return label.label_id if label else None

    def label_name(self, value: Any) -> str | None:
        label = self._registries.labels.get(str(value))
        return label.name if label else None

    def label_description(self, value: Any) -> str | None:
        label = self._registries.labels.get(str(value))
        return label.description if label else None

    def label_areas(self, value: Any) -> list[str]:
        return [area.area_id for area in self._registries.areas if self._has(area.labels, value)]

    def label_devices(self, value: Any) -> list[str]:
        return [device.id for device in self._registries.devices if self._has(device.labels, value)]

    def label_entities(self, value: Any) -> list[str]:
        return [entity.entity_id for entity in self._registries.entities if self._has(entity.labels, value)]

    def _has(self, labels: tuple[str, ...], value: Any) -> bool:
        label: Label | None = self._registries.labels.get(str(value)) or self._registries.labels.named(str(value))
        return label is not None and label.label_id in labels

    def _area(self, value: Any) -> Area | None:
        return self._registries.areas.get(str(value)) or self._registries.areas.named(str(value))

    def _area_around(self, key: str) -> Area | None:
        """Return the area of the entity or device with this id."""
        entity: Entity | None = self._registries.entities.get(key)
        if entity is not None:
            return self._registries.area_of(entity)
        device = self._registries.devices.get(key)
        return self._registries.areas.get(device.area_id) if device else None

    def _floor_around(self, key: str) -> Floor | None:
        """Return the floor of the area, entity or device with this id or, of an area, name."""
        area = self._area(key) or self._area_around(key)
        return self._registries.floors.get(area.floor_id) if area else None
