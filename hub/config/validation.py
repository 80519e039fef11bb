"""Checking configuration against a voluptuous schema, with messages that say where and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.config.marks import locate
from hub.errors import ConfigError


def checked(schema: vol.Schema, value: Any, what: str) -> Any:
    """Return ``value`` in the schema's form.

    Raises ConfigError for the first thing that is wrong: what was expected in ``what`` (``a state trigger``), what came,
    and where it stands.
    """
    try:
        return schema(value)
    except vol.Invalid as error:
        first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
        raise refused(value, explain(first, schema, what), first.path) from None


def refused(value: Any, message: str, path: Iterable[Any] = ()) -> ConfigError:
    """Return the error for what stands at ``path`` in ``value``."""
    keys = [part.schema if isinstance(part, vol.Marker) else part for part in path]
    file, line = locate(value, keys)
    return ConfigError(message, file=file, line=line, path=tuple(keys))


def explain(error: vol.Invalid, schema: vol.Schema, what: str) -> str:
    """Say in our words what a schema expected in ``what``."""
    name = str(error.path[-1]) if error.path else ""
    if isinstance(error, vol.RequiredFieldInvalid):
        return f"Expected the key {name!r} in {what}: add it"
    if error.error_message == "extra keys not allowed":
        return unknown_key(name, known_keys(schema), what)
    text = error.error_message
    text = text if text.startswith("expected") else f"expected something else: {text}"
    return f"{text[0].upper()}{text[1:]}, for {name!r} of {what}" if name else f"{text[0].upper()}{text[1:]}, as {what}"


def unknown_key(name: str, known: Iterable[str], what: str) -> str:
    """Say that a key is not known, with the nearest one that is."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else "remove it"
    return f"Expected one of the keys {', '.join(known)} in {what}, got {name!r}: {remedy}"


def known_keys(schema: vol.Schema) -> list[str]:
    """Return the keys that a schema of a mapping has."""
    return [str(key) for key in schema.schema] if isinstance(schema.schema, dict) else []
