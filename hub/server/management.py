"""REST for what is managed in the dashboard: config flows and automations."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from hub.blueprints import Automations
from hub.discovery import Flows
from hub.errors import InvalidInput
from hub.server.web import admin, body, json


class FlowRoutes:
    """``/api/config/config_entries/flow``."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        base = "/api/config/config_entries/flow"
        return (
            web.post(base, admin(self._start)),
            web.get(base + "/{flow_id}", admin(self._show)),
            web.post(base + "/{flow_id}", admin(self._submit)),
            web.delete(base + "/{flow_id}", admin(self._abort)),
        )

    async def _start(self, request: web.Request) -> web.StreamResponse:
        data = await body(request)
        if not isinstance(data.get("handler"), str):
            raise InvalidInput("Expected a JSON object with the text 'handler': an integration's name")
        return json(await self._flows.start(data["handler"]))

    async def _show(self, request: web.Request) -> web.StreamResponse:
        return json(self._flows.step(request.match_info["flow_id"]))

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        return json(await self._flows.submit(request.match_info["flow_id"], await body(request)))

    async def _abort(self, request: web.Request) -> web.StreamResponse:
        self._flows.abort(request.match_info["flow_id"])
        return json({"message": "Flow aborted"})


class AutomationRoutes:
    """``/api/config/automation/config/{id}``."""

    def __init__(self, automations: Automations) -> None:
        self._automations = automations

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""
        path = "/api/config/automation/config/{id}"
        return (
            web.get(path, admin(self._read)),
            web.post(path, admin(self._write)),
            web.delete(path, admin(self._delete)),
        )

    async def _read(self, request: web.Request) -> web.StreamResponse:
        return json(self._automations.config(request.match_info["id"]))

    async def _write(self, request: web.Request) -> web.StreamResponse:
        await self._automations.write(request.match_info["id"], await body(request))
        return json({"result": "ok"})

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        await self._automations.delete(request.match_info["id"])
        return json({"result": "ok"})
