"""What a state says of its entity, whatever its device reports: unit, device class, icon, name, features."""

from __future__ import annotations

from typing import Any

from hub.core.registry import Entity, Registries
from hub.entities import DOMAINS


def standing_attributes(
    entity: Entity,
    registries: Registries,
    *,
    icon: str | None = None,
    picture: str | None = None,
    assumed_state: bool = False,
) -> dict[str, Any]:
    """Return the attributes that every state of a registered entity ends with.

    ``icon`` is the integration's, which the user's goes before; ``picture`` and ``assumed_state`` are not remembered.
    """
    values = {
        "assumed_state": assumed_state or None,
        "entity_picture": picture,
        "unit_of_measurement": entity.unit,
        "device_class": entity.device_class,
        "icon": entity.icon or icon,
        "friendly_name": registries.name_of(entity),
    }
    known = {key: value for key, value in values.items() if value is not None}
    domain = DOMAINS.get(entity.domain)
    return domain.state_attributes(entity.supported_features, known) if domain else known
