"""Commands on the installed integrations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.adapters.entries import ConfigEntries
from hub.adapters.manifest import Manifest
from hub.adapters.supervisor import Health, Supervisor
from hub.core.bus import EventBus
from hub.core.events import INTEGRATION_CHANGED, Event
from hub.core.registry import Registries
from hub.errors import NotFound
from hub.plugins.manager import Plugins
from hub.plugins.records import Extension, Status
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection
from hub.server.websocket.entries import entry_row


class ExtensionCommands:
    """hearth/integration/* and manifest/*."""

    def __init__(
        self,
        plugins: Plugins,
        supervisor: Supervisor,
        entries: ConfigEntries,
        registries: Registries,
        bus: EventBus,
    ) -> None:
        self._plugins = plugins
        self._supervisor = supervisor
        self._entries = entries
        self._registries = registries
        self._bus = bus

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        return (
            Command(name="hearth/integration/list", needs=Needs.HOUSE, handler=lambda *_: self.rows(),
                    summary="List the installed integrations with how each is."),
            Command(name="hearth/integration/subscribe", needs=Needs.HOUSE, handler=self._subscribe_integrations,
                    summary="Follow that list: the whole of it whenever something changes."),
            Command(name="manifest/list", needs=Needs.HOUSE, handler=self._manifests, fields={"integrations": [str]},
                    summary="List what the installed integrations say of themselves."),
            Command(name="manifest/get", needs=Needs.HOUSE, handler=self._manifest, fields={vol.Required("integration"): str},
                    summary="Return what one integration says of itself."),
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
            "entries": [entry_row(entry) for entry in entries],
            "connected": health.connected if health else None,
            "last_error": health.reason if health else None,
            "addable": _addable(extension),
        }

    def _subscribe_integrations(self, connection: Connection, message: dict[str, Any]) -> None:
        def forward(_: Event) -> None:
            connection.event(message["id"], {"integrations": self.rows()})

        connection.subscribe(message["id"], self._bus.listen(INTEGRATION_CHANGED, forward))

    def _manifests(self, connection: Connection, message: dict[str, Any]) -> Any:
        wanted = message.get("integrations")
        return [manifest_row(manifest) for name, manifest in self._known() if wanted is None or name in wanted]

    def _manifest(self, connection: Connection, message: dict[str, Any]) -> Any:
        manifest = dict(self._known()).get(message["integration"])
        if manifest is None:
            raise NotFound(f"Expected the name of an installed integration, got {message['integration']!r}")
        return manifest_row(manifest)

    def _known(self) -> Iterable[tuple[str, Manifest]]:
        return ((extension.name, extension.manifest) for extension in self._plugins.all() if extension.manifest)


def manifest_row(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest in Home Assistant's form."""
    return {
        "domain": manifest.domain,
        "name": manifest.name,
        "version": manifest.version,
        "codeowners": [],
        "documentation": manifest.documentation,
        "integration_type": manifest.integration_type,
        "iot_class": manifest.iot_class,
        "single_config_entry": manifest.single_entry,
        "is_built_in": True,
        "overwrites_built_in": False,
    }


def _addable(extension: Extension) -> bool:
    """Say whether it has a dialog; the manifest knows before the code is loaded."""
    promised = extension.manifest is not None and extension.manifest.config_flow
    usable = extension.status in (Status.LOADED, Status.NOT_CONFIGURED)
    return usable and (promised or bool(extension.integration and extension.integration.form))
