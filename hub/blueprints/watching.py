"""Following a template: it is rendered again when something that it looked at changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from hub.blueprints.look import Look
from hub.core.bus import Unlisten
from hub.core.context import Context
from hub.core.events import STATE_CHANGED, StateChanged
from hub.templates import RenderInfo

_log = logging.getLogger(__name__)

Changed = Callable[[Any, StateChanged | None, Context], None]
"""Called with the new result and what made it: the change of a state, or None for the time."""


class TemplateWatch:
    """Renders a template at once, and again when needed; ``changed`` hears of every result that differs from the last.

    A template that looks at the time is rendered again at each full minute, as in Home Assistant.
    """

    def __init__(self, look: Look, template: str, changed: Changed) -> None:
        self._look = look
        self._template = template
        self._changed = changed
        self._unlisten: list[Unlisten] = []
        self._timer: Unlisten | None = None
        self._info = RenderInfo()
        self._render()

    @property
    def result(self) -> Any:
        """The last result, None while the template fails."""
        return self._info.result

    def stop(self) -> None:
        """Follow it no more."""
        self._listen(RenderInfo())
        if self._timer is not None:
            self._timer()
            self._timer = None

    def _render(self) -> None:
        before = self._info
        self._info = self._look.ports.templates.follow(self._template, self._look.variables)
        if self._info.error is not None and before.error is None:
            _log.warning("A template that is being followed failed: %s", self._info.error)
        if _places(self._info) != _places(before):
            self._listen(self._info)
        if self._info.time and self._timer is None:
            self._wait_a_minute()

    def _listen(self, info: RenderInfo) -> None:
        for unlisten in self._unlisten:
            unlisten()
        bus = self._look.ports.bus
        if info.all_states or info.domains:
            self._unlisten = [bus.listen(STATE_CHANGED, self._heard)]
        else:
            self._unlisten = [bus.listen_entity(entity_id, self._heard) for entity_id in info.entities]

    def _heard(self, event: StateChanged) -> None:
        if self._info.depends_on(event.entity_id):
            self._again(event, event.context)

    def _wait_a_minute(self) -> None:
        clock = self._look.ports.clock
        self._timer = clock.call_later(60 - clock.time() % 60, self._minute)

    def _minute(self) -> None:
        self._wait_a_minute()
        self._again(None, Context("time"))

    def _again(self, event: StateChanged | None, context: Context) -> None:
        before = self._info.result
        self._render()
        if self._info.result != before:
            self._changed(self._info.result, event, context)


def _places(info: RenderInfo) -> tuple[object, ...]:
    return info.all_states, info.domains, info.entities
