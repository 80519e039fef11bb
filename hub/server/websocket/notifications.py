"""Commands on the notifications in the dashboard, in Home Assistant's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hub.server.needs import Needs
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection
from hub.virtual import Notification, Notifications, Update


class NotificationCommands:
    """persistent_notification/get and subscribe."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        return (
            Command(name="persistent_notification/get", needs=Needs.HOUSE, handler=self._get, summary="List the notifications."),
            Command(name="persistent_notification/subscribe", needs=Needs.HOUSE, handler=self._subscribe,
                summary="Follow the notifications: first all of them, then what is added and removed."),
        )  # fmt: skip

    def _get(self, connection: Connection, message: dict[str, Any]) -> Any:
        return list(self._notifications.all().values())

    def _subscribe(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_ = message["id"]

        def forward(update: Update, rows: Mapping[str, Notification]) -> None:
            connection.event(id_, {"type": update, "notifications": rows})

        connection.subscribe(id_, self._notifications.listen(forward))
        connection.result(id_)
        forward(Update.CURRENT, self._notifications.all())
        return ANSWERED
