"""Commands on what belongs to what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.core.actions import Target
from hub.core.registry import Registries
from hub.server.needs import Needs
from hub.server.related import Related
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection

ITEM_TYPES = (
    "area",
    "automation",
    "automation_blueprint",
    "config_entry",
    "device",
    "entity",
    "floor",
    "group",
    "integration",
    "label",
    "person",
    "scene",
    "script",
    "script_blueprint",
)


class SearchCommands:
    """search/related, extract_from_target, entity/source."""

    def __init__(self, related: Related, registries: Registries) -> None:
        self._related = related
        self._registries = registries

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        target = {str: vol.Any(str, [str], None)}
        return (
            Command(name="search/related", needs=Needs.HOUSE, handler=self._search, summary="List what has to do with something.",
                    fields={vol.Required("item_type"): vol.In(ITEM_TYPES), vol.Required("item_id"): str}),
            Command(name="extract_from_target", needs=Needs.HOUSE, handler=self._extract, summary="List the entities that a target means.",
                    fields={vol.Required("target"): target, vol.Optional("expand_group", default=False): bool}),
            Command(name="entity/source", needs=Needs.LOGIN, handler=self._sources, summary="Name the integration behind each entity."),
        )  # fmt: skip

    def _search(self, connection: Connection, message: dict[str, Any]) -> Any:
        return self._related.to(message["item_type"], message["item_id"])

    def _sources(self, connection: Connection, message: dict[str, Any]) -> Any:
        seen = connection.sight.among(self._registries.entities, lambda entity: entity.entity_id)
        return {entity.entity_id: {"domain": entity.integration} for entity in seen}

    def _extract(self, connection: Connection, message: dict[str, Any]) -> Any:
        registries, target = self._registries, Target.parse(message["target"])
        direct, found = registries.resolve(target)
        areas = {
            *target.area_id,
            *(area.area_id for floor in target.floor_id for area in registries.areas.on_floor(floor)),
        }
        labels = set(target.label_id)
        areas |= {area.area_id for area in registries.areas if labels & set(area.labels)}
        devices = {*target.device_id, *(device.id for area in areas for device in registries.devices.in_area(area))}
        return {
            "referenced_entities": [*direct, *found],
            "referenced_devices": sorted(devices),
            "referenced_areas": sorted(areas),
            "missing_devices": _missing(target.device_id, registries.devices),
            "missing_areas": _missing(target.area_id, registries.areas),
            "missing_floors": _missing(target.floor_id, registries.floors),
            "missing_labels": _missing(target.label_id, registries.labels),
        }


def _missing(ids: Iterable[str], registry: Any) -> list[str]:
    return [id_ for id_ in ids if registry.get(id_) is None]
