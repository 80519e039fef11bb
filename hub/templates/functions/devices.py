"""Devices and integrations: what belongs to them and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hub.core.registry import Device
from hub.templates.functions.function import Function, Use
from hub.templates.home import Home


def functions(home: Home) -> Iterable[Function]:
    """Return the functions that look at devices."""
    devices = _Devices(home)
    for name in ("device_entities", "device_id", "device_name", "device_attr", "integration_entities"):
        yield Function(name=name, call=getattr(devices, name), limited=False)
    uses = Use.GLOBAL | Use.TEST
    yield Function(name="is_device_attr", call=devices.is_device_attr, uses=uses, limited=False)
    yield Function(name="is_hidden_entity", call=devices.is_hidden_entity, uses=uses, limited=False)


class _Devices:
    def __init__(self, home: Home) -> None:
        self._registries = home.registries

    def device_entities(self, device_id: str) -> list[str]:
        return [entity.entity_id for entity in self._registries.entities.of_device(device_id)]

    def device_id(self, value: Any) -> str | None:
        entity = self._registries.entities.get(str(value))
        if entity is not None:
            return entity.device_id
        return next((device.id for device in self._registries.devices if device.shown_name == str(value)), None)

    def device_name(self, value: Any) -> str | None:
        device = self._device(value)
        return device.shown_name if device else None

    def device_attr(self, value: Any, name: str) -> Any:
        known = name in Device.__dataclass_fields__
        device = self._device(value)
        return getattr(device, name) if known and device else None

    def is_device_attr(self, value: Any, name: str, expected: Any) -> bool:
        return bool(self.device_attr(value, name) == expected)

    def is_hidden_entity(self, entity_id: str) -> bool:
        entity = self._registries.entities.get(entity_id)
        return entity is not None and entity.hidden_by is not None

    def integration_entities(self, name: str) -> list[str]:
        return [entity.entity_id for entity in self._registries.entities if entity.integration == name]

    def _device(self, value: Any) -> Device | None:
        entity = self._registries.entities.get(str(value))
        return self._registries.devices.get(entity.device_id if entity else str(value))
