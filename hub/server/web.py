"""The aiohttp application: routes and commands put together, and how JSON comes in and goes out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

import orjson
from aiohttp import web

from hub.core.callers import Caller
from hub.core.context import Context
from hub.core.ports import Principal, ProtocolFactory
from hub.errors import InvalidInput
from hub.server.middleware import PRINCIPAL, SIGHT, Signatures, authentication, errors, headers, origin
from hub.server.needs import Needs
from hub.server.rest.openai.failures import openai_errors
from hub.server.rest.openai.presence import OPEN, close_answers
from hub.server.route import Answer, Route, RouteGroup
from hub.server.sockets import OnRevoked, SightOf, Sockets
from hub.server.websocket.command import Command

__all__ = [
    "COMMANDS",
    "PRINCIPAL",
    "ROUTES",
    "SIGHT",
    "Application",
    "CommandGroup",
    "body",
    "build",
    "handling",
    "json",
    "who",
]

Application = web.Application
MAX_BODY = 1 << 20
ROUTES = web.AppKey("routes", tuple[Route, ...])
"""Every route of the API, as data."""
COMMANDS = web.AppKey("commands", Mapping[str, Command])
"""Every WebSocket command by its name."""


class CommandGroup(Protocol):
    """Some WebSocket commands and what answers them."""

    def commands(self) -> Iterable[Command]:
        """Return the commands."""


def build(
    routes: Iterable[RouteGroup],
    commands: Iterable[CommandGroup],
    principal_for: Callable[[str], Principal | None],
    on_revoked: OnRevoked,
    signatures: Signatures,
    sight_of: SightOf,
    hosts: frozenset[str],
) -> web.Application:
    """Return the application. ``hosts`` are the names, besides addresses of this machine, under which it may be reached.

    ``on_revoked(token id, callback)`` calls ``callback`` when the token ends, so that its sockets close at once;
    ``sight_of(user id)`` says what a user may see.
    """
    by_name = {one.name: one for group in commands for one in group.commands()}
    sockets = Sockets(by_name, principal_for, on_revoked, sight_of)
    all_routes = [*_own_routes(sockets), *(route for group in routes for route in group.routes())]
    described = [route for route in all_routes if isinstance(route, Route)]
    described.append(_openapi_route(described))
    app = web.Application(
        middlewares=[
            headers,
            errors,
            openai_errors,
            origin(hosts),
            authentication(described, principal_for, signatures, sight_of),
        ],
        client_max_size=MAX_BODY,
    )
    app[ROUTES], app[COMMANDS] = tuple(described), by_name
    plain = (route for route in all_routes if not isinstance(route, Route))
    app.add_routes([*map(_definition, described), *plain])  # plain ones last: the dashboard takes what is left
    app[OPEN] = set()
    app.on_shutdown.extend((sockets.close, close_answers))
    return app


@asynccontextmanager
async def handling(app: web.Application) -> AsyncIterator[ProtocolFactory]:
    """Make the application answer for the time of the block; connections go to the factory that the block is given."""
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    server = runner.server
    if server is None:
        raise RuntimeError("Expected the HTTP server to be set up")
    try:
        yield server
    finally:
        await runner.cleanup()


def json(data: Any, status: int = 200) -> web.Response:
    """Return a JSON answer."""
    content = orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=content, status=status, content_type="application/json")


async def body(request: web.Request) -> dict[str, Any]:
    """Return the request's JSON object; an empty body is an empty object.

    Raises InvalidInput if it is anything else.
    """
    content = await request.read()
    try:
        data = orjson.loads(content) if content else {}
    except orjson.JSONDecodeError:
        raise InvalidInput("Invalid JSON specified.") from None
    if not isinstance(data, dict):
        raise InvalidInput("Expected a JSON object")
    return data


def who(request: web.Request) -> tuple[Caller, Context]:
    """Return who sent the request, as the caller of actions and as the origin of what follows."""
    user_id = request[PRINCIPAL].user_id
    return Caller.user(user_id), Context("user", user_id=user_id)


def _definition(route: Route) -> web.RouteDef:
    method = getattr(web, route.method.lower())
    definition: web.RouteDef = method(route.path, route.handler)
    return definition


def _own_routes(sockets: Sockets) -> tuple[Route, ...]:
    status = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}
    switched = {101: Answer(description="The connection speaks WebSocket from here on.", content_type=None)}
    socket = "The WebSocket API: the client says who it is in its first message."
    return (
        Route(method="GET", path="/health", handler=_health, needs=Needs.NOTHING,
              summary="Say that the hub answers.", answers={200: Answer(schema=status)}),
        Route(method="GET", path="/api/websocket", handler=sockets.serve, needs=Needs.NOTHING,
              summary=socket, answers=switched),
    )  # fmt: skip


async def _health(_: web.Request) -> web.Response:
    return json({"status": "ok"})


def _openapi_route(routes: Iterable[Route]) -> Route:
    """Return the route that describes all of ``routes``, itself included."""

    async def describe(_: web.Request) -> web.Response:
        from hub.server.openapi import describe as description  # noqa: PLC0415 - most hubs are never asked

        return json(description([*routes]))

    return Route(
        method="GET",
        needs=Needs.LOGIN,
        path="/api/openapi.json",
        handler=describe,
        summary="Describe this API: the document that you are reading, as OpenAPI 3.1.",
        answers={200: Answer(schema={"type": "object"})},
    )
