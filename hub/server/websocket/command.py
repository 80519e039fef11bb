"""WebSocket commands as data: a name, what the message may hold, and who answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import voluptuous as vol
from voluptuous.humanize import humanize_error

from hub.errors import ActionTimeout, HubError, InvalidInput, NotFound, Refused, TemplateError, UnknownAction
from hub.server.needs import Needs

if TYPE_CHECKING:
    from hub.server.websocket.connection import Connection

Handler = Callable[["Connection", dict[str, Any]], Awaitable[Any] | Any]


class NoResult:
    """The type of ANSWERED."""


ANSWERED: Final = NoResult()
"""Returned by a handler that has sent its result itself."""


class CommandFailed(HubError):
    """A command failed with one of Home Assistant's error codes; ``translation`` is its key for the message."""

    def __init__(self, code: str, message: str, translation: str | None = None, **placeholders: object) -> None:
        super().__init__(message, **placeholders)
        self.code = code
        self.translation = translation


@dataclass(slots=True, kw_only=True, eq=False)
class Command:
    """One command: ``fields`` is a voluptuous mapping for the message besides ``id`` and ``type``.

    ``handler(connection, message)`` returns the result, or an awaitable of it. ``needs`` says what it takes to use it: a
    command that does not say is for owner and admins. ``summary`` says in one sentence what it does, for the reference.
    """

    name: str
    handler: Handler
    fields: Mapping[Any, Any] = field(default_factory=dict)
    needs: Needs | None = None
    summary: str = ""
    _schema: vol.Schema | None = field(default=None, init=False, repr=False)

    def check(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the message in its canonical form.

        Raises InvalidInput in Home Assistant's words.
        """
        if self._schema is None:  # compiled when it is first needed: a client uses a few of all commands
            self._schema = vol.Schema({vol.Required("id"): int, vol.Required("type"): str, **self.fields})
        try:
            checked: dict[str, Any] = self._schema(message)
        except vol.Invalid as error:
            raise InvalidInput(humanize_error(message, error)) from None
        return checked


_CODES: tuple[tuple[type[HubError], str], ...] = (
    (TemplateError, "template_error"),
    (UnknownAction, "not_found"),
    (InvalidInput, "invalid_format"),
    (NotFound, "not_found"),
    (Refused, "unauthorized"),
    (ActionTimeout, "timeout"),
)


def error_of(failure: HubError) -> dict[str, Any]:
    """Return a failure as the ``error`` of a result message, with Home Assistant's codes."""
    error: dict[str, Any] = {"code": _code(failure), "message": str(failure)}
    placeholders = {key: str(value) for key, value in failure.placeholders.items() if value is not None}
    if placeholders:
        theirs = failure.translation if isinstance(failure, CommandFailed) else None
        error["translation_key"] = theirs or failure.key
        error["translation_placeholders"] = placeholders
        error["translation_domain"] = "homeassistant" if theirs else "hearth"
    return error


def _code(failure: HubError) -> str:
    if isinstance(failure, CommandFailed):
        return failure.code
    return next((code for kind, code in _CODES if isinstance(failure, kind)), "home_assistant_error")
