"""On whose behalf an adapter is asked to act: for those of the hub's own that ask others in turn (scenes)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from hub.core.callers import SYSTEM, Caller
from hub.core.context import Context


@dataclass(frozen=True, slots=True)
class Behalf:
    """Who asked, and what led to it: actions carried out in turn keep both, so nobody gains rights by a detour."""

    caller: Caller
    context: Context


_current: ContextVar[Behalf | None] = ContextVar("hearth_behalf", default=None)


def on_behalf() -> Behalf:
    """Return for whom the action that is being executed in this task is; the hub itself outside of any."""
    return _current.get() or Behalf(SYSTEM, Context("system"))


@contextmanager
def acting_for(caller: Caller, context: Context) -> Iterator[None]:
    """Take what is executed inside for the doing of a caller."""
    token = _current.set(Behalf(caller, context))
    try:
        yield
    finally:
        _current.reset(token)
