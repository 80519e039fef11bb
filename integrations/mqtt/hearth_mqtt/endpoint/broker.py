"""The broker without its sockets: subscriptions, sessions, retained messages, wills, and what is kept of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hearth_mqtt.endpoint import forms
from hearth_mqtt.endpoint.document import Document, Storage
from hearth_mqtt.endpoint.limits import Counters, Limits
from hearth_mqtt.endpoint.retained import RetainedMessages
from hearth_mqtt.endpoint.router import Router
from hearth_mqtt.endpoint.sessions import Sessions
from hearth_mqtt.endpoint.wills import Wills
from hub import Clock

_GRACE = 60.0  # seconds that clients have to come back after a restart before their wills are published
_log = logging.getLogger(__name__)


class Broker:
    """Holds the parts together, restores them at the start and saves them at the end and in between."""

    def __init__(self, storage: Storage, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._retained = Document("retained", storage, clock, self._retained_snapshot)
        self._clients = Document("clients", storage, clock, self._clients_snapshot)
        self.counters = Counters()
        self.retained = RetainedMessages(limits, self.counters, clock.time)
        self.router = Router(self.retained, self._retained.changed)
        self.sessions = Sessions(self.router, limits, self.counters, clock, self._clients.changed)
        self.wills = Wills(self.router.publish, clock, self._clients.changed)

    def restore(self) -> None:
        """Take back what was saved; what cannot be read is left out, with a line in the log."""
        retained, clients = self._retained.load() or {}, self._clients.load() or {}
        _each(retained.get("messages", ()), lambda data: self.retained.keep(forms.message_from_json(data, retain=True)))
        _each(clients.get("sessions", ()), self._restore_session)
        _each(clients.get("wills", ()), self._restore_will)

    def close(self) -> None:
        """Save everything, and nothing after this."""
        self._retained.close()
        self._clients.close()
        self.sessions.close()
        self.wills.close()

    def _restore_session(self, data: Mapping[str, Any]) -> None:
        left = data["ends"] - self._clock.time()
        if left > 0:
            session = self.sessions.new(data["client_id"], data["user"])
            self.sessions.restore(session, forms.fill_session(session, data), left)

    def _restore_will(self, data: Mapping[str, Any]) -> None:
        self.wills.restore(data["client_id"], forms.will_from_json(data["will"]), _GRACE)

    def _retained_snapshot(self) -> dict[str, Any]:
        return {"messages": [forms.message_to_json(message) for message in self.retained]}

    def _clients_snapshot(self) -> dict[str, Any]:
        now = self._clock.time()
        return {
            "sessions": [forms.session_to_json(each, now) for each in self.sessions if each.expiry > 0],
            "wills": [{"client_id": client_id, "will": forms.will_to_json(will)} for client_id, will in self.wills],
        }


def _each(items: Iterable[Any], restore: Callable[[Any], None]) -> None:
    for item in items:
        try:
            restore(item)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _log.warning("Left out a saved MQTT item that cannot be read: %r", error)
