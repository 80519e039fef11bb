"""Commands on config entries and the dialogs that make them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.adapters.entries import ConfigEntries
from hub.adapters.interfaces import ConfigEntry
from hub.adapters.supervisor import Health, Supervisor
from hub.core.bus import EventBus
from hub.core.events import FLOW_CHANGED, Event
from hub.discovery import Flows
from hub.errors import InvalidInput, NotFound
from hub.plugins.manager import Plugins
from hub.plugins.records import Status
from hub.server.needs import Needs
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection

_PASSING = ("yaml", "default")
"""Sources of entries that come anew at each start: what is changed in them here would not last."""
_CHANGES = {(True, False): "added", (False, True): "removed", (False, False): "updated"}
_FILTER = {"domain": str, "type_filter": vol.Any(str, [str])}


class EntryCommands:
    """``config_entries/*``."""

    def __init__(
        self, entries: ConfigEntries, flows: Flows, plugins: Plugins, supervisor: Supervisor, bus: EventBus
    ) -> None:
        self._entries = entries
        self._flows = flows
        self._plugins = plugins
        self._supervisor = supervisor
        self._bus = bus

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        entry, flow = {vol.Required("entry_id"): str}, {vol.Required("flow_id"): str}
        prefix = "config_entries"
        return (
            Command(name=f"{prefix}/get", needs=Needs.HOUSE, handler=self._get, fields=_FILTER, summary="List what is configured."),
            Command(name=f"{prefix}/get_single", needs=Needs.HOUSE, handler=self._get_single, fields=entry, summary="Return one config entry."),
            Command(name=f"{prefix}/subscribe", needs=Needs.ADMIN, handler=self._subscribe, fields=_FILTER,
                    summary="List what is configured, and then follow what is added, changed and removed."),
            Command(name=f"{prefix}/disable", needs=Needs.ADMIN, handler=self._disable,
                    fields={**entry, vol.Required("disabled_by"): vol.Any("user", None)},
                    summary="Stop what a config entry runs, or let it run again."),
            Command(name=f"{prefix}/delete", needs=Needs.ADMIN, handler=self._delete, fields=entry,
                    summary="Remove a config entry with the devices and entities it brought."),
            Command(name=f"{prefix}/subentries/list", needs=Needs.ADMIN, handler=self._subentries, fields=entry,
                    summary="List a config entry's parts; integrations here have none."),
            Command(name=f"{prefix}/subentries/delete", needs=Needs.ADMIN, handler=self._delete_subentry,
                    fields={**entry, vol.Required("subentry_id"): str}, summary="Remove a part of a config entry."),
            Command(name=f"{prefix}/flow/progress", needs=Needs.ADMIN, handler=lambda *_: self._flows.progress(),
                    summary="List what was discovered and waits for somebody to add it."),
            Command(name=f"{prefix}/flow/subscribe", needs=Needs.ADMIN, handler=self._subscribe_flows,
                    summary="Follow what is discovered."),
            Command(name=f"{prefix}/ignore_flow", needs=Needs.ADMIN, handler=self._ignore, summary="Do not offer a discovered thing again.",
                    fields={**flow, vol.Optional("title", default=""): str}),
        )  # fmt: skip

    def row(self, entry: ConfigEntry) -> dict[str, Any]:
        """Return a config entry in Home Assistant's form, with how it is."""
        health = next((row for row in self._supervisor.health() if row.entry_id == entry.entry_id), None)
        return {**entry_row(entry), **self._state(entry, health)}

    def _state(self, entry: ConfigEntry, health: Health | None) -> dict[str, str | None]:
        if entry.disabled_by is not None:
            return {"state": "not_loaded", "reason": None}
        extensions = (extension for extension in self._plugins.all() if extension.name == entry.integration)
        extension = next(extensions, None)
        if extension is not None and extension.status is not Status.LOADED:
            return {"state": "setup_error", "reason": extension.reason}
        if health is not None and health.connected is False:
            return {"state": "setup_retry", "reason": health.reason}
        return {"state": "loaded", "reason": None}

    def _get(self, connection: Connection, message: dict[str, Any]) -> Any:
        return [self.row(entry) for entry in self._entries if self._wants(message, entry)]

    def _get_single(self, connection: Connection, message: dict[str, Any]) -> Any:
        return {"config_entry": self.row(self._entries.get(message["entry_id"]))}

    def _wants(self, message: dict[str, Any], entry: ConfigEntry) -> bool:
        kinds = message.get("type_filter")
        if message.get("domain", entry.integration) != entry.integration:
            return False
        if not kinds:
            return True
        extension = next((one for one in self._plugins.all() if one.name == entry.integration), None)
        kind = extension.manifest.integration_type if extension and extension.manifest else "hub"
        return kind in ([kinds] if isinstance(kinds, str) else kinds)

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_ = message["id"]

        def forward(old: ConfigEntry | None, new: ConfigEntry | None) -> None:
            entry = new or old
            if entry is not None and self._wants(message, entry):
                change = _CHANGES[old is None, new is None]
                connection.event(id_, [{"type": change, "entry": self.row(entry)}])

        connection.subscribe(id_, self._entries.listen(forward))
        connection.result(id_)
        connection.event(id_, [{"type": None, "entry": row} for row in self._get(connection, message)])
        return ANSWERED

    def _disable(self, connection: Connection, message: dict[str, Any]) -> Any:
        entry = self._entries.get(message["entry_id"])
        if entry.source in _PASSING:
            remedy = "in hearth.yaml: remove it there" if entry.source == "yaml" else "for every hub"
            raise InvalidInput(
                f"Expected an entry that was added in the dashboard; {entry.title} is configured {remedy}"
            )
        if entry.disabled_by != message["disabled_by"]:
            self._entries.update(entry.entry_id, disabled_by=message["disabled_by"])
        return {"require_restart": False}

    def _delete(self, connection: Connection, message: dict[str, Any]) -> Any:
        self._entries.remove(message["entry_id"])
        return {"require_restart": False}

    def _subentries(self, connection: Connection, message: dict[str, Any]) -> Any:
        self._entries.get(message["entry_id"])
        return []

    def _delete_subentry(self, connection: Connection, message: dict[str, Any]) -> None:
        title = self._entries.get(message["entry_id"]).title
        raise NotFound(f"Expected the id of a subentry of {title}, which has none, got {message['subentry_id']!r}")

    def _ignore(self, connection: Connection, message: dict[str, Any]) -> None:
        self._flows.ignore(message["flow_id"], message["title"] or None)

    def _subscribe_flows(self, connection: Connection, message: dict[str, Any]) -> None:
        def forward(event: Event) -> None:
            connection.event(message["id"], [dict(event.data)])

        connection.subscribe(message["id"], self._bus.listen(FLOW_CHANGED, forward))


def entry_row(entry: ConfigEntry) -> dict[str, Any]:
    """Return a config entry in Home Assistant's form."""
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
