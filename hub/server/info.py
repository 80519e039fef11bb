"""What ``get_config`` tells of the hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hub.config.home import EDITABLE, HomeSettings
from hub.core.states import States
from hub.plugins.manager import Plugins
from hub.plugins.records import Status
from hub.server.websocket.connection import HA_VERSION

_UNITS = {
    "length": "km",
    "accumulated_precipitation": "mm",
    "area": "m²",
    "mass": "g",
    "pressure": "Pa",
    "temperature": "°C",
    "volume": "L",
    "wind_speed": "m/s",
}


class HubConfig:
    """The hub's configuration in Home Assistant's form. ``running`` says whether it has started."""

    def __init__(
        self, home: HomeSettings, folder: Path, plugins: Plugins, states: States, running: Callable[[], bool]
    ) -> None:
        self._home = home
        self._folder = folder
        self._plugins = plugins
        self._states = states
        self._running = running

    def config(self) -> Mapping[str, Any]:
        """Return it."""
        settings = self._home.settings
        return {
            "allowlist_external_dirs": [],
            "allowlist_external_urls": [],
            "components": self._components(),
            "config_dir": str(self._folder),
            "config_source": "yaml" if settings.written & set(EDITABLE) else "storage",
            "country": settings.country,
            "currency": settings.currency,
            "debug": False,
            "elevation": settings.elevation,
            "external_url": settings.external_url,
            "internal_url": settings.internal_url,
            "language": settings.language,
            "latitude": settings.latitude,
            "location_name": settings.name,
            "longitude": settings.longitude,
            "radius": 100,
            "recovery_mode": False,
            "safe_mode": False,
            "state": "RUNNING" if self._running() else "STARTING",
            "time_zone": settings.time_zone,
            "unit_system": _UNITS,
            "version": HA_VERSION,
            "whitelist_external_dirs": [],
        }

    def _components(self) -> list[str]:
        loaded = {extension.name for extension in self._plugins.all() if extension.status is Status.LOADED}
        domains = {state.domain for state in self._states}
        return sorted({"api", "auth", "config", "history", "http", "recorder", "websocket_api", *loaded, *domains})
