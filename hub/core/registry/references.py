"""What names a place that is removed names it no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hub.core.bus import EventBus
from hub.core.events import Event

if TYPE_CHECKING:
    from hub.core.registry.registries import Registries


def keep_references(registries: Registries, bus: EventBus) -> None:
    """Follow the registries: a removed area, floor or label leaves devices, entities and areas, as in Home Assistant."""

    def removed_floor(floor_id: str) -> None:
        for area in registries.areas.on_floor(floor_id):
            registries.areas.update(area.area_id, floor_id=None)

    def removed_area(area_id: str) -> None:
        for device in registries.devices:
            if device.area_id == area_id:
                registries.devices.update(device.id, area_id=None)
        for entity in registries.entities:
            if entity.area_id == area_id:
                registries.entities.update(entity.entity_id, area_id=None)

    def removed_label(label_id: str) -> None:
        for area in registries.areas:
            if label_id in area.labels:
                registries.areas.update(area.area_id, labels=_without(area.labels, label_id))
        for device in registries.devices:
            if label_id in device.labels:
                registries.devices.update(device.id, labels=_without(device.labels, label_id))
        for entity in registries.entities:
            if label_id in entity.labels:
                registries.entities.update(entity.entity_id, labels=_without(entity.labels, label_id))

    _on_removal(bus, "floor", removed_floor)
    _on_removal(bus, "area", removed_area)
    _on_removal(bus, "label", removed_label)


def _on_removal(bus: EventBus, kind: str, removed: Callable[[str], None]) -> None:
    def changed(event: Event) -> None:
        if event.data["action"] == "remove":
            removed(event.data[f"{kind}_id"])

    bus.listen(f"{kind}_registry_updated", changed)


def _without(labels: tuple[str, ...], label_id: str) -> tuple[str, ...]:
    return tuple(label for label in labels if label != label_id)
