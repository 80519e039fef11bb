"""Commands on recorded states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import voluptuous as vol

from hub.core.bus import EventBus
from hub.core.clock import Clock
from hub.core.events import STATE_CHANGED, StateChanged
from hub.core.ports import History, HistoryPoint
from hub.core.state import UNAVAILABLE
from hub.errors import InvalidInput
from hub.security import Sight
from hub.server.needs import Needs
from hub.server.websocket.command import ANSWERED, Command
from hub.server.websocket.connection import Connection

_FIELDS = {
    vol.Required("start_time"): str,
    "end_time": str,
    vol.Required("entity_ids"): vol.All([str], vol.Length(min=1)),
    vol.Optional("include_start_time_state", default=True): bool,
    vol.Optional("significant_changes_only", default=True): bool,
    vol.Optional("minimal_response", default=False): bool,
    vol.Optional("no_attributes", default=False): bool,
}

Rows = dict[str, list[dict[str, Any]]]


class HistoryCommands:
    """``history/history_during_period`` and ``history/stream``."""

    def __init__(self, history: History, bus: EventBus, clock: Clock) -> None:
        self._history = history
        self._bus = bus
        self._clock = clock

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        return (
            Command(name="history/history_during_period", needs=Needs.LOGIN, handler=self._during_period, fields=_FIELDS,
                    summary="Return the recorded states of entities."),
            Command(name="history/stream", needs=Needs.LOGIN, handler=self._stream, fields=_FIELDS,
                    summary="Return the recorded states of entities, and then follow their changes."),
        )  # fmt: skip

    async def _during_period(self, connection: Connection, message: dict[str, Any]) -> Any:
        start, end = self._times(message)
        return await self._recorded(connection.sight, message, start, end)

    async def _stream(self, connection: Connection, message: dict[str, Any]) -> Any:
        id_, (start, end) = message["id"], self._times(message)
        follow = _Follow(connection, message)
        now = self._clock.time()
        if "end_time" not in message or end > now:
            connection.subscribe(id_, self._bus.listen(STATE_CHANGED, follow.changed))
        until = min(end, now)
        states = await self._recorded(connection.sight, message, start, until)
        connection.result(id_)
        connection.event(id_, {"states": states, "start_time": start, "end_time": until})
        follow.go_on(since=until)
        return ANSWERED

    async def _recorded(self, sight: Sight, message: dict[str, Any], start: float, end: float) -> Rows:
        attributes = not message["no_attributes"]
        states = await self._history.states(
            list(sight.among(message["entity_ids"], str)),
            start,
            end,
            attributes=attributes,
            significant_only=message["significant_changes_only"],
        )
        minimal = message["minimal_response"]
        return {
            entity_id: [_row(p, start, full=attributes and not (minimal and i)) for i, p in enumerate(points)]
            for entity_id, points in states.items()
            if points
        }

    def _times(self, message: dict[str, Any]) -> tuple[float, float]:
        end = timestamp(message["end_time"]) if "end_time" in message else self._clock.time()
        return timestamp(message["start_time"]), end


class _Follow:
    """The changes of some entities, passed on; it waits until what was recorded has been sent."""

    def __init__(self, connection: Connection, message: dict[str, Any]) -> None:
        self._connection = connection
        self._id = message["id"]
        ids = frozenset(message["entity_ids"])
        self._entity_ids = connection.sight.within(ids) or ids
        self._attributes = not (message["no_attributes"] or message["minimal_response"])
        self._significant = message["significant_changes_only"]
        self._waiting: list[StateChanged] | None = []

    def changed(self, event: StateChanged) -> None:
        if event.entity_id not in self._entity_ids:
            return
        if self._waiting is not None:
            self._waiting.append(event)
            return
        old, new = event.old, event.new
        if self._significant and old is not None and new is not None and old.state == new.state:
            return
        row: dict[str, Any] = {"s": new.state if new is not None else UNAVAILABLE, "lu": event.time}
        if self._attributes and new is not None:
            row["a"] = new.attributes
        self._connection.event(self._id, {"states": {event.entity_id: [row]}})

    def go_on(self, since: float) -> None:
        waited, self._waiting = self._waiting or [], None
        for event in waited:
            if event.time >= since:
                self.changed(event)


def _row(point: HistoryPoint, start: float, *, full: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"s": point.state, "lu": max(point.time, start)}
    if full:
        row["a"] = point.attributes or {}
        if point.changed != point.time:
            row["lc"] = point.changed
    return row


def timestamp(text: str) -> float:
    """Return an ISO 8601 time as epoch seconds; without a zone it is UTC.

    Raises InvalidInput.
    """
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text and " " in text else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise InvalidInput(f"Expected a time such as 2026-01-31T08:00:00Z, got {text!r}") from None
