"""WebSocket commands as data: a name, what the message may hold, and who answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import voluptuous as vol

from hub.errors import HubError, InvalidInput, NotFound, Refused, TemplateError, UnknownAction

if TYPE_CHECKING:
    from hub.server.websocket.connection import Connection

Handler = Callable[["Connection", dict[str, Any]], Awaitable[Any] | Any]


class NoResult:
    """The type of ANSWERED."""


ANSWERED: Final = NoResult()
"""Returned by a handler that has sent its result itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: ``fields`` is a voluptuous mapping for the message besides ``id`` and ``type``.

    ``handler(connection, message)`` returns the result, or an awaitable of it. ``admin`` keeps it to owner and admins.
    """

    name: str
    handler: Handler
    fields: Mapping[Any, Any] = field(default_factory=dict)
    admin: bool = False

    def check(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the message in its canonical form.

        Raises InvalidInput in Home Assistant's words.
        """
        schema = vol.Schema({vol.Required("id"): int, vol.Required("type"): str, **self.fields})
        try:
            checked: dict[str, Any] = schema(dict(message))
        except vol.Invalid as error:
            first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
            got = _at(message, first.path)
            raise InvalidInput(f"{first}. Got {got!r}" if got is not None else str(first)) from None
        return checked


def _at(value: Any, path: Iterable[Any]) -> Any:
    for key in path:
        try:
            value = value[str(key) if isinstance(value, Mapping) else key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def error_of(failure: HubError) -> dict[str, Any]:
    """Return a failure as the ``error`` of a result message, with Home Assistant's codes."""
    codes: tuple[tuple[type[HubError], str], ...] = (
        (TemplateError, "template_error"),
        (UnknownAction, "not_found"),
        (InvalidInput, "invalid_format"),
        (NotFound, "not_found"),
        (Refused, "unauthorized"),
    )
    code = next((code for kind, code in codes if isinstance(failure, kind)), "home_assistant_error")
    error: dict[str, Any] = {"code": code, "message": str(failure)}
    if failure.placeholders:
        error |= {"translation_key": failure.key, "translation_placeholders": dict(failure.placeholders)}
    return error
