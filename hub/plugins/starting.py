"""Starting what is configured: each config entry gets its adapter, and takes its entities with it when it is removed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import voluptuous as vol

from hub.adapters.entries import ConfigEntries
from hub.adapters.forgetting import forget_entry
from hub.adapters.interfaces import ConfigEntry, Integration
from hub.adapters.isolation import IsolatedAdapter, Limits, Offer, Refusal
from hub.adapters.supervisor import Supervisor
from hub.core.actions import ActionDescription, ActionTable
from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import COMPONENT_LOADED, INTEGRATION_CHANGED, Event
from hub.core.registry import Registries
from hub.core.states import States
from hub.errors import HubError, InvalidInput
from hub.plugins.isolation import Isolation
from hub.plugins.manager import Plugins
from hub.plugins.records import Extension, Status

_log = logging.getLogger(__name__)
_ISOLATED = "isolated"
"""The key of an integration's settings in ``hearth.yaml`` that is the hub's, not the integration's."""
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
                self._create_configured(name, number, data)
        for extension in self._plugins.all():
            manifest = extension.manifest
            if manifest is not None and manifest.default_entry is not None and not self._entries.of(extension.name):
                data = manifest.default_entry
                self._entries.create(extension.name, manifest.name, data, source="default", entry_id=extension.name)
        for entry in saved:
            self._changed(None, entry)

    def _create_configured(self, name: str, number: int, data: Mapping[str, Any]) -> None:
        own = {key: value for key, value in data.items() if key != _ISOLATED}
        entry_id = f"yaml_{name}_{number}"
        self._entries.create(name, name, own, source="yaml", entry_id=entry_id, isolated=data.get(_ISOLATED))

    def _changed(self, old: ConfigEntry | None, new: ConfigEntry | None) -> None:
        if old is not None:
            self._supervisor.stop_soon(old.entry_id, partial(self._forget, old) if new is None else None)
        if new is not None and new.disabled_by is None:
            self._start(new)
        self._publish(INTEGRATION_CHANGED, {"integration": _integration(old, new)})

    def _start(self, entry: ConfigEntry) -> None:
        try:
            extension = self._extension(entry)
            wanted = extension.manifest is not None and extension.manifest.isolated
            limits = Limits.chosen(entry.isolated, default=wanted)
            if limits is not None and self._plugins.isolation is not None:
                self._start_apart(self._plugins.isolation, extension, entry, limits)
            else:
                self._start_here(entry)
        except InvalidInput as error:
            self._refuse(entry, f"{error} of {entry.title}")
        except HubError as error:
            _log.error("%s is configured, but cannot be started: %s", entry.title, error)

    def _extension(self, entry: ConfigEntry) -> Extension:
        python = entry.isolated.get("python") if isinstance(entry.isolated, Mapping) else None
        return self._plugins.find(entry.integration, python) if python else self._plugins.get(entry.integration)

    def _start_here(self, entry: ConfigEntry) -> None:
        integration = self._plugins.load_here(entry.integration)
        if integration is None:
            return
        try:
            integration.config_schema(dict(entry.data))
        except vol.Invalid as error:
            self._refuse(entry, f"{error} in the settings of {entry.title}")
        else:
            self._offer(entry, integration.actions)
            self._supervisor.start(integration, entry)

    def _start_apart(self, isolation: Isolation, extension: Extension, entry: ConfigEntry, limits: Limits) -> None:
        """Start the adapter in a process of its own: there its code is loaded and its settings are checked."""
        if extension.manifest is None or extension.status not in (Status.LOADED, Status.NOT_CONFIGURED):
            return
        extension.isolated = extension.isolated or extension.integration is None
        adapter = partial(
            IsolatedAdapter,
            isolation.launch(extension, limits),
            offered=lambda offer: self._offered(isolation, extension, entry, limits, offer),
            refused=lambda refusal: self._refused(extension, entry, refusal),
        )
        self._supervisor.start(Integration(manifest=extension.manifest, make=adapter), entry)

    def _offered(
        self, isolation: Isolation, extension: Extension, entry: ConfigEntry, limits: Limits, offer: Offer
    ) -> None:
        if extension.isolated:
            isolation.note(extension, offer, limits)
        self._offer(entry, offer.actions)

    def _refused(self, extension: Extension, entry: ConfigEntry, refusal: Refusal) -> None:
        self._refuse(entry, str(refusal))
        if refusal.broken:
            extension.status = Status.BROKEN
        self._supervisor.stop_soon(entry.entry_id)
        self._publish(INTEGRATION_CHANGED, {"integration": entry.integration})

    def _offer(self, entry: ConfigEntry, actions: Iterable[ActionDescription]) -> None:
        for action in actions:
            self._table.add(action)
        self._publish(COMPONENT_LOADED, {"component": entry.integration})

    def _refuse(self, entry: ConfigEntry, reason: str) -> None:
        extension = self._plugins.get(entry.integration)
        extension.status, extension.reason = Status.NOT_CONFIGURED, reason
        _log.error("The integration %s is not started: %s", entry.integration, reason)

    def _forget(self, entry: ConfigEntry) -> None:
        forget_entry(entry.entry_id, self._registries, self._states, Context("hub"))

    def _publish(self, type_: str, data: Mapping[str, Any]) -> None:
        self._bus.publish(Event(type_, data, Context("hub"), self._clock.time()))


def _integration(old: ConfigEntry | None, new: ConfigEntry | None) -> str | None:
    entry = new or old
    return entry.integration if entry is not None else None
