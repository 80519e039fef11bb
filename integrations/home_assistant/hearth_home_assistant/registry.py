"""Home Assistant's registries: what it knows of its areas, devices and entities. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub import ConnectionLost

_DEVICE_TEXTS = (
    "area_id",
    "via_device_id",
    "manufacturer",
    "model",
    "model_id",
    "sw_version",
    "hw_version",
    "serial_number",
    "configuration_url",
)
_ENTITY_TEXTS = (
    "device_id",
    "area_id",
    "name",
    "original_name",
    "entity_category",
    "disabled_by",
    "hidden_by",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRow:
    """An area, with the name and level of its floor."""

    area_id: str
    name: str
    icon: str | None = None
    floor: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device. ``name`` is the one that Home Assistant shows."""

    id: str
    name: str | None = None
    area_id: str | None = None
    via_device_id: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    model_id: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    serial_number: str | None = None
    configuration_url: str | None = None
    connections: tuple[tuple[str, str], ...] = ()
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRow:
    """A registered entity. ``id`` stays when it is renamed; ``name`` is the user's."""

    id: str
    entity_id: str
    unique_id: str
    platform: str
    device_id: str | None = None
    area_id: str | None = None
    name: str | None = None
    original_name: str | None = None
    has_entity_name: bool = False
    entity_category: str | None = None
    disabled_by: str | None = None
    hidden_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """All registries at one moment; areas and devices by id, entities by entity id."""

    areas: Mapping[str, AreaRow]
    devices: Mapping[str, DeviceRow]
    entities: Mapping[str, EntityRow]

    @staticmethod
    def parse(areas: Any, floors: Any, devices: Any, entities: Any) -> Home:
        """Return what the four ``list`` commands answered; an older Home Assistant has no floors (None).

        Raises ConnectionLost if they are not what was expected.
        """
        try:
            on = {floor["floor_id"]: floor for floor in floors or ()}
            return Home(
                areas={row["area_id"]: _area(row, on) for row in areas},
                devices={row["id"]: _device(row) for row in devices},
                entities={row["entity_id"]: _entity(row) for row in entities},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConnectionLost(f"Expected Home Assistant's registries, got something else: {error!r}") from None

    def depth(self, device_id: str | None) -> int:
        """Return how many devices a device is reached through."""
        passed: set[str] = set()
        while device_id is not None and device_id in self.devices and device_id not in passed:
            passed.add(device_id)
            device_id = self.devices[device_id].via_device_id
        return len(passed)


def _area(row: Mapping[str, Any], floors: Mapping[str, Mapping[str, Any]]) -> AreaRow:
    floor = floors.get(row.get("floor_id") or "", {})
    return AreaRow(
        area_id=row["area_id"],
        name=row["name"],
        icon=row.get("icon"),
        floor=floor.get("name"),
        level=floor.get("level"),
    )


def _device(row: Mapping[str, Any]) -> DeviceRow:
    return DeviceRow(
        id=row["id"],
        name=_text(row.get("name_by_user") or row.get("name")),
        connections=tuple((str(kind), str(address)) for kind, address, *_ in row.get("connections", ())),
        identifiers=tuple(":".join(map(str, pair)) for pair in row.get("identifiers", ())),
        **{name: _text(row.get(name)) for name in _DEVICE_TEXTS},
    )


def _entity(row: Mapping[str, Any]) -> EntityRow:
    return EntityRow(
        id=row["id"],
        entity_id=row["entity_id"],
        unique_id=str(row["unique_id"]),
        platform=row["platform"],
        has_entity_name=row.get("has_entity_name") is True,
        **{name: _text(row.get(name)) for name in _ENTITY_TEXTS},
    )


def _text(value: Any) -> str | None:
    """Return a text; some integrations of Home Assistant give numbers where names belong."""
    return None if value is None else str(value)
