"""The generated pages on the API: OpenAPI for REST, a table of the WebSocket commands."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import voluptuous as vol

from hub.app import Hub, api
from hub.config.settings import Settings
from hub.server.needs import Needs
from hub.server.openapi import describe
from hub.server.web import COMMANDS, ROUTES, Application
from hub.server.websocket.command import Command

_INTRODUCTION = """\
# WebSocket commands

`/api/websocket` speaks Home Assistant's protocol. The hub says `auth_required`; the client answers
`{"type": "auth", "access_token": "..."}` and gets `auth_ok`, or `auth_invalid` and the end of the connection. After that a
client sends commands `{"id": 1, "type": "...", ...}` with ids that increase, and gets
`{"id": 1, "type": "result", "success": true, "result": ...}`, or `"success": false` with `error: {code, message}`. What it
subscribed to comes as `{"id": 1, "type": "event", "event": ...}` until it sends `unsubscribe_events`. At most 4,096 messages
wait for a client that does not read; then the connection is closed.

Commands that begin with `hearth/` are Hearth's own; the others have the answers that Home Assistant gives. A `?` marks a
field that may be left out.
"""


_WHO = {
    Needs.LOGIN: "everybody",
    Needs.HOUSE: "whoever sees the whole house",
    Needs.MODEL: "whoever may use the model",
    Needs.ADMIN: "admin",
}
_NAMES: Mapping[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    dict: "object",
    list: "list",
}


def openapi() -> str:
    """Return the OpenAPI document of the REST API."""
    routes = application()[ROUTES]
    return orjson.dumps(describe(routes), option=orjson.OPT_INDENT_2).decode() + "\n"


def websocket() -> str:
    """Return the page on the WebSocket commands."""
    lines = [_INTRODUCTION, "| command | fields | what it does | who |", "|---|---|---|---|"]
    commands = application()[COMMANDS]
    lines += [_row(commands[name]) for name in sorted(commands)]
    return "\n".join(lines) + "\n"


def application() -> Application:
    """Return the application of a hub that does not run."""
    with tempfile.TemporaryDirectory() as folder:
        return api.application(Hub(Path(folder), Settings()))


def _row(command: Command) -> str:
    fields = "<br>".join(_field(key, value) for key, value in command.fields.items())
    return f"| `{command.name}` | {fields} | {command.summary} | {_WHO[command.needs or Needs.ADMIN]} |"


def _field(key: Any, value: Any) -> str:
    needed = isinstance(key, vol.Required)
    name = key.schema if isinstance(key, vol.Marker) else key
    if not isinstance(name, str):
        return "and others"
    return f"`{name}`{'' if needed else '?'}: {kind_of(value)}"


def kind_of(validator: Any) -> str:
    """Return in words what a validator takes.

    >>> kind_of(vol.Any(str, None)), kind_of([int]), kind_of(vol.All(int, vol.Range(min=1)))
    ('text or null', 'list of integer', 'integer')
    """
    if isinstance(validator, vol.Any):
        return " or ".join(kind_of(one) for one in validator.validators)
    if isinstance(validator, vol.All):
        return kind_of(validator.validators[0])
    if isinstance(validator, vol.Coerce):
        return kind_of(validator.type)
    if isinstance(validator, vol.In):
        return " or ".join(f"`{one}`" for one in validator.container)  # type: ignore[union-attr]
    if isinstance(validator, list):
        return f"list of {kind_of(validator[0])}" if validator else "list"
    if isinstance(validator, Mapping):
        return "object"
    return "null" if validator is None else _NAMES.get(validator, "anything" if isinstance(validator, type) else "text")
