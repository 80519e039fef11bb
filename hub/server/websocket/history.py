"""Commands on recorded states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import voluptuous as vol

from hub.core.clock import Clock
from hub.core.ports import History, HistoryPoint
from hub.errors import InvalidInput
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection


class HistoryCommands:
    """``history/history_during_period``."""

    def __init__(self, history: History, clock: Clock) -> None:
        self._history = history
        self._clock = clock

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        fields = {
            vol.Required("start_time"): str,
            "end_time": str,
            vol.Required("entity_ids"): vol.All([str], vol.Length(min=1)),
            vol.Optional("include_start_time_state", default=True): bool,
            vol.Optional("significant_changes_only", default=True): bool,
            vol.Optional("minimal_response", default=False): bool,
            vol.Optional("no_attributes", default=False): bool,
        }
        yield Command(name="history/history_during_period", handler=self._during_period, fields=fields)

    async def _during_period(self, connection: Connection, message: dict[str, Any]) -> Any:
        start = timestamp(message["start_time"])
        end = timestamp(message["end_time"]) if "end_time" in message else self._clock.time()
        attributes = not message["no_attributes"]
        states = await self._history.states(
            message["entity_ids"],
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
    except ValueError:
        raise InvalidInput(f"Expected a time such as 2026-01-31T08:00:00Z, got {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
