"""Which of Home Assistant's entities are brought here, and why the others are not. Pure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from enum import StrEnum
from fnmatch import translate

from hearth_home_assistant.registry import DeviceRow, EntityRow

OUR_PLATFORM = "home_assistant"
"""What a Hearth calls the integration of entities that it got over this bridge."""
OUR_MARK = "hearth:"
"""How unique ids and device identifiers begin that a Hearth announces by MQTT discovery."""


class LeftOut(StrEnum):
    """Why an entity stays behind."""

    UNKNOWN_DOMAIN = "unknown_domain"
    FILTERED = "filtered"
    DISABLED = "disabled"
    HIDDEN = "hidden"
    OURS = "ours"


class Choice:
    """Decides by domain and by globs on entity ids: ``include`` first, ``exclude`` takes away again."""

    def __init__(self, domains: Container[str], include: Iterable[str], exclude: Iterable[str]) -> None:
        self._domains = domains
        self._include = _any_of(include)
        self._exclude = _any_of(exclude)

    def by_id(self, entity_id: str) -> LeftOut | None:
        """Say why an entity is left out for its id alone; None if it is not."""
        if not self._include.fullmatch(entity_id) or self._exclude.fullmatch(entity_id):
            return LeftOut.FILTERED
        return None if entity_id.partition(".")[0] in self._domains else LeftOut.UNKNOWN_DOMAIN

    def reason(self, entity_id: str, row: EntityRow | None, device: DeviceRow | None) -> LeftOut | None:
        """Say why an entity is left out; None if it is brought here. ``row`` is None for one that is not registered."""
        if row is None:
            return self.by_id(entity_id)
        if row.disabled_by is not None:
            return LeftOut.DISABLED
        if row.hidden_by is not None:
            return LeftOut.HIDDEN
        return LeftOut.OURS if _is_ours(row, device) else self.by_id(entity_id)


def _is_ours(row: EntityRow, device: DeviceRow | None) -> bool:
    """Say whether it came from a Hearth: brought back, it would be brought back without end."""
    if row.platform == OUR_PLATFORM:
        return True
    identifiers = device.identifiers if device else ()
    announced = [row.unique_id, *(identifier.removeprefix("mqtt:") for identifier in identifiers)]
    return row.platform == "mqtt" and any(text.startswith(OUR_MARK) for text in announced)


def _any_of(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs) or r"(?!)")
