"""Templates of adapters where there is no home to look at: the limited environment, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hub.core.clock import Clock

if TYPE_CHECKING:
    from hub.templates import Templates


class LimitedTemplates:
    """Renders as the hub does for its own adapters. Jinja is imported with the first template."""

    def __init__(self, clock: Clock, time_zone: tzinfo) -> None:
        self._clock = clock
        self._time_zone = time_zone

    def render(self, template: str, variables: Mapping[str, Any]) -> str:
        """Return the rendered text.

        Raises TemplateError.
        """
        return str(self._templates.render(template, variables, limited=True, parse_result=False))

    @cached_property
    def _templates(self) -> Templates:
        from hub.core.bus import EventBus  # noqa: PLC0415 - few adapters need these
        from hub.core.registry import Registries  # noqa: PLC0415
        from hub.core.states import States  # noqa: PLC0415
        from hub.templates import Templates  # noqa: PLC0415

        bus = EventBus()
        registries = Registries.open(lambda _: _Nothing(), bus, self._clock)
        return Templates(States(bus, self._clock), registries, self._clock, self._time_zone)


class _Nothing:
    """A document that does not exist."""

    def load(self, version: int, migrate: object) -> None:
        return None

    def save(self, version: int, data: Callable[[], dict[str, Any]]) -> None:
        """Nothing is kept."""
