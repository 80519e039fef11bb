"""What a template function is: a row in a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import Any, NoReturn

from hub.errors import TemplateError


class Use(Flag):
    """How a function may be written: ``f(x)``, ``x | f``, ``x is f``."""

    GLOBAL = auto()
    FILTER = auto()
    TEST = auto()


BOTH = Use.GLOBAL | Use.FILTER
"""As a function and as a filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function, filter, test or constant of templates. ``limited`` ones are offered where the home is out of sight too."""

    name: str
    call: Any
    uses: Use = BOTH
    limited: bool = True


class Missing:
    """The type of MISSING: no default was given."""


MISSING = Missing()


def defaulted(name: str, value: Any, default: Any) -> Any:
    """Return ``default`` where ``value`` could not be used by the function ``name``.

    Raises TemplateError if there is no default.
    """
    if default is MISSING:
        no_default(name, value)
    return default


def no_default(name: str, value: Any) -> NoReturn:
    """Say that ``value`` cannot be used and that there is no default."""
    shown = repr(value)[:80]
    raise TemplateError(f"Expected something that {name} can read, got {shown}: give it a default, as in {name}(0)")
