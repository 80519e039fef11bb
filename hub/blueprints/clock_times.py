"""Times of day, written out or taken from an entity (an input_datetime, a timestamp sensor), and the next time they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from hub.blueprints.look import Look
from hub.blueprints.values import WEEKDAYS, time_of_day
from hub.core.ids import is_entity_id
from hub.core.state import State
from hub.errors import InvalidInput, NotFound

TimeOrEntity = dt.time | str


def time_or_entity(value: Any) -> TimeOrEntity:
    """Return a time of day, or the id of an entity that tells one."""
    if isinstance(value, str) and is_entity_id(value):
        return value
    return time_of_day(value)


def time_of(look: Look, at: TimeOrEntity) -> dt.time:
    """Return the time of day that is written or that the entity tells.

    Raises NotFound or InvalidInput.
    """
    if isinstance(at, dt.time):
        return at
    state = look.ports.states.get(at)
    if state is None:
        raise NotFound(f"Expected a known entity, got {at}")
    found = moment_of(state)
    if found is None:
        raise InvalidInput(f"Expected {at} to tell a time, got {state.state!r}")
    return look.ports.templates.home.local(found).time() if isinstance(found, dt.datetime) else found


def moment_of(state: State) -> dt.datetime | dt.time | None:
    """Return the moment, or the time of day, that an entity's state says; None if it says none."""
    text = state.state
    try:
        return dt.datetime.fromisoformat(text) if "-" in text else dt.time.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Daily:
    """A time on some days of the week (none given: every day), in local time."""

    time: dt.time
    weekdays: Collection[str] = ()

    def next(self, now: dt.datetime) -> dt.datetime:
        """Return when it comes after ``now``; where clocks are put forward, as soon as they are."""
        for days in range(9):
            day = now.date() + dt.timedelta(days=days)
            candidate = dt.datetime.combine(day, self.time, now.tzinfo)
            if candidate.timestamp() > now.timestamp() and (
                not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays
            ):
                return candidate
        raise ValueError("Expected a weekday to come within nine days")
