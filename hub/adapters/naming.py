"""Names: what an entity's id and friendly name are made of, as in Home Assistant 2026.2."""

from __future__ import annotations

from hub.adapters.interfaces import EntityDescription


def suggested_object_id(description: EntityDescription, device_name: str | None, *, integration: str = "") -> str:
    """Return the text whose slug becomes the object id of a new entity.

    The description's own ``object_id`` wins, and never gets the device's name before it. Otherwise it is the full name;
    without any name, the integration's name and the unique id. ``device_name`` is the one shown, the user's before the
    device's own. Words that both names share are kept: "Lamp" and "Lamp power" make "Lamp Lamp power".
    """
    own = (description.object_id or "").removeprefix(f"{description.domain}.")
    name = own or full_name(description.name, device_name if description.has_entity_name else None)
    return name or "_".join(part for part in (integration, description.unique_id) if part)


def full_name(name: str | None, device_name: str | None) -> str | None:
    """Return the device's name and the entity's, or the one that there is, or None."""
    return " ".join(part for part in (device_name, name) if part) or None
