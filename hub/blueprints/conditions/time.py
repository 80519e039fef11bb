"""``condition: time``: it is after, before, or on one of these weekdays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.clock_times import TimeOrEntity, time_of, time_or_entity
from hub.blueprints.elements import Condition, ConditionKind, Finding
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import WEEKDAYS, optional, weekdays
from hub.config.validation import refused

_SCHEMA = vol.Schema(optional(after=time_or_entity, before=time_or_entity, weekday=weekdays))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeCondition:
    """The local time is from ``after`` until ``before``, over midnight where ``before`` is the earlier."""

    after: TimeOrEntity | None
    before: TimeOrEntity | None
    weekdays: tuple[str, ...]

    def find(self, look: Look) -> Finding:
        now = look.ports.templates.home.now()
        after = time_of(look, self.after) if self.after is not None else dt.time.min
        before = time_of(look, self.before) if self.before is not None else dt.time.max
        compared: dict[str, Any] = {"now_time": now.time().isoformat("seconds"), "weekday": WEEKDAYS[now.weekday()]}
        if self.after is not None:
            compared["after"] = after.isoformat()
        if self.before is not None:
            compared["before"] = before.isoformat()
        within = after <= now.time() < before if after < before else not before <= now.time() < after
        return Finding(result=within and (not self.weekdays or compared["weekday"] in self.weekdays), compared=compared)


def _parse(config: Mapping[str, Any], path: str, parsing: Parsing) -> Condition:
    data = parsing.check(_SCHEMA, config, f"the time condition {path}")
    if not data:
        raise refused(
            config, f"Expected 'after', 'before' or 'weekday' in the time condition {path}, got none: add one"
        )
    return TimeCondition(after=data.get("after"), before=data.get("before"), weekdays=tuple(data.get("weekday", ())))


KIND = ConditionKind(name="time", parse=_parse)
