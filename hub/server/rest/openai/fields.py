"""The pieces that requests are checked with, and how what does not fit is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import voluptuous as vol

from hub.errors import InvalidInput
from hub.server.rest.openai.failures import param_name

Check = Callable[[Any], Any]
NAME = vol.All(str, vol.Match(r"^[a-zA-Z0-9_-]{1,64}$", msg="expected 1 to 64 letters, digits, - or _"))


def fields(known: Mapping[Any, Any]) -> vol.Schema:
    """Return the check of an object; what it does not know is left out, as OpenAI does."""
    return vol.Schema(dict(known), extra=vol.REMOVE_EXTRA)


def checked(schema: vol.Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of the known fields; null says nothing.

    Raises InvalidInput with the path to the first that is wrong.
    """
    try:
        found = schema(data)
    except vol.Invalid as error:
        first = error.errors[0] if isinstance(error, vol.MultipleInvalid) else error
        path = tuple(key if isinstance(key, int) else str(key) for key in first.path)
        raise InvalidInput(f"{param_name(path) or 'request'}: {first.msg}", path=path) from None
    return {key: value for key, value in found.items() if value is not None}


def maybe(schema: Any) -> Check:
    """Return the check of something that may be null."""
    compiled = vol.Schema(schema)
    return lambda value: None if value is None else compiled(value)


def text(most: int | None = None) -> Check:
    """Return the check of a text; ``most`` is its greatest length."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise vol.Invalid(f"expected a text, got {_kind(value)}")
        if most is not None and len(value) > most:
            raise vol.Invalid(f"expected at most {most} characters, got {len(value)}")
        return value

    return check


def flag(value: Any) -> bool:
    """Check that it is true or false."""
    if not isinstance(value, bool):
        raise vol.Invalid(f"expected true or false, got {_kind(value)}")
    return value


def integer(low: int, high: int) -> Check:
    """Return the check of a whole number."""

    def check(value: Any) -> int:
        if type(value) is not int:  # True is an int, too
            raise vol.Invalid(f"expected a whole number, got {_kind(value)}")
        return int(_within(value, low, high))

    return check


def number(low: float, high: float) -> Check:
    """Return the check of a number."""

    def check(value: Any) -> float:
        if type(value) not in (int, float):
            raise vol.Invalid(f"expected a number, got {_kind(value)}")
        return float(_within(value, low, high))

    return check


def one_of(*values: str) -> Check:
    """Return the check of one of these texts."""

    def check(value: Any) -> str:
        if value not in values:
            raise vol.Invalid(f"expected one of {', '.join(values)}, got {_shown(value)}")
        return str(value)

    return check


def list_of(schema: Any, most: int, *, least: int = 0) -> Any:
    """Return the check of a list of so many."""
    told = f"expected {least} to {most} items"
    return vol.All([schema], vol.Length(min=least, max=most, msg=told))


def one_or_more(most: int, longest: int | None = None) -> Check:
    """Return the check of a text or a list of texts; it returns a list."""
    several = vol.Schema(list_of(text(longest), most, least=1))
    return lambda value: several([value] if isinstance(value, str) else value)


def json_schema(value: Any) -> dict[str, Any]:
    """Check that it may be a JSON schema: an object that is not too deep to be written."""
    if not isinstance(value, dict):
        raise vol.Invalid(f"expected a JSON schema, got {_kind(value)}")
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise vol.Invalid("expected a JSON schema that is nested less deeply") from None
    return value


def refused(why: str) -> Check:
    """Return the check of what the hub does not do: it may be left out, null, false, 0 or empty."""

    def check(value: Any) -> None:
        if value:
            raise vol.Invalid(why)

    return check


def _within(value: Any, low: float, high: float) -> Any:
    if not low <= value <= high:
        raise vol.Invalid(f"expected {low:g} to {high:g}, got {value:g}")
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _shown(value: Any) -> str:
    return repr(value)[:40] if isinstance(value, str) else _kind(value)
