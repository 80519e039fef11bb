"""REST on states: read, written, removed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from aiohttp import web

from hub.core.ids import is_entity_id
from hub.core.ports import Audit
from hub.core.records import AuditEntry
from hub.core.state import MAX_STATE_LENGTH
from hub.core.states import States
from hub.errors import InvalidInput
from hub.server.needs import Needs
from hub.server.route import Answer, Route
from hub.server.schemas import ENTITY_ID, array, record, ref
from hub.server.web import SIGHT, body, json, who

_ONE = "/api/states/{entity_id}"
_BODY = record(
    {"state": {"type": "string", "maxLength": MAX_STATE_LENGTH}},
    attributes={"type": ["object", "null"]},
    force_update={"type": "boolean"},
)


class StateRoutes:
    """``/api/states``. What is written here is shown and recorded; it does not reach a device."""

    def __init__(self, states: States, audit: Audit) -> None:
        self._states = states
        self._audit = audit

    def routes(self) -> Iterable[Route]:
        """Return the routes."""
        ids = {"entity_id": ENTITY_ID}
        state, message = Answer(schema=ref("State")), Answer(schema=ref("Message"))
        new = Answer(description="The new state.", schema=ref("State"), headers=("Location",))
        return (
            Route(method="GET", needs=Needs.LOGIN, path="/api/states", handler=self._all, summary="List all states.",
                  answers={200: Answer(schema=array(ref("State")))}),
            Route(method="GET", needs=Needs.LOGIN, path=_ONE, handler=self._get, paths=ids, summary="Return one state.", answers={200: state}),
            Route(method="POST", path=_ONE, handler=self._set, needs=Needs.ADMIN, paths=ids, body=_BODY,
                  summary="Set a state, for an entity that no integration looks after.", answers={200: state, 201: new}),
            Route(method="DELETE", path=_ONE, handler=self._remove, needs=Needs.ADMIN, paths=ids,
                  summary="Remove a state.", answers={200: message}),
        )  # fmt: skip

    async def _all(self, request: web.Request) -> web.Response:
        states = request[SIGHT].among(self._states.all(), lambda state: state.entity_id)
        return json([orjson.Fragment(state.json()) for state in states])

    async def _get(self, request: web.Request) -> web.Response:
        state = self._states.get(request.match_info["entity_id"])
        if state is None or not request[SIGHT].sees(state.entity_id):
            return _missing()
        return json(orjson.Fragment(state.json()))

    async def _set(self, request: web.Request) -> web.Response:
        entity_id, data = request.match_info["entity_id"], await body(request)
        state, attributes = _checked(entity_id, data)
        self._note(request, entity_id, "written")
        new = self._states.get(entity_id) is None
        set_ = self._states.set(
            entity_id, state, attributes, context=who(request)[1], force=data.get("force_update") is True
        )
        response = json(orjson.Fragment(set_.json()), 201 if new else 200)
        response.headers["Location"] = f"/api/states/{entity_id}"
        return response

    async def _remove(self, request: web.Request) -> web.Response:
        entity_id = request.match_info["entity_id"]
        if self._states.get(entity_id) is None:
            return _missing()
        self._note(request, entity_id, "removed")
        self._states.remove(entity_id, context=who(request)[1])
        return json({"message": "Entity removed."})

    def _note(self, request: web.Request, entity_id: str, outcome: str) -> None:
        caller, context = who(request)
        self._audit.intent(
            AuditEntry(
                kind="state",
                subject=entity_id,
                caller=str(caller),
                user_id=caller.user_id,
                context_id=context.id,
                outcome=outcome,
            )
        )


def _checked(entity_id: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if not is_entity_id(entity_id):
        raise InvalidInput("Invalid entity ID specified.")
    if data.get("state") is None:
        raise InvalidInput("No state specified.")
    state, attributes = data["state"], data.get("attributes") or {}
    if isinstance(state, (dict, list)) or len(str(state)) > MAX_STATE_LENGTH:
        raise InvalidInput("Invalid state specified.")
    if not isinstance(attributes, dict):
        raise InvalidInput("Expected attributes to be an object", path=("attributes",))
    return str(state), attributes


def _missing() -> web.Response:
    return json({"message": "Entity not found."}, 404)
