"""Devices: what groups entities; keyed by identifiers and connections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.ids import new_id
from hub.core.ports import Store
from hub.core.registry.base import Registry

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A physical or logical device.

    ``identifiers`` are (integration, id), ``connections`` (kind, address) such as ("mac", "aa:bb:..").
    ``name_by_user`` overrides ``name``.
    """

    id: str
    identifiers: tuple[Pair, ...] = ()
    connections: tuple[Pair, ...] = ()
    config_entries: tuple[str, ...] = ()
    integration: str = ""
    name: str | None = None
    name_by_user: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    model_id: str | None = None
    sw_version: str | None = None
    hw_version: str | None = None
    serial_number: str | None = None
    configuration_url: str | None = None
    via_device_id: str | None = None
    area_id: str | None = None
    labels: tuple[str, ...] = ()
    disabled_by: str | None = None
    created_at: float = 0.0
    modified_at: float = 0.0

    @property
    def shown_name(self) -> str | None:
        """The user's name for it, or its own."""
        return self.name_by_user or self.name


class DeviceRegistry(Registry[Device]):
    """All devices."""

    kind: ClassVar[str] = "device"
    id_field: ClassVar[str] = "id"
    item_class: ClassVar[type[Any]] = Device

    def __init__(self, store: Store, bus: EventBus, clock: Clock) -> None:
        super().__init__(store, bus, clock)
        self._keys: dict[tuple[str, str, str], str] = {}

    def ensure(
        self,
        *,
        identifiers: Iterable[Pair] = (),
        connections: Iterable[Pair] = (),
        config_entry: str | None = None,
        **values: Any,
    ) -> Device:
        """Return the device with one of these identifiers or connections, added or brought up to date with ``values``.

        A value of None leaves what is known.
        """
        identifiers, connections = tuple(identifiers), tuple(connections)
        known = self.find(identifiers, connections)
        entries = (config_entry,) if config_entry else ()
        values = {key: value for key, value in values.items() if value is not None}
        if known is None:
            now = self._clock.time()
            device = Device(
                id=new_id(), identifiers=identifiers, connections=connections, config_entries=entries,
                created_at=now, modified_at=now, **values,
            )  # fmt: skip
            return self._put(device, "create")
        if known.area_id is not None:
            values.pop("area_id", None)  # the user's choice stays
        merged = {
            "identifiers": _union(known.identifiers, identifiers),
            "connections": _union(known.connections, connections),
            "config_entries": _union(known.config_entries, entries),
        }
        return self._update(known.id, {**values, **merged})

    def find(self, identifiers: Iterable[Pair], connections: Iterable[Pair] = ()) -> Device | None:
        """Return the device that has one of these identifiers or connections, or None."""
        keys = [("identifier", *pair) for pair in identifiers] + [("connection", *pair) for pair in connections]
        return next((self._items[self._keys[key]] for key in keys if key in self._keys), None)

    def update(self, id: str, **changes: Any) -> Device:  # noqa: A002
        """Change a device's fields.

        Raises NotFound.
        """
        return self._update(id, changes)

    def in_area(self, area_id: str) -> list[Device]:
        """Return the devices of an area."""
        return [device for device in self if device.area_id == area_id]

    def decode(self, row: Mapping[str, Any]) -> Device:
        pairs = {key: tuple(tuple(pair) for pair in row.get(key, ())) for key in ("identifiers", "connections")}
        return super().decode({**row, **pairs})

    def index(self, old: Device | None, new: Device | None) -> None:
        for key in _index_keys(old):
            self._keys.pop(key, None)
        for key in _index_keys(new):
            self._keys[key] = new.id  # type: ignore[union-attr]


def _index_keys(device: Device | None) -> list[tuple[str, str, str]]:
    if device is None:
        return []
    return [("identifier", *pair) for pair in device.identifiers] + [("connection", *p) for p in device.connections]


def _union(first: tuple[Any, ...], second: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*first, *(item for item in second if item not in first))
