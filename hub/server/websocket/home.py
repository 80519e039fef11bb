"""Commands on the home itself: its name, its place, its language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.config.home import HomeSettings
from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.events import CORE_CONFIG_UPDATED, Event
from hub.core.ports import Audit
from hub.core.records import AuditEntry
from hub.server.needs import Needs
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection

_OURS = {"location_name": "name"}
"""What is called otherwise here."""
_FIELDS = {
    "location_name": str,
    "language": str,
    "time_zone": str,
    "latitude": vol.Coerce(float),
    "longitude": vol.Coerce(float),
    "elevation": vol.Coerce(float),
    "currency": str,
    "country": vol.Any(str, None),
    "internal_url": vol.Any(str, None),
    "external_url": vol.Any(str, None),
    "unit_system": vol.In(["metric"]),
    "update_units": bool,
}


class HomeCommands:
    """``config/core/update``.

    Name, currency, country, language and addresses are in force at once; sun, templates and schedules follow another place
    or time zone from the next start on.
    """

    def __init__(self, home: HomeSettings, audit: Audit, bus: EventBus, clock: Clock) -> None:
        self._home = home
        self._audit = audit
        self._bus = bus
        self._clock = clock

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        yield Command(name="config/core/update", needs=Needs.ADMIN, handler=self._update, fields=_FIELDS,
                      summary="Change what hearth.yaml leaves open: name, place, time zone, language and the like.")  # fmt: skip

    def _update(self, connection: Connection, message: dict[str, Any]) -> None:
        known = {key: message[key] for key in _FIELDS if key in message and key not in ("unit_system", "update_units")}
        changed = self._home.update({_OURS.get(key, key): value for key, value in known.items()})
        context = connection.context()
        entry = AuditEntry(
            kind="settings",
            subject="home",
            caller=str(connection.caller),
            user_id=connection.principal.user_id,
            context_id=context.id,
            detail={"changed": sorted(changed)},
            outcome="accepted",
        )
        self._audit.intent(entry)
        theirs = {ours: name for name, ours in _OURS.items()}
        data = {theirs.get(key, key): value for key, value in changed.items()}
        self._bus.publish(Event(CORE_CONFIG_UPDATED, data, context, self._clock.time()))
