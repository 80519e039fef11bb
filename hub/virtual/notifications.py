"""Notifications in the dashboard, kept until somebody dismisses them: ``persistent_notification`` and ``notify``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from hub.adapters.interfaces import AdapterHost, EntityCall
from hub.core.actions import ActionDescription
from hub.core.bus import Unlisten
from hub.core.clock import Clock
from hub.core.events import isoformat
from hub.core.fields import Field
from hub.core.ids import new_id
from hub.core.ports import Store
from hub.entities.selectors import OBJECT, TEXT

DOMAIN = "persistent_notification"
MAX_KEPT = 500
"""Beyond this many the oldest are dropped: an automation that runs wild must not fill the disk."""

NOTIFY = ActionDescription(
    domain="notify",
    name="notify",
    entity=False,
    description="Sends a message: here it is shown in the dashboard.",
    fields=(
        Field(name="message", selector=TEXT, required=True, example="The garage door is open."),
        Field(name="title", selector=TEXT, example="Garage"),
        Field(name="target", selector=OBJECT),
        Field(name="data", selector=OBJECT),
    ),
)
"""The older name of ``notify.persistent_notification``, which automations still use."""

Notification = Mapping[str, Any]
"""``notification_id``, ``message``, ``title`` (or None) and ``created_at``, as clients are shown it."""


class Update(StrEnum):
    """What became of notifications; Home Assistant's words."""

    CURRENT = "current"
    ADDED = "added"
    REMOVED = "removed"


Listener = Callable[[Update, Mapping[str, Notification]], None]


class Notifications:
    """All notifications, by id, oldest first."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        document = store.load(1, lambda data, _: data) or {}
        self._all: dict[str, Notification] = {row["notification_id"]: row for row in document.get("notifications", ())}
        self._listeners: list[Listener] = []

    def all(self) -> Mapping[str, Notification]:
        """Return every notification, by id."""
        return dict(self._all)

    def create(self, message: str, title: str | None = None, notification_id: str | None = None) -> None:
        """Show a message; one of the same id is replaced."""
        id_ = notification_id or new_id()
        self._all.pop(id_, None)
        row = {"notification_id": id_, "message": message, "title": title, "created_at": isoformat(self._clock.time())}
        self._all[id_] = row
        self._changed(Update.ADDED, {id_: row})
        if len(self._all) > MAX_KEPT:
            self.dismiss(next(iter(self._all)))

    def dismiss(self, notification_id: str) -> None:
        """Take a notification away, if it is there."""
        row = self._all.pop(notification_id, None)
        if row is not None:
            self._changed(Update.REMOVED, {notification_id: row})

    def dismiss_all(self) -> None:
        """Take all notifications away."""
        gone, self._all = self._all, {}
        self._changed(Update.REMOVED, gone)

    def listen(self, listener: Listener) -> Unlisten:
        """Call ``listener(update, notifications)`` at every change, until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _changed(self, update: Update, rows: Mapping[str, Notification]) -> None:
        self._store.save(1, lambda: {"notifications": list(self._all.values())})
        for listener in list(self._listeners):
            listener(update, rows)


class Notifier:
    """Carries out ``persistent_notification.*`` and the actions of ``notify`` that end in the dashboard."""

    def __init__(self, notifications: Notifications) -> None:
        self._notifications = notifications

    async def run(self, host: AdapterHost) -> None:
        """Wait for actions until cancelled."""
        host.connected(True)
        await asyncio.get_running_loop().create_future()

    async def execute(self, call: EntityCall) -> None:
        """Show or dismiss."""
        match call.action.partition(".")[2], call.data:
            case "dismiss", {"notification_id": id_}:
                self._notifications.dismiss(id_)
            case "dismiss_all", _:
                self._notifications.dismiss_all()
            case _, {"message": message, **rest}:
                self._notifications.create(message, rest.get("title"), _id(rest))


def _id(data: Mapping[str, Any]) -> str | None:
    """Return the id that is asked for: beside the message, or as notify actions have it, in their ``data``."""
    more = data.get("data")
    found = data.get("notification_id") or (more.get("notification_id") if isinstance(more, Mapping) else None)
    return str(found) if found else None
