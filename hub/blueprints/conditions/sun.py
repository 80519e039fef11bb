"""``condition: sun``: it is before or after sunrise or sunset of today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Condition, ConditionKind, Finding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.triggers.sun import sun_event
from hub.blueprints.values import optional
from hub.config.validation import refused
from hub.core.fields import duration
from hub.virtual import SunEvent

_SCHEMA = vol.Schema(optional(before=sun_event, before_offset=duration, after=sun_event, after_offset=duration))


@dataclass(frozen=True, slots=True, kw_only=True)
class SunCondition:
    """It is before ``before`` and after ``after``; after sunset and before sunrise together mean the night.

    A day without the event (near the poles) never fits: there the state of ``sun.sun`` says more.
    """

    before: SunEvent | None
    after: SunEvent | None
    before_offset: dt.timedelta
    after_offset: dt.timedelta

    def find(self, look: Look) -> Finding:
        home = look.ports.templates.home
        now, today = home.utcnow(), home.now().date()
        before = self._moment(look, self.before, self.before_offset, today)
        after = self._moment(look, self.after, self.after_offset, today)
        wanted = {"wanted_time_before": before, "wanted_time_after": after}
        compared = {name: moment.isoformat() for name, moment in wanted.items() if moment is not None}
        until = self.before is None or (before is not None and now <= before)
        since = self.after is None or (after is not None and now >= after)
        overnight = self.before is SunEvent.SUNRISE and self.after is SunEvent.SUNSET
        return Finding(result=(until or since) if overnight else (until and since), compared=compared)

    @staticmethod
    def _moment(look: Look, event: SunEvent | None, offset: dt.timedelta, day: dt.date) -> dt.datetime | None:
        """Return when it is on the home's ``day``: by UTC that may be another one."""
        if event is None:
            return None
        home, sun = look.ports.templates.home, look.ports.sun
        moments = (sun.on(event, day + dt.timedelta(days=shift)) for shift in (0, 1, -1))
        moment = next((m for m in moments if m is not None and home.local(m).date() == day), None)
        return moment + offset if moment is not None else None


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the sun condition {path}")
    if not {"before", "after"} & set(data):
        raise refused(config, f"Expected 'before' or 'after' in the sun condition {path}, got neither: add one")
    none = dt.timedelta()
    return SunCondition(
        before=data.get("before"),
        after=data.get("after"),
        before_offset=data.get("before_offset", none),
        after_offset=data.get("after_offset", none),
    )


KIND = ConditionKind(name="sun", parse=_parse)
