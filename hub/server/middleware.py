"""What every request passes: where it comes from, who sends it, and how failures are answered."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from hub.core.ports import Principal
from hub.errors import HubError, InvalidInput, NotFound, Refused
from hub.security import Sight
from hub.server.needs import Needs, permits
from hub.server.route import Handler, Route
from hub.server.sockets import SightOf

PRINCIPAL = web.RequestKey("principal", Principal)
SIGHT = web.RequestKey("sight", Sight)
"""What whoever sent the request may see; there wherever PRINCIPAL is."""
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


class Signatures(Protocol):
    """Paths that somebody signed for a short time, so that a browser can fetch them without a header."""

    def principal(self, path: str, query: Mapping[str, str]) -> Principal | None:
        """Return who signed this path and query, or None."""


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every answer the headers that keep browsers from harm; what an answer says itself stays."""
    response = await handler(request)
    if not response.prepared:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
    return response


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer failures in Home Assistant's shapes."""
    try:
        return await handler(request)
    except HubError as error:
        return _failure(error)
    except web.HTTPException as error:
        if not request.path.startswith(("/api/", "/auth/")) or error.status < 400:
            raise
        return _refusal(error)
    except Exception:  # noqa: BLE001 - boundary: one request's failure is its own
        _log.exception("%s %s failed", request.method, request.path)
        return _message({"message": "Server got itself in trouble"}, 500)


def _failure(error: HubError) -> web.Response:
    statuses: tuple[tuple[type[HubError], int], ...] = ((Refused, 403), (NotFound, 404), (InvalidInput, 400))
    status = next((status for kind, status in statuses if isinstance(error, kind)), 500)
    path = {"path": error.path} if isinstance(error, InvalidInput) else {}
    return _message({"message": str(error), "key": error.key, **path}, status)


def _refusal(error: web.HTTPException) -> web.Response:
    if error.status == web.HTTPUnauthorized.status_code:
        return web.Response(status=401, text="401: Unauthorized")
    response = _message({"message": error.reason}, error.status)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _message(data: Any, status: int) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")


def origin(hosts: frozenset[str]) -> Any:
    """Return what refuses a Host that is not ours (DNS rebinding) and an Origin that is not the Host (another site)."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            host = urlsplit(f"//{request.headers.get('Host', '')}")
            name, netloc = host.hostname or "", host.netloc.lower()
        except ValueError:
            name = netloc = ""
        if not _known_host(name, hosts):
            return web.Response(status=421, text="421: Misdirected Request")
        sender = request.headers.get("Origin")
        if sender is not None and sender.lower().partition("://")[2] != netloc:
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


def authentication(
    routes: Iterable[Route],
    principal_for: Callable[[str], Principal | None],
    signatures: Signatures,
    sight_of: SightOf,
) -> Any:
    """Return what lets to each route those who may use it; a path of the API that is no route needs a user."""
    needs = {(route.method, route.path): route.needs or Needs.ADMIN for route in routes}

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        needed = _needed(request, needs)
        principal = None if needed is Needs.NOTHING else _principal(request, principal_for, signatures)
        if principal is not None:
            request[PRINCIPAL], request[SIGHT] = principal, sight_of(principal.user_id)
            if not permits(needed, principal.role, request[SIGHT]):
                raise web.HTTPForbidden if needed is Needs.MODEL else web.HTTPUnauthorized
        elif needed not in (Needs.NOTHING, Needs.LINK):
            raise web.HTTPUnauthorized
        return await handler(request)

    return check


def _needed(request: web.Request, known: Mapping[tuple[str, str], Needs]) -> Needs:
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    path = resource.canonical if resource is not None else ""
    return known.get((method, path)) or (Needs.LOGIN if request.path.startswith(("/api/", "/v1/")) else Needs.NOTHING)


def _principal(
    request: web.Request, principal_for: Callable[[str], Principal | None], signatures: Signatures
) -> Principal | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        return principal_for(token)
    return signatures.principal(request.path, request.query) if request.method == "GET" else None
