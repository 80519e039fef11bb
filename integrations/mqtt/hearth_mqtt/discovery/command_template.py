"""Command templates: what is sent to a device for a value."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable, Mapping
from typing import Any

from hearth_mqtt.discovery.value_template import Render, Variables

Payload = str | bytes
Writer = Callable[..., Payload]
"""``write(value, **more)`` returns the payload for a value; ``more`` are further variables of the template.

Raises TemplateError.
"""


def command_writer(template: str | None, render: Render, variables: Variables) -> Writer:
    """Return what writes a command; without a template the payload is the value as text."""
    if template is None:
        return lambda value, **_: plain(value)

    def write(value: Any, **more: Any) -> Payload:
        known: Mapping[str, Any] = {**variables(), "value": value, **more}
        return _bytes_if_meant(str(render(template, known)))

    return write


def plain(value: Any) -> Payload:
    """Return a value as it is sent without a template."""
    return value if isinstance(value, (str, bytes)) else str(value)


def _bytes_if_meant(text: str) -> Payload:
    """Return the bytes that a template meant by ``b'...'``."""
    if not text.startswith(("b'", 'b"')):
        return text
    try:
        value = literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    return value if isinstance(value, bytes) else text
