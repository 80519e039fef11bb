"""Starting what is configured: each config entry gets its adapter, and takes its entities with it when it is removed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import voluptuous as vol

from hub.adapters.entries import ConfigEntries
from hub.adapters.interfaces import ConfigEntry
from hub.adapters.supervisor import Supervisor
from hub.core.actions import ActionTable
from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import COMPONENT_LOADED, INTEGRATION_CHANGED, Event
from hub.core.registry import Registries
from hub.core.states import States
from hub.errors import HubError
from hub.plugins.manager import Plugins
from hub.plugins.records import Status

_log = logging.getLogger(__name__)
_PASSING = ("yaml", "default")
"""Sources of entries that are not saved: they come anew at each start."""


class Starter:
    """Follows the config entries: starts, restarts and stops their adapters."""

    def __init__(
        self,
        plugins: Plugins,
        supervisor: Supervisor,
        entries: ConfigEntries,
        table: ActionTable,
        registries: Registries,
        states: States,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._plugins = plugins
        self._supervisor = supervisor
        self._entries = entries
        self._table = table
        self._registries = registries
        self._states = states
        self._bus = bus
        self._clock = clock
        entries.listen(self._changed)

    def start(self, configured: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        """Start every entry: those of ``hearth.yaml`` (``configured``), those that need no configuration, and those saved.

        What cannot be started is logged and shown with its reason; the rest starts.
        """
        saved = [entry for entry in self._entries if entry.source not in _PASSING]
        for name, datas in configured.items():
            for number, data in enumerate(datas):
                self._entries.create(name, name, data, source="yaml", entry_id=f"yaml_{name}_{number}")
        for extension in self._plugins.all():
            manifest = extension.manifest
            if manifest is not None and manifest.default_entry is not None and not self._entries.of(extension.name):
                data = manifest.default_entry
                self._entries.create(extension.name, manifest.name, data, source="default", entry_id=extension.name)
        for entry in saved:
            self._changed(None, entry)

    def _changed(self, old: ConfigEntry | None, new: ConfigEntry | None) -> None:
        if old is not None:
            self._supervisor.stop_soon(old.entry_id, partial(self._forget, old) if new is None else None)
        if new is not None and new.disabled_by is None:
            self._start(new)
        self._publish(INTEGRATION_CHANGED, {"integration": _integration(old, new)})

    def _start(self, entry: ConfigEntry) -> None:
        try:
            integration = self._plugins.load(entry.integration)
            if integration is None:
                return
            integration.config_schema(dict(entry.data))
        except vol.Invalid as error:
            self._refuse(entry, f"{error} in the settings of {entry.title}")
            return
        except HubError as error:
            _log.error("%s is configured, but cannot be started: %s", entry.title, error)
            return
        for action in integration.actions:
            self._table.add(action)
        self._supervisor.start(integration, entry)
        self._publish(COMPONENT_LOADED, {"component": entry.integration})

    def _refuse(self, entry: ConfigEntry, reason: str) -> None:
        extension = self._plugins.get(entry.integration)
        extension.status, extension.reason = Status.NOT_CONFIGURED, reason
        _log.error("The integration %s is not started: %s", entry.integration, reason)

    def _forget(self, entry: ConfigEntry) -> None:
        for entity in self._registries.entities.of_entry(entry.entry_id):
            self._registries.entities.remove(entity.entity_id)
            self._states.remove(entity.entity_id, context=Context("hub"))
        for device in self._registries.devices:
            if device.config_entries == (entry.entry_id,):
                self._registries.devices.remove(device.id)

    def _publish(self, type_: str, data: Mapping[str, Any]) -> None:
        self._bus.publish(Event(type_, data, Context("hub"), self._clock.time()))


def _integration(old: ConfigEntry | None, new: ConfigEntry | None) -> str | None:
    entry = new or old
    return entry.integration if entry is not None else None
