"""Commands on floors, areas, labels, devices and entities."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

import voluptuous as vol

from hub.adapters.forgetting import forget
from hub.core.registry import Area, AreaRegistry, Device, Entity, Floor, FloorRegistry, Label, LabelRegistry, Registries
from hub.core.states import States
from hub.errors import NotFound
from hub.security import Sight
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection

_TEXT = vol.Any(str, None)
_NAMES: Mapping[Any, Any] = {"icon": _TEXT}
_FIELDS: Mapping[str, Mapping[Any, Any]] = {
    "area": {
        **_NAMES,
        "aliases": [str],
        "floor_id": _TEXT,
        "labels": [str],
        "picture": _TEXT,
        "temperature_entity_id": _TEXT,
        "humidity_entity_id": _TEXT,
    },
    "floor": {**_NAMES, "aliases": [str], "level": vol.Any(int, None)},
    "label": {**_NAMES, "color": _TEXT, "description": _TEXT},
}
_ROW = (
    "area_id",
    "config_entry_id",
    "created_at",
    "device_id",
    "disabled_by",
    "entity_category",
    "entity_id",
    "has_entity_name",
    "hidden_by",
    "icon",
    "id",
    "labels",
    "modified_at",
    "name",
    "original_name",
    "translation_key",
    "unique_id",
)
_CATEGORIES = {"config": 0, "diagnostic": 1}
_PLACES: Mapping[str, Callable[[Sight], Container[str]]] = {
    "area": Sight.areas,
    "floor": Sight.floors,
    "label": Sight.labels,
}


class RegistryCommands:
    """``config/*_registry/*`` and ``hearth/overview``."""

    def __init__(self, registries: Registries, states: States, home_name: Callable[[], str]) -> None:
        self._registries = registries
        self._states = states
        self._home_name = home_name

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        registries = self._registries
        yield from _place_commands("area", registries.areas)
        yield from _place_commands("floor", registries.floors)
        yield from _place_commands("label", registries.labels)
        yield Command(
            name="config/device_registry/list",
            needs=Needs.LOGIN,
            summary="List the devices.",
            handler=self._list_devices,
        )
        yield Command(name="config/device_registry/update", needs=Needs.ADMIN, summary="Change a device's area, name, labels.",
                      handler=self._update_device, fields={
            vol.Required("device_id"): str, "area_id": _TEXT, "name_by_user": _TEXT, "labels": [str],
            "disabled_by": vol.Any("user", None)})  # fmt: skip
        entity_id = {vol.Required("entity_id"): str}
        yield Command(
            name="config/entity_registry/list",
            needs=Needs.LOGIN,
            summary="List the entities.",
            handler=self._list_entities,
        )
        yield Command(
            name="config/entity_registry/list_for_display",
            needs=Needs.LOGIN,
            summary="List the entities in short.",
            handler=self._list_for_display,
        )
        yield Command(
            name="config/entity_registry/get",
            needs=Needs.LOGIN,
            summary="Return everything remembered of an entity.",
            fields=entity_id,
            handler=self._get_entity,
        )
        yield Command(name="config/entity_registry/update", needs=Needs.ADMIN, summary="Change an entity's name, area, id and the like.",
                      handler=self._update_entity, fields={
            **entity_id, "area_id": _TEXT, "name": _TEXT, "icon": _TEXT, "aliases": [str], "labels": [str],
            "disabled_by": vol.Any("user", None), "hidden_by": vol.Any("user", None), "new_entity_id": str,
            "categories": {str: _TEXT}})  # fmt: skip
        yield Command(
            name="config/entity_registry/remove",
            needs=Needs.ADMIN,
            summary="Forget an entity, and its device with its last one.",
            handler=self._remove_entity,
            fields=entity_id,
        )
        yield Command(
            name="hearth/overview",
            needs=Needs.LOGIN,
            summary="Return floors, areas, devices and entities at once.",
            handler=self._overview,
        )

    def _update_device(self, connection: Connection, message: dict[str, Any]) -> Any:
        return device_row(self._registries.devices.update(message["device_id"], **_changes(message, "device_id")))

    def _list_devices(self, connection: Connection, message: dict[str, Any]) -> Any:
        seen = connection.sight.devices()
        return [device_row(device) for device in self._registries.devices if device.id in seen]

    def _list_entities(self, connection: Connection, message: dict[str, Any]) -> Any:
        return [entity_row(entity) for entity in self._seen(connection)]

    def _seen(self, connection: Connection) -> Iterable[Entity]:
        return connection.sight.among(self._registries.entities, lambda entity: entity.entity_id)

    def _get_entity(self, connection: Connection, message: dict[str, Any]) -> Any:
        entity_id = message["entity_id"]
        if not connection.sight.sees(entity_id):
            raise NotFound(f"Expected the id of an entity, got {entity_id!r}")
        return entity_details(self._registries.entities.require(entity_id))

    def _update_entity(self, connection: Connection, message: dict[str, Any]) -> Any:
        changes = _changes(message, "entity_id")
        if "categories" in changes:  # None takes the entity out of a category
            known = self._registries.entities.require(message["entity_id"]).categories
            merged = {**known, **changes["categories"]}
            changes["categories"] = {scope: category for scope, category in merged.items() if category is not None}
        entity = self._registries.entities.update(message["entity_id"], **changes)
        return {"entity_entry": entity_details(entity)}

    def _remove_entity(self, connection: Connection, message: dict[str, Any]) -> None:
        entity = self._registries.entities.require(message["entity_id"])
        forget(entity, entity.config_entry_id, self._registries, self._states, connection.context())

    def _list_for_display(self, connection: Connection, message: dict[str, Any]) -> Any:
        names = {str(number): name for name, number in _CATEGORIES.items()}
        shown = [_display_row(entity) for entity in self._seen(connection) if entity.disabled_by is None]
        return {"entity_categories": names, "entities": shown}

    def _overview(self, connection: Connection, message: dict[str, Any]) -> Any:
        registries, sight = self._registries, connection.sight
        floors, areas, devices = sight.floors(), sight.areas(), sight.devices()
        return {
            "name": self._home_name(),
            "floors": [
                _only(floor, "floor_id", "name", "level", "icon")
                for floor in registries.floors
                if floor.floor_id in floors
            ],
            "areas": [
                _only(area, "area_id", "name", "floor_id", "icon") for area in registries.areas if area.area_id in areas
            ],
            "devices": [
                {**_only(device, "id", "area_id", "manufacturer", "model", "integration"), "name": device.shown_name}
                for device in registries.devices
                if device.id in devices
            ],
            "entities": [self._overview_row(entity) for entity in self._seen(connection) if entity.disabled_by is None],
        }

    def _overview_row(self, entity: Entity) -> dict[str, Any]:
        area = self._registries.area_of(entity)
        return {
            **_only(entity, "entity_id", "device_id", "integration"),
            "name": self._registries.name_of(entity),
            "area_id": area.area_id if area else None,
            "category": entity.entity_category,
            "hidden": entity.hidden_by is not None,
        }


def _place_commands(kind: str, registry: AreaRegistry | FloorRegistry | LabelRegistry) -> Iterable[Command]:
    id_field, fields = f"{kind}_id", _FIELDS[kind]
    key = {vol.Required(id_field): str}

    def list_seen(connection: Connection, _: dict[str, Any]) -> Any:
        seen = _PLACES[kind](connection.sight)
        return [place_row(item) for item in registry if getattr(item, id_field) in seen]

    def create(_: Connection, message: dict[str, Any]) -> Any:
        return place_row(registry.create(**_changes(message)))

    def update(_: Connection, message: dict[str, Any]) -> Any:
        return place_row(registry.update(message[id_field], **_changes(message, id_field)))

    def delete(_: Connection, message: dict[str, Any]) -> None:
        registry.remove(message[id_field])

    def reorder(_: Connection, message: dict[str, Any]) -> None:
        registry.reorder(message[f"{id_field}s"])

    prefix, article = f"config/{kind}_registry", "an" if kind == "area" else "a"
    yield Command(name=f"{prefix}/list", needs=Needs.LOGIN, summary=f"List the {kind}s.", handler=list_seen)
    yield Command(
        name=f"{prefix}/create",
        needs=Needs.ADMIN,
        summary=f"Add {article} {kind}.",
        handler=create,
        fields={vol.Required("name"): str, **fields},
    )
    yield Command(
        name=f"{prefix}/update",
        needs=Needs.ADMIN,
        summary=f"Change {article} {kind}.",
        handler=update,
        fields={**key, "name": str, **fields},
    )
    yield Command(
        name=f"{prefix}/delete", needs=Needs.ADMIN, summary=f"Remove {article} {kind}.", handler=delete, fields=key
    )
    yield Command(
        name=f"{prefix}/reorder",
        needs=Needs.ADMIN,
        summary=f"Put the {kind}s in order.",
        handler=reorder,
        fields={vol.Required(f"{id_field}s"): [str]},
    )


def _changes(message: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    changes = {key: value for key, value in message.items() if key not in ("id", "type", *keys)}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in changes.items()}


def _only(item: Any, *keys: str) -> dict[str, Any]:
    return {key: getattr(item, key) for key in keys}


def place_row(item: Area | Floor | Label) -> dict[str, Any]:
    """Return a floor, area or label in Home Assistant's form."""
    return dataclasses.asdict(item)


def device_row(device: Device) -> dict[str, Any]:
    """Return a device in Home Assistant's form."""
    row = dataclasses.asdict(device)
    del row["integration"]
    first = device.config_entries[0] if device.config_entries else None
    row["config_entries_subentries"] = {entry: [None] for entry in device.config_entries}
    return {**row, "entry_type": None, "primary_config_entry": first}


def entity_row(entity: Entity) -> dict[str, Any]:
    """Return an entity as a list shows it, in Home Assistant's form."""
    expose = {"conversation": {"should_expose": entity.entity_category is None and entity.hidden_by is None}}
    own = {
        "categories": dict(entity.categories),
        "config_subentry_id": None,
        "options": expose,
        "platform": entity.integration,
    }
    return {**_only(entity, *_ROW), **own}


def entity_details(entity: Entity) -> dict[str, Any]:
    """Return everything of an entity, in Home Assistant's form."""
    return {
        **entity_row(entity),
        "aliases": list(entity.aliases),
        "capabilities": entity.capabilities or None,
        "device_class": None,
        "original_device_class": entity.device_class,
        "original_icon": None,
    }


def _display_row(entity: Entity) -> dict[str, Any]:
    row: dict[str, Any] = {"ei": entity.entity_id, "pl": entity.integration, "lb": list(entity.labels)}
    optional = {"ai": entity.area_id, "di": entity.device_id, "tk": entity.translation_key, "ic": entity.icon}
    row |= {key: value for key, value in optional.items() if value}
    if entity.entity_category in _CATEGORIES:
        row["ec"] = _CATEGORIES[entity.entity_category]
    if entity.hidden_by:
        row["hb"] = True
    if entity.has_entity_name:
        row["hn"] = True
    if entity.name or entity.original_name:
        row["en"] = entity.name or entity.original_name
    return row
