"""REST routes as data: the router, the rights and the description of the API are all made from these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiohttp import web

from hub.server.needs import Needs

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Schema = Mapping[str, Any]
JSON, TEXT, FORM = "application/json", "text/plain", "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter in a route's query; ``schema`` is JSON Schema, like all schemas here."""

    name: str
    description: str = ""
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a route answers with one status. Without a ``schema`` the content is anything of ``content_type``.

    ``also`` are other types that the content may have, whatever it is then.
    """

    description: str = "Done."
    schema: Schema | None = None
    content_type: str | None = JSON
    also: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path. ``paths`` gives the schemas of the path's parameters where they are not plain text.

    ``needs`` says what it takes to use it: a route that does not say is for owner and admins.
    ``answers`` are those besides the errors that every route of its kind has; ``body`` is the schema of what is sent.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    needs: Needs | None = None
    paths: Mapping[str, Schema] = field(default_factory=dict)
    query: tuple[Parameter, ...] = ()
    body: Schema | None = None
    body_type: str = JSON
    answers: Mapping[int, Answer] = field(default_factory=lambda: {200: Answer()})


class RouteGroup(Protocol):
    """Some routes and what answers them; plain ``web.RouteDef`` for what is no part of the API (the dashboard's files)."""

    def routes(self) -> Iterable[Route | web.RouteDef]:
        """Return the routes."""
