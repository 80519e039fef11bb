"""What went wrong, in OpenAI's shape: every failure below ``/v1`` is answered by this."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from hub.errors import (
    HubError,
    InvalidInput,
    ModelUnavailable,
    NotFound,
    PromptTooLong,
    QueueFull,
    Refused,
    Unanswerable,
    WorkerDied,
)
from hub.server.rest.openai.presence import Gone
from hub.server.route import Handler

PREFIX = "/v1/"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a kind of failure is answered. ``retry_after`` in seconds is for those that pass."""

    status: int
    type: str
    code: str | None
    retry_after: int | None = None


_INVALID, _SERVER = "invalid_request_error", "server_error"
_SHAPES: Mapping[type[HubError], _Shape] = {
    PromptTooLong: _Shape(400, _INVALID, "context_length_exceeded"),
    Unanswerable: _Shape(400, _INVALID, Unanswerable.key),
    QueueFull: _Shape(429, "rate_limit_error", "rate_limit_exceeded", 1),
    ModelUnavailable: _Shape(503, _SERVER, ModelUnavailable.key),
    WorkerDied: _Shape(503, _SERVER, WorkerDied.key, 2),
    InvalidInput: _Shape(400, _INVALID, "invalid_value"),
    NotFound: _Shape(404, _INVALID, "model_not_found"),
    Refused: _Shape(403, "permission_error", "insufficient_permissions"),
    HubError: _Shape(500, _SERVER, None),
}
_REFUSALS: Mapping[int, tuple[str, str, str | None]] = {
    401: ("Expected a token of the hub as the API key, in the header 'Authorization: Bearer ...'", _INVALID, "invalid_api_key"),
    403: ("You may not use the model: that takes a capability for model.use", "permission_error", "insufficient_permissions"),
    404: ("There is nothing at this path", _INVALID, "unknown_url"),
    405: ("Expected another method for this path", _INVALID, "method_not_supported"),
    413: ("Expected a request of at most 1 MiB", _INVALID, "request_too_large"),
}  # fmt: skip


@web.middleware
async def openai_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer failures below ``/v1`` as OpenAI does; all others are for the middleware around this one."""
    if not request.path.startswith(PREFIX):
        return await handler(request)
    try:
        return await handler(request)
    except HubError as error:
        return _failure(error)
    except web.HTTPException as error:
        return _refusal(error)
    except Gone:
        return web.Response(status=499)  # nobody reads it
    except Exception:  # noqa: BLE001 - boundary: one request's failure is its own
        _log.exception("%s %s failed", request.method, request.path)
        return _response(500, _problem("Server got itself in trouble", _SERVER, None, None))


def problem(error: HubError) -> dict[str, Any]:
    """Return the failure as OpenAI says it, in an answer or in the middle of a stream."""
    shape = _shape(error)
    param = param_name(error.path) if isinstance(error, InvalidInput) else None
    return _problem(str(error), shape.type, "model" if isinstance(error, NotFound) else param, shape.code)


def param_name(path: Iterable[str | int]) -> str | None:
    """Return the name of a parameter as OpenAI writes it.

    >>> param_name(("messages", 0, "content"))
    'messages[0].content'
    """
    name = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return name.removeprefix(".") or None


def _failure(error: HubError) -> web.Response:
    shape = _shape(error)
    response = _response(shape.status, problem(error))
    if shape.retry_after is not None:
        response.headers["Retry-After"] = str(shape.retry_after)
    return response


def _refusal(error: web.HTTPException) -> web.Response:
    message, type_, code = _REFUSALS.get(error.status, (error.reason, _INVALID, None))
    response = _response(error.status, _problem(message, type_, None, code))
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _shape(error: HubError) -> _Shape:
    return next(shape for kind, shape in _SHAPES.items() if isinstance(error, kind))


def _problem(message: str, type_: str, param: str | None, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": type_, "param": param, "code": code}}


def _response(status: int, data: dict[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")
