"""The aiohttp application: routes, who may use them, and what every answer carries."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from hub.core.ports import Principal, ProtocolFactory
from hub.errors import HubError, InvalidInput, NotFound, Refused
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection, handshake

Application = web.Application
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OnRevoked = Callable[[str, Callable[[], None]], Callable[[], None]]
PRINCIPAL = web.RequestKey("principal", Principal)
PUBLIC = frozenset({"/health", "/api/onboarding", "/api/websocket"})
"""Routes of the API that need no token: the WebSocket asks for it in its first frame."""
MAX_BODY = 1 << 20
MAX_FRAME = 1 << 20
MAX_SOCKETS = 1000
MAX_UNKNOWN_SOCKETS = 64
_log = logging.getLogger(__name__)

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
        "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
}


class RouteGroup(Protocol):
    """Some routes and what answers them."""

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the routes."""


class CommandGroup(Protocol):
    """Some WebSocket commands and what answers them."""

    def commands(self) -> Iterable[Command]:
        """Return the commands."""


def build(
    routes: Iterable[RouteGroup],
    commands: Iterable[CommandGroup],
    principal_for: Callable[[str], Principal | None],
    on_revoked: OnRevoked,
    hosts: frozenset[str],
) -> web.Application:
    """Return the application. ``hosts`` are the names, besides addresses of this machine, under which it may be reached.

    ``on_revoked(token id, callback)`` calls ``callback`` when the token ends, so that its sockets close at once.
    """
    sockets = Sockets({one.name: one for group in commands for one in group.commands()}, principal_for, on_revoked)
    app = web.Application(
        middlewares=[_headers, _errors, _origin(hosts), _authentication(principal_for)], client_max_size=MAX_BODY
    )
    app.router.add_get("/api/websocket", sockets.serve)
    app.router.add_get("/health", _health)
    for group in routes:
        app.add_routes(group.routes())
    app.on_shutdown.append(sockets.close)
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
    body = orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=body, status=status, content_type="application/json")


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


def admin(handler: Handler) -> Handler:
    """Keep a route to the owner and admins."""

    async def checked(request: web.Request) -> web.StreamResponse:
        if request[PRINCIPAL].role not in ("owner", "admin"):
            raise web.HTTPUnauthorized
        return await handler(request)

    return checked


class Sockets:
    """The open WebSockets: counted before authentication, closed when their token ends."""

    def __init__(
        self,
        commands: Mapping[str, Command],
        principal_for: Callable[[str], Principal | None],
        on_revoked: OnRevoked,
    ) -> None:
        self._commands = commands
        self._principal_for = principal_for
        self._on_revoked = on_revoked
        self._open: set[Connection] = set()
        self._unknown = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket."""
        if self._unknown >= MAX_UNKNOWN_SOCKETS or len(self._open) >= MAX_SOCKETS:
            raise web.HTTPServiceUnavailable(text="Too many connections")
        socket = web.WebSocketResponse(heartbeat=55, max_msg_size=MAX_FRAME, compress=False)
        await socket.prepare(request)
        self._unknown += 1
        try:
            known = await handshake(socket, self._principal_for)
        finally:
            self._unknown -= 1
        if known is not None:
            await self._talk(Connection(socket, known, self._commands))
        return socket

    async def _talk(self, connection: Connection) -> None:
        self._open.add(connection)
        unlisten = self._on_revoked(connection.principal.token_id or "", connection.close)
        try:
            await connection.run()
        finally:
            unlisten()
            self._open.discard(connection)

    async def close(self, _: web.Application) -> None:
        """Close every socket."""
        for connection in list(self._open):
            connection.close()
        await asyncio.sleep(0)


async def _health(_: web.Request) -> web.Response:
    return json({"status": "ok"})


@web.middleware
async def _headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return json({"message": str(error), "key": error.key}, 403)
    except NotFound as error:
        return json({"message": str(error), "key": error.key}, 404)
    except InvalidInput as error:
        return json({"message": str(error), "key": error.key, "path": error.path}, 400)
    except HubError as error:
        return json({"message": str(error), "key": error.key}, 500)
    except web.HTTPException as error:
        if error.status == web.HTTPUnauthorized.status_code:
            return web.Response(status=401, text="401: Unauthorized")
        if request.path.startswith(("/api/", "/auth/")) and error.status >= 400:
            return json({"message": error.reason}, error.status)
        raise
    except Exception:  # noqa: BLE001 - boundary: one request's failure is its own
        _log.exception("%s %s failed", request.method, request.path)
        return json({"message": "Server got itself in trouble"}, 500)


def _origin(hosts: frozenset[str]) -> Any:
    """Refuse a Host that is not ours (DNS rebinding) and an Origin that is not the Host (another site's page)."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            host = urlsplit(f"//{request.headers.get('Host', '')}")
            name, netloc = host.hostname or "", host.netloc.lower()
        except ValueError:
            name = netloc = ""
        if not _known_host(name, hosts):
            return web.Response(status=421, text="421: Misdirected Request")
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower().partition("://")[2] != netloc:
            return web.Response(status=403, text="403: Forbidden")
        return await handler(request)

    return check


def _known_host(name: str, hosts: frozenset[str]) -> bool:
    if name in hosts:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _authentication(principal_for: Callable[[str], Principal | None]) -> Any:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/api/") or request.path in PUBLIC:
            return await handler(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        principal = principal_for(token) if scheme == "Bearer" else None
        if principal is None:
            raise web.HTTPUnauthorized
        request[PRINCIPAL] = principal
        return await handler(request)

    return check
