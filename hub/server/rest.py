"""The REST API: states, actions, events, history and templates, in Home Assistant's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from aiohttp import web

from hub.core.actions import Action, ActionTable, Outcome
from hub.core.bus import EventBus
from hub.core.callers import Caller
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import STATE_CHANGED, Event, StateChanged, isoformat
from hub.core.ports import Actions, History, HistoryPoint
from hub.core.state import State
from hub.core.states import States
from hub.errors import InvalidInput, Refused, TemplateError
from hub.server.web import PRINCIPAL, admin, body, json
from hub.server.websocket.config import HubInfo
from hub.server.websocket.history import timestamp
from hub.server.websocket.states import services_by_domain
from hub.templates import Templates


class RestRoutes:
    """``/api/``, config, states, services, events, template."""

    def __init__(
        self,
        states: States,
        bus: EventBus,
        actions: Actions,
        table: ActionTable,
        templates: Templates,
        info: HubInfo,
        clock: Clock,
    ) -> None:
        self._states = states
        self._bus = bus
        self._actions = actions
        self._table = table
        self._templates = templates
        self._info = info
        self._clock = clock

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get("/api/", self._root),
            web.get("/api/config", self._config),
            web.get("/api/states", self._all_states),
            web.get("/api/states/{entity_id}", self._state),
            web.get("/api/services", self._services),
            web.post("/api/services/{domain}/{service}", self._call),
            web.get("/api/events", self._events),
            web.post("/api/events/{event_type}", admin(self._fire)),
            web.post("/api/template", self._template),
        )

    async def _root(self, request: web.Request) -> web.Response:
        return json({"message": "API running."})

    async def _config(self, request: web.Request) -> web.Response:
        return json(self._info.config())

    async def _all_states(self, request: web.Request) -> web.Response:
        return json([orjson.Fragment(state.json()) for state in self._states.all()])

    async def _state(self, request: web.Request) -> web.Response:
        state = self._states.get(request.match_info["entity_id"])
        return json({"message": "Entity not found."}, 404) if state is None else json(orjson.Fragment(state.json()))

    async def _services(self, request: web.Request) -> web.Response:
        by_domain = services_by_domain(self._table)
        return json([{"domain": domain, "services": services} for domain, services in by_domain.items()])

    async def _call(self, request: web.Request) -> web.Response:
        name = f"{request.match_info['domain']}.{request.match_info['service']}"
        if name not in self._table:
            raise InvalidInput(f"Expected a known action, got {name}")
        caller, context = _who(request)
        changed: dict[str, State] = {}

        def note(event: StateChanged) -> None:
            if event.new is not None and event.context.id == context.id:
                changed[event.entity_id] = event.new

        unlisten = self._bus.listen(STATE_CHANGED, note)
        try:
            action = Action(name=name, data=await body(request))
            result = await self._actions.call(action, context=context, caller=caller)
        finally:
            unlisten()
        if result.outcome is Outcome.REFUSED:
            raise Refused(result.error or "Unauthorized")
        if result.outcome is not Outcome.ACCEPTED:
            return json({"message": result.error}, 500)
        states = [orjson.Fragment(state.json()) for state in changed.values()]
        if "return_response" in request.query:
            return json({"changed_states": states, "service_response": result.response})
        return json(states)

    async def _events(self, request: web.Request) -> web.Response:
        counts = self._bus.listener_counts()
        return json([{"event": type_, "listener_count": count} for type_, count in counts.items()])

    async def _fire(self, request: web.Request) -> web.StreamResponse:
        type_ = request.match_info["event_type"]
        self._bus.publish(Event(type_, await body(request), _who(request)[1], self._clock.time()))
        return json({"message": f"Event {type_} fired."})

    async def _template(self, request: web.Request) -> web.Response:
        data = await body(request)
        if not isinstance(data.get("template"), str):
            raise InvalidInput("Expected a JSON object with the text 'template'")
        try:
            result = self._templates.render(data["template"], data.get("variables") or {}, parse_result=False)
        except TemplateError as error:
            raise InvalidInput(f"Error rendering template: {error}") from error
        return web.Response(text=str(result), content_type="text/plain")


class HistoryRoutes:
    """``/api/history/period``."""

    def __init__(self, history: History, clock: Clock) -> None:
        self._history = history
        self._clock = clock

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        return (
            web.get("/api/history/period", self._period),
            web.get("/api/history/period/{start}", self._period),
        )

    async def _period(self, request: web.Request) -> web.Response:
        query = request.query
        entity_ids = [item.strip() for item in query.get("filter_entity_id", "").split(",") if item.strip()]
        if not entity_ids:
            return json({"message": "filter_entity_id is missing"}, 400)
        now = self._clock.time()
        start = timestamp(request.match_info["start"]) if "start" in request.match_info else now - 86_400
        end = timestamp(query["end_time"]) if "end_time" in query else min(now, start + 86_400)
        attributes = "no_attributes" not in query
        found = await self._history.states(entity_ids, start, end, attributes=attributes)
        minimal = "minimal_response" in query
        return json([_rows(entity_id, points, start, minimal=minimal) for entity_id, points in found.items() if points])


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


def _who(request: web.Request) -> tuple[Caller, Context]:
    user_id = request[PRINCIPAL].user_id
    return Caller.user(user_id), Context("user", user_id=user_id)
