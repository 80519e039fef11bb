"""One config flow: a dialog that ends in a config entry. Its answers have Home Assistant's shapes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.adapters.interfaces import ConfigEntry, Integration
from hub.core.fields import Field
from hub.discovery.form import Errors, data_schema

Step = dict[str, Any]
USER = "user"


@dataclass(slots=True, kw_only=True)
class Flow:
    """A dialog in progress. ``known`` is what discovery said already; the form asks for the rest."""

    flow_id: str
    integration: Integration
    source: str
    title: str
    unique_id: str | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def handler(self) -> str:
        """The name of the integration."""
        return self.integration.manifest.domain

    @property
    def key(self) -> tuple[str, str | None]:
        """What is being set up: integration and unique id."""
        return self.handler, self.unique_id

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields to be filled in."""
        return tuple(field for field in self.integration.form if field.name not in self.known)

    def form(self, values: Mapping[str, Any] | None = None, errors: Errors | None = None) -> Step:
        """Return the step that asks, with what was entered before and what was wrong with it, in words and as keys."""
        wrong = errors or {}
        return {
            **self._head("form"),
            "step_id": self._step_id,
            "title": self.title,
            "data_schema": data_schema(self.asked, values or {}),
            "errors": {field: error.text for field, error in wrong.items()},
            "error_keys": {field: error.key for field, error in wrong.items()},
            "description_placeholders": {"name": self.title},
            "last_step": True,
            "preview": None,
        }

    def created(self, entry: ConfigEntry) -> Step:
        """Return the step that says what was made."""
        return {
            **self._head("create_entry"),
            "title": entry.title,
            "result": _entry(entry),
            "description": None,
            "description_placeholders": None,
        }

    def aborted(self, reason: str) -> Step:
        """Return the step that ends it without an entry."""
        return {**self._head("abort"), "reason": reason, "description_placeholders": None}

    def progress(self) -> dict[str, Any]:
        """Return it as a list of flows in progress shows it."""
        return {
            "flow_id": self.flow_id,
            "handler": self.handler,
            "step_id": self._step_id,
            "context": {
                "source": self.source,
                "unique_id": self.unique_id,
                "title_placeholders": {"name": self.title},
                "discovery_key": {"domain": self.source, "key": self.unique_id or "", "version": 1},
            },
        }

    @property
    def _step_id(self) -> str:
        return USER if self.source == USER else "discovery_confirm"

    def _head(self, type: str) -> Step:  # noqa: A002 - the field's name on the wire
        return {"type": type, "flow_id": self.flow_id, "handler": self.handler}


def _entry(entry: ConfigEntry) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "domain": entry.integration,
        "title": entry.title,
        "source": entry.source,
        "disabled_by": entry.disabled_by,
        "created_at": entry.created_at,
        "modified_at": entry.modified_at,
    }
