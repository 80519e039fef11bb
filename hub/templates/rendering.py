"""One rendering: what it has looked at, and how much it may still do."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from hub.errors import TemplateError

MAX_STEPS = 500_000
"""Turns of loops and calls of functions in one rendering."""
MAX_SECONDS = 2.0
"""How long one rendering may take; looked at every few hundred steps."""


class Rendering:
    """The entities, domains and times a template looked at, and its budget. Steps are counted as it goes."""

    __slots__ = ("_deadline", "all_states", "domains", "entities", "steps", "time")

    def __init__(self) -> None:
        self.entities: set[str] = set()
        self.domains: set[str] = set()
        self.all_states = False
        self.time = False
        self.steps = 0
        self._deadline = time.monotonic() + MAX_SECONDS

    def step(self) -> None:
        """Count a step.

        Raises TemplateError when there were too many or they took too long.
        """
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TemplateError(f"Expected a template of at most {MAX_STEPS} steps, got more: loop over less")
        if not self.steps % 256 and time.monotonic() > self._deadline:
            raise TemplateError(
                f"Expected a template that renders in {MAX_SECONDS:g} s, got a slower one: loop over less"
            )

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield ``items``, each as a step."""
        for item in items:
            self.step()
            yield item


_active: ContextVar[Rendering | None] = ContextVar("hearth_rendering", default=None)


def active() -> Rendering:
    """Return the rendering that is going on; outside of one, a fresh one."""
    return _active.get() or Rendering()


@contextmanager
def started() -> Iterator[Rendering]:
    """Begin a rendering."""
    rendering = Rendering()
    token = _active.set(rendering)
    try:
        yield rendering
    finally:
        _active.reset(token)
