"""REST on actions: what is on offer, and calling it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import orjson
from aiohttp import web

from hub.core.actions import Action, ActionTable, Outcome, ResponseMode
from hub.core.bus import EventBus
from hub.core.context import Context
from hub.core.events import STATE_CHANGED, StateChanged
from hub.core.ports import Actions
from hub.core.state import State
from hub.errors import InvalidInput, Refused
from hub.server.needs import Needs
from hub.server.route import Answer, Parameter, Route
from hub.server.schemas import ANYTHING, SLUG, STRING, array, record, ref
from hub.server.web import SIGHT, body, json, who
from hub.server.websocket.states import services_by_domain

_RESPONSE = "return_response"


class ServiceRoutes:
    """``/api/services``."""

    def __init__(self, bus: EventBus, actions: Actions, table: ActionTable) -> None:
        self._bus = bus
        self._actions = actions
        self._table = table

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        changed = array(ref("State"))
        both = record({"changed_states": changed, "service_response": {"type": ["object", "null"]}})
        asked = Parameter(name=_RESPONSE, description="Return the action's response too.")
        return (
            Route(method="GET", needs=Needs.LOGIN, path="/api/services", handler=self._list, summary="List all actions by domain.",
                  answers={200: Answer(schema=array(record({"domain": STRING, "services": ANYTHING})))}),
            Route(method="POST", needs=Needs.LOGIN, path="/api/services/{domain}/{service}", handler=self._call, body=ANYTHING, query=(asked,),
                  paths={"domain": SLUG, "service": SLUG},
                  summary="Call an action; the body holds its fields, with entity_id or another target among them.",
                  answers={200: Answer(description="The states that changed meanwhile.", schema={"anyOf": [changed, both]}),
                           403: Answer(description="You may not do that.", schema=ref("Error")),
                           500: Answer(description="It was not done, or nobody knows.", schema=ref("Message"))}),
        )  # fmt: skip

    async def _list(self, request: web.Request) -> web.Response:
        by_domain = services_by_domain(self._table)
        return json([{"domain": domain, "services": services} for domain, services in by_domain.items()])

    async def _call(self, request: web.Request) -> web.Response:
        name = f"{request.match_info['domain']}.{request.match_info['service']}"
        wanted = _RESPONSE in request.query
        self._check(name, wanted=wanted)
        caller, context = who(request)
        with self._changes(context) as changed:
            action = Action(name=name, data=await body(request))
            result = await self._actions.call(action, context=context, caller=caller)
        if result.outcome is Outcome.REFUSED:
            raise Refused(result.error or "Unauthorized")
        if result.outcome is not Outcome.ACCEPTED:
            return json({"message": result.error or "The action failed"}, 500)
        seen = request[SIGHT].among(changed.values(), lambda state: state.entity_id)
        states = [orjson.Fragment(state.json()) for state in seen]
        return json({"changed_states": states, "service_response": result.response} if wanted else states)

    def _check(self, name: str, *, wanted: bool) -> None:
        if name not in self._table:
            raise InvalidInput(f"Expected a known action, got {name}")
        mode = self._table.get(name).response
        if wanted and mode is ResponseMode.NONE:
            raise InvalidInput("Service does not support responses. Remove return_response from request.")
        if not wanted and mode is ResponseMode.ONLY:
            raise InvalidInput(
                "Service call requires responses but caller did not ask for responses. Add ?return_response"
            )

    @contextmanager
    def _changes(self, context: Context) -> Iterator[dict[str, State]]:
        """Collect the states that change because of ``context`` in the block."""
        changed: dict[str, State] = {}

        def note(event: StateChanged) -> None:
            if event.new is not None and event.context.id == context.id:
                changed[event.entity_id] = event.new

        unlisten = self._bus.listen(STATE_CHANGED, note)
        try:
            yield changed
        finally:
            unlisten()
