"""What the hub remembers of floors, areas, labels, devices and entities."""

from hub.core.registry.base import Registry
from hub.core.registry.categories import Category, CategoryRegistry
from hub.core.registry.devices import Device, DeviceRegistry
from hub.core.registry.entities import Entity, EntityRegistry
from hub.core.registry.places import Area, AreaRegistry, Floor, FloorRegistry, Label, LabelRegistry
from hub.core.registry.registries import Registries

__all__ = [
    "Area",
    "AreaRegistry",
    "Category",
    "CategoryRegistry",
    "Device",
    "DeviceRegistry",
    "Entity",
    "EntityRegistry",
    "Floor",
    "FloorRegistry",
    "Label",
    "LabelRegistry",
    "Registries",
    "Registry",
]
