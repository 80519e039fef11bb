"""What the dashboard may change of the settings; ``hearth.yaml``, written by hand, goes before it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Protocol

import voluptuous as vol

from hub.config.settings import FILE, PARTS, Settings, known_time_zone
from hub.errors import InvalidInput, Refused

VERSION = 1
EDITABLE = (
    "name",
    "language",
    "time_zone",
    "latitude",
    "longitude",
    "elevation",
    "currency",
    "country",
    "internal_url",
    "external_url",
)
_SCHEMA = vol.Schema({key: PARTS[key] if key != "time_zone" else known_time_zone for key in EDITABLE})


class Document(Protocol):
    """Where the changes are kept."""

    def load(self, version: int, migrate: Any) -> dict[str, Any] | None:
        """Return what was saved, or None."""

    def save(self, version: int, data: Any) -> None:
        """Write ``data()`` soon."""


class HomeSettings:
    """The settings in force: the defaults, over them what was changed in the dashboard, over that ``hearth.yaml``."""

    def __init__(self, settings: Settings, store: Document) -> None:
        self._store = store
        saved = store.load(VERSION, lambda data, _: data) or {}
        self._changed = {key: value for key, value in saved.items() if key in EDITABLE}
        own = {key: value for key, value in self._changed.items() if key not in settings.written}
        self.settings = dataclasses.replace(settings, **own)

    def update(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change settings for good and return those that are different now.

        Raises InvalidInput for what is not expected, Refused for what ``hearth.yaml`` says.
        """
        try:
            checked: dict[str, Any] = _SCHEMA(dict(changes))
        except vol.Invalid as error:
            raise InvalidInput(str(error), path=tuple(str(part) for part in error.path)) from None
        written = sorted(key for key in checked if key in self.settings.written)
        if written:
            raise Refused(f"Expected something that {FILE} leaves open: change {', '.join(written)} there")
        different = {key: value for key, value in checked.items() if getattr(self.settings, key) != value}
        self._changed |= different
        self.settings = dataclasses.replace(self.settings, **different)
        self._store.save(VERSION, lambda: dict(self._changed))
        return different
