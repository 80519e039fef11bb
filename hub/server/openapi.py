"""The description of the REST API in OpenAPI 3.1, made from the routes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hub.server.needs import Needs
from hub.server.route import TEXT, Answer, Parameter, Route, Schema
from hub.server.schemas import COMPONENTS, ref

_PLACE = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_ERROR = Answer(description="What was wrong with the request.", schema=ref("Error"))
_ABOUT = {
    "title": "Hearth",
    "version": "1",
    "description": (
        "The REST API of a hub, in Home Assistant's shapes. Most of it needs an access token or a long-lived token; "
        "what happens in the home is better followed over the WebSocket API."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI document of these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(routes, key=lambda route: (route.path, route.method)):
        paths.setdefault(_PLACE.sub(r"{\1}", route.path), {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": _ABOUT,
        "paths": paths,
        "components": {
            "schemas": COMPONENTS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    answers = {**route.answers, **_errors(route)}
    operation: dict[str, Any] = {
        "summary": route.summary.rstrip("."),
        "operationId": _name(route),
        "parameters": [*_path_parameters(route), *map(_query_parameter, route.query)],
        "responses": {str(status): _response(answer) for status, answer in sorted(answers.items())},
        "x-needs": str(route.needs or Needs.ADMIN),
    }
    if route.needs not in (Needs.NOTHING, Needs.LINK):
        operation["security"] = [{"token": []}]
    if route.body is not None:
        content = {route.body_type: {"schema": route.body}}
        operation["requestBody"] = {"required": "required" in route.body, "content": content}
    return operation


def _name(route: Route) -> str:
    words = re.findall(r"\w+", _PLACE.sub(r"by_\1", route.path))
    return "_".join([route.method.lower(), *words])


def _path_parameters(route: Route) -> Iterable[dict[str, Any]]:
    for name in _PLACE.findall(route.path):
        schema = route.paths.get(name, {"type": "string", "minLength": 1})
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    described = {"description": parameter.description} if parameter.description else {}
    needed = {"required": True} if parameter.required else {}
    return {"name": parameter.name, "in": "query", "schema": parameter.schema, **described, **needed}


def _errors(route: Route) -> Mapping[int, Answer]:
    found: dict[int, Answer] = {}
    if route.needs is not Needs.NOTHING:
        found[401] = Answer(description="No token, or one that may not do this.", content_type=TEXT)
    if route.query or route.body or "{" in route.path:
        found[400] = _ERROR
    if "{" in route.path:
        found[404] = Answer(description="There is no such thing.", schema=ref("Error"))
    return {status: answer for status, answer in found.items() if status not in route.answers}


def _response(answer: Answer) -> dict[str, Any]:
    response: dict[str, Any] = {"description": answer.description}
    if answer.content_type is not None:
        media: dict[str, Schema] = {} if answer.schema is None else {"schema": answer.schema}
        response["content"] = {answer.content_type: media, **{kind: {} for kind in answer.also}}
    if answer.headers:
        response["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    return response
