"""REST on what was: recorded states, and the logbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from hub.core.clock import Clock
from hub.core.events import isoformat
from hub.core.ports import History, HistoryPoint
from hub.core.states import States
from hub.errors import InvalidInput
from hub.server.logbook import Logbook, named
from hub.server.needs import Needs
from hub.server.route import Answer, Parameter, Route
from hub.server.schemas import ANYTHING, TIME, array, ref
from hub.server.web import SIGHT, json
from hub.server.websocket.history import timestamp

DAY = 86_400.0
MAX_DAYS = 366.0
_END = Parameter(name="end_time", schema=TIME)
_SWITCH = {"type": "string", "description": "Present or not; the value does not matter."}
_HISTORY = (
    Parameter(name="filter_entity_id", description="Entity ids, separated by commas.", required=True),
    _END,
    Parameter(name="minimal_response", schema=_SWITCH),
    Parameter(name="no_attributes", schema=_SWITCH),
    Parameter(
        name="significant_changes_only", schema={"type": "string"}, description="0 returns changes of attributes too."
    ),
)
_LOGBOOK = (
    Parameter(name="entity", description="Entity ids, separated by commas."),
    _END,
    Parameter(name="period", schema={"type": "string"}, description="Days from the start; 1 without it."),
    Parameter(name="context_id"),
)


class HistoryRoutes:
    """``/api/history/period`` and ``/api/logbook``."""

    def __init__(self, history: History, logbook: Logbook, states: States, clock: Clock) -> None:
        self._history = history
        self._logbook = logbook
        self._states = states
        self._clock = clock

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        history = {200: Answer(description="A list of states for each entity.", schema=array(array(ANYTHING)))}
        logbook = {200: Answer(schema=array(ref("LogbookEntry")))}
        return tuple(
            Route(method="GET", needs=Needs.LOGIN, path=path + place, handler=handler, query=query, answers=answers, paths={"start": TIME},
                  summary=f"{what}, from {'the time in the path' if place else 'a day ago'}.")
            for path, handler, query, answers, what in (
                ("/api/history/period", self._period, _HISTORY, history, "Return the recorded states of entities"),
                ("/api/logbook", self._entries, _LOGBOOK, logbook, "Return what happened"),
            )
            for place in ("", "/{start}")
        )  # fmt: skip

    async def _period(self, request: web.Request) -> web.Response:
        query = request.query
        entity_ids = _names(query.get("filter_entity_id"))
        if not entity_ids:
            return json({"message": "filter_entity_id is missing"}, 400)
        start, end = self._times(request)
        found = await self._history.states(
            list(request[SIGHT].among(entity_ids, str)),
            start,
            end,
            attributes="no_attributes" not in query,
            significant_only=query.get("significant_changes_only", "1") not in ("0", "false", "False"),
        )
        minimal = "minimal_response" in query
        return json([_rows(entity_id, points, start, minimal=minimal) for entity_id, points in found.items() if points])

    async def _entries(self, request: web.Request) -> web.Response:
        start, end = self._times(request)
        entity_ids = _names(request.query.get("entity")) or None
        context_id = request.query.get("context_id")
        rows = await self._logbook.rows(start, end, sight=request[SIGHT], entity_ids=entity_ids, context_id=context_id)
        return json([named(row, self._states, isoformat(row["when"])) for row in rows])

    def _times(self, request: web.Request) -> tuple[float, float]:
        now = self._clock.time()
        period = _days(request.query.get("period", "1")) * DAY
        given = request.match_info.get("start")
        start = timestamp(given) if given else now - DAY
        end = timestamp(request.query["end_time"]) if "end_time" in request.query else min(now, start + period)
        return start, end


def _names(text: str | None) -> list[str]:
    return [item.strip().lower() for item in (text or "").split(",") if item.strip()]


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    if not 0 < days <= MAX_DAYS:
        raise InvalidInput(f"Expected a number of days from 1 to {MAX_DAYS:g}, got {text!r}", path=("period",))
    return days


def _rows(entity_id: str, points: Iterable[HistoryPoint], start: float, *, minimal: bool) -> list[Mapping[str, Any]]:
    full: list[Mapping[str, Any]] = [
        {
            "entity_id": entity_id,
            "state": point.state,
            "attributes": point.attributes or {},
            "last_changed": isoformat(max(point.changed, start)),
            "last_updated": isoformat(max(point.time, start)),
        }
        for point in points
    ]
    if not minimal:
        return full
    middle: list[Mapping[str, Any]] = [
        {"state": row["state"], "last_changed": row["last_changed"]} for row in full[1:-1]
    ]
    return [*full[:1], *middle, *full[-1:]] if len(full) > 1 else full
