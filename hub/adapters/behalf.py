"""On whose behalf an adapter is asked to act: for those of the hub's own that ask others in turn (scenes)."""

from __future__ import annotations

from contextvars import ContextVar
from typing import NamedTuple

from hub.core.callers import SYSTEM, Caller
from hub.core.context import Context


class Behalf(NamedTuple):
    """Who asked, and what led to it: actions carried out in turn keep both, so nobody gains rights by a detour."""

    caller: Caller
    context: Context


_current: ContextVar[Behalf | None] = ContextVar("hearth_behalf", default=None)


def on_behalf() -> Behalf:
    """Return for whom the action that is being executed in this task is; the hub itself outside of any."""
    return _current.get() or Behalf(SYSTEM, Context("system"))


class ActingFor:
    """Takes what is executed in its block for the doing of a caller. A class: a generator costs three times as much."""

    __slots__ = ("_behalf", "_token")

    def __init__(self, caller: Caller, context: Context) -> None:
        self._behalf = Behalf(caller, context)

    def __enter__(self) -> None:
        self._token = _current.set(self._behalf)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
