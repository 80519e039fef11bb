"""Which run is acting: what it causes within its own calls belongs to its causal chain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hub.core.context import Context

_current: ContextVar[Context | None] = ContextVar("hearth_run_context", default=None)


def current_context() -> Context | None:
    """Return the context of the run whose step is being carried out in this task, or None."""
    return _current.get()


def act_as(context: Context) -> None:
    """Take everything that this task does from now on for the doing of a run."""
    _current.set(context)


@contextmanager
def acting(context: Context) -> Iterator[None]:
    """Take what happens inside for the doing of a run."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
