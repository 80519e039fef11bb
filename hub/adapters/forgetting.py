"""Forgetting entities and the devices that then have none: of an adapter that takes one back, of an entry that is removed."""

from __future__ import annotations

from hub.core.context import Context
from hub.core.registry import Device, Entity, Registries
from hub.core.states import States


def forget(entity: Entity, entry_id: str | None, registries: Registries, states: States, context: Context) -> None:
    """Forget an entity of a config entry, or of none; its device too, unless it has entities left or another entry knows it."""
    registries.entities.remove(entity.entity_id)
    states.remove(entity.entity_id, context=context)
    device = registries.device_of(entity)
    if device is not None:
        _leave(device, entry_id, registries)


def forget_entry(entry_id: str, registries: Registries, states: States, context: Context) -> None:
    """Forget the entities of a config entry, and every device that only it knows."""
    for entity in registries.entities.of_entry(entry_id):
        forget(entity, entry_id, registries, states, context)
    for device in registries.devices:
        if entry_id in device.config_entries:
            _leave(device, entry_id, registries)


def _leave(device: Device, entry_id: str | None, registries: Registries) -> None:
    """Let the entry leave a device in which it has no entity any more; the last to leave takes it along."""
    entities = registries.entities.of_device(device.id)
    if any(entity.config_entry_id == entry_id for entity in entities):
        return
    others = tuple(entry for entry in device.config_entries if entry != entry_id)
    if entities or others:
        registries.devices.update(device.id, config_entries=others)
    else:
        registries.devices.remove(device.id)
