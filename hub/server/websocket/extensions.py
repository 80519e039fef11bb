"""Commands on integrations, config entries and what was discovered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.adapters.entries import ConfigEntries
from hub.adapters.interfaces import ConfigEntry
from hub.adapters.supervisor import Health, Supervisor
from hub.core.bus import EventBus
from hub.core.events import FLOW_CHANGED, INTEGRATION_CHANGED, Event
from hub.core.registry import Registries
from hub.discovery import Flows
from hub.plugins.manager import Plugins
from hub.plugins.records import Extension, Status
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection


class ExtensionCommands:
    """hearth/integration/*, config_entries/*."""

    def __init__(
        self,
        plugins: Plugins,
        supervisor: Supervisor,
        entries: ConfigEntries,
        flows: Flows,
        registries: Registries,
        bus: EventBus,
    ) -> None:
        self._plugins = plugins
        self._supervisor = supervisor
        self._entries = entries
        self._flows = flows
        self._registries = registries
        self._bus = bus

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        flow = {vol.Required("flow_id"): str}
        return (
            Command(name="hearth/integration/list", handler=lambda *_: self.rows()),
            Command(name="hearth/integration/subscribe", handler=self._subscribe_integrations),
            Command(name="config_entries/get", handler=self._get, fields={"domain": str, "type_filter": [str]}),
            Command(name="config_entries/delete", handler=self._delete, fields={vol.Required("entry_id"): str}, admin=True),
            Command(name="config_entries/flow/progress", handler=lambda *_: self._flows.progress(), admin=True),
            Command(name="config_entries/flow/subscribe", handler=self._subscribe_flows, admin=True),
            Command(name="config_entries/ignore_flow", handler=self._ignore, admin=True, fields={
                **flow, vol.Optional("title", default=""): str}),
        )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """Return every installed integration with how it is."""
        health = {row.integration: row for row in self._supervisor.health()}
        return [self._row(extension, health.get(extension.name)) for extension in self._plugins.all()]

    def _row(self, extension: Extension, health: Health | None) -> dict[str, Any]:
        manifest, name = extension.manifest, extension.name
        entries = self._entries.of(name)
        idle = extension.status is Status.LOADED and not entries
        return {
            "name": name,
            "title": manifest.name if manifest else name,
            "version": manifest.version if manifest else None,
            "description": manifest.description if manifest else "",
            "translations": manifest.translations if manifest else {},
            "iot_class": manifest.iot_class if manifest else None,
            "status": Status.NOT_CONFIGURED if idle else extension.status,
            "reason": extension.reason,
            "entities": sum(entity.integration == name for entity in self._registries.entities),
            "devices": sum(device.integration == name for device in self._registries.devices),
            "entries": [_entry_row(entry) for entry in entries],
            "connected": health.connected if health else None,
            "last_error": health.reason if health else None,
            "addable": bool(extension.integration and extension.integration.form),
        }

    def _get(self, connection: Connection, message: dict[str, Any]) -> Any:
        chosen = self._entries.of(message["domain"]) if "domain" in message else list(self._entries)
        loaded = {e.name for e in self._plugins.all() if e.status is Status.LOADED}
        return [{**_entry_row(e), "state": "loaded" if e.integration in loaded else "setup_error"} for e in chosen]

    def _delete(self, connection: Connection, message: dict[str, Any]) -> Any:
        self._entries.remove(message["entry_id"])
        return {"require_restart": False}

    def _ignore(self, connection: Connection, message: dict[str, Any]) -> None:
        self._flows.ignore(message["flow_id"], message["title"] or None)

    def _subscribe_flows(self, connection: Connection, message: dict[str, Any]) -> None:
        def forward(event: Event) -> None:
            connection.event(message["id"], [dict(event.data)])

        connection.subscribe(message["id"], self._bus.listen(FLOW_CHANGED, forward))

    def _subscribe_integrations(self, connection: Connection, message: dict[str, Any]) -> None:
        def forward(_: Event) -> None:
            connection.event(message["id"], {"integrations": self.rows()})

        connection.subscribe(message["id"], self._bus.listen(INTEGRATION_CHANGED, forward))


def _entry_row(entry: ConfigEntry) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "domain": entry.integration,
        "title": entry.title,
        "source": entry.source,
        "state": "loaded",
        "supports_options": False,
        "supports_remove_device": False,
        "supports_unload": True,
        "supports_reconfigure": False,
        "supported_subentry_types": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "disabled_by": entry.disabled_by,
        "reason": None,
        "error_reason_translation_key": None,
        "error_reason_translation_placeholders": None,
        "num_subentries": 0,
        "created_at": entry.created_at,
        "modified_at": entry.modified_at,
    }
