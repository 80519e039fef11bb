"""REST for what is managed in the dashboard: config flows and automations."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from hub.blueprints import Automations
from hub.discovery import Flows
from hub.errors import InvalidInput
from hub.server.needs import Needs
from hub.server.route import Answer, Route
from hub.server.schemas import ANYTHING, STRING, record, ref
from hub.server.web import body, json

_STEP = {200: Answer(description="The step that comes next.", schema=ref("Flow"))}
_MESSAGE = {200: Answer(schema=ref("Message"))}
_DONE = {200: Answer(schema=record({"result": {"const": "ok"}}))}
_FLOWS = "/api/config/config_entries/flow"


class FlowRoutes:
    """``/api/config/config_entries/flow``."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        one, admin = _FLOWS + "/{flow_id}", Needs.ADMIN
        return (
            Route(method="POST", path=_FLOWS, handler=self._start, needs=admin, body=record({"handler": STRING}),
                  summary="Begin to add an integration, named by 'handler'.",
                  answers={**_STEP, 404: Answer(description="No such integration.", schema=ref("Error"))}),
            Route(method="GET", path=one, handler=self._show, needs=admin, summary="Show a dialog's step again.", answers=_STEP),
            Route(method="POST", path=one, handler=self._submit, needs=admin, body=ANYTHING,
                  summary="Fill in a dialog's form.", answers=_STEP),
            Route(method="DELETE", path=one, handler=self._abort, needs=admin, summary="End a dialog.", answers=_MESSAGE),
        )  # fmt: skip

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

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        path, admin = "/api/config/automation/config/{id}", Needs.ADMIN
        return (
            Route(method="GET", path=path, handler=self._read, needs=admin, summary="Return an automation as it is written.",
                  answers={200: Answer(schema=ANYTHING)}),
            Route(method="POST", path=path, handler=self._write, needs=admin, body=ANYTHING,
                  summary="Check an automation, write it to its file and run it.", answers=_DONE),
            Route(method="DELETE", path=path, handler=self._delete, needs=admin, summary="Remove an automation.", answers=_DONE),
        )  # fmt: skip

    async def _read(self, request: web.Request) -> web.StreamResponse:
        return json(self._automations.config(request.match_info["id"]))

    async def _write(self, request: web.Request) -> web.StreamResponse:
        await self._automations.write(request.match_info["id"], await body(request))
        return json({"result": "ok"})

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        await self._automations.delete(request.match_info["id"])
        return json({"result": "ok"})
