"""``trigger: time``: at a time of day, or when an entity says; ``trigger: time_pattern``: at every so many hours, minutes, seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.clock_times import Daily, moment_of
from hub.blueprints.elements import Fire, Trigger, TriggerKind, together
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import anything, duration_text, listed, optional, required, time_of_day, weekdays
from hub.config.validation import refused
from hub.core.alarm import Alarm
from hub.core.bus import Unlisten
from hub.core.context import Context
from hub.core.fields import duration
from hub.core.ids import is_entity_id
from hub.errors import InvalidInput
from hub.templates import is_template

_SCHEMA = vol.Schema({**required(at=anything), **optional(weekday=weekdays)})
_AT = vol.Schema({**required(entity_id=str), **optional(offset=duration_text)})
_PATTERN = vol.Schema(optional(hours=anything, minutes=anything, seconds=anything))

Next = Callable[[], float | None]
"""The next moment (epoch seconds) to fire at, None if there is none for now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTrigger:
    """At each of ``at``: a time of day, a template of one, or an entity that tells it, with an offset in seconds."""

    at: tuple[tuple[Any, float], ...]
    weekdays: tuple[str, ...] = ()

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        return together(*(self._attach(look, fire, at, offset) for at, offset in self.at))

    def _attach(self, look: Look, fire: Fire, at: Any, offset: float) -> Unlisten:
        if isinstance(at, str) and is_template(at):
            at = _time(look.ports.templates.render(at, look.variables, limited=True))
        home = look.ports.templates.home
        if isinstance(at, dt.time):
            daily = Daily(at, self.weekdays)
            return _Repeating(look, fire, lambda: daily.next(home.now()).timestamp()).stop
        repeating = _Repeating(look, fire, lambda: _moment(look, at, offset, self.weekdays), entity_id=at)
        unlisten = look.ports.bus.listen_entity(at, lambda _: repeating.again())
        return together(repeating.stop, unlisten)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternTrigger:
    """Whenever the local hour, minute and second are among these."""

    hours: frozenset[int]
    minutes: frozenset[int]
    seconds: frozenset[int]

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        home = look.ports.templates.home
        return _Repeating(
            look, fire, lambda: self.next(home.now()), description="time pattern", platform="time_pattern"
        ).stop

    def next(self, now: dt.datetime) -> float:
        """Return the first matching second after ``now``."""
        start = int(now.timestamp()) + 1
        for minute in range(2 * 24 * 60):
            base = start - start % 60 + minute * 60
            local = dt.datetime.fromtimestamp(base, now.tzinfo)
            if local.hour in self.hours and local.minute in self.minutes:
                found = next((base + second for second in sorted(self.seconds) if base + second >= start), None)
                if found is not None:
                    return float(found)
        raise ValueError("Expected a time pattern to come within two days")


class _Repeating:
    """An alarm that is set again each time it has gone off."""

    def __init__(
        self,
        look: Look,
        fire: Fire,
        following: Next,
        *,
        entity_id: str | None = None,
        description: str = "time",
        platform: str = "time",
    ) -> None:
        self._look = look
        self._fire = fire
        self._following = following
        self._variables = {"platform": platform, "entity_id": entity_id, "description": description}
        self._alarm: Alarm | None = None
        self.again()

    def again(self) -> None:
        """Set the alarm for the next moment, if there is one."""
        self.stop()
        moment = self._following()
        self._alarm = Alarm(self._look.ports.clock, moment, self._due) if moment is not None else None

    def stop(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()

    def _due(self) -> None:
        now = self._look.ports.templates.home.now()
        self._fire({**self._variables, "now": now}, Context("time"))
        self.again()


def _moment(look: Look, entity_id: str, offset: float, days: tuple[str, ...]) -> float | None:
    state = look.ports.states.get(entity_id)
    told = moment_of(state) if state is not None else None
    if told is None:
        return None
    home = look.ports.templates.home
    now = home.now()
    if isinstance(told, dt.time):
        shifted = dt.datetime.combine(now.date(), told, home.time_zone) + dt.timedelta(seconds=offset)
        return Daily(shifted.time(), days).next(now).timestamp()
    moment = home.local(told).timestamp() + offset
    return moment if moment > now.timestamp() else None


def _time(value: Any) -> dt.time:
    try:
        return time_of_day(value)
    except vol.Invalid as error:
        raise InvalidInput(f"E{str(error)[1:]}") from None


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "a time trigger")
    at = tuple(_at(item, config, parsing) for item in listed(data["at"]) if item not in ("", None))
    return TimeTrigger(at=at, weekdays=tuple(data.get("weekday", ())))


def _at(item: Any, config: Mapping[str, Any], parsing: Parsing) -> tuple[Any, float]:
    if isinstance(item, Mapping):
        data = parsing.check(_AT, item, "a time trigger's 'at'")
        return data["entity_id"], duration(data.get("offset", 0)).total_seconds()
    if isinstance(item, str) and (is_template(item) or is_entity_id(item)):
        return item, 0.0
    try:
        return time_of_day(item), 0.0
    except vol.Invalid as error:
        raise refused(config, f"E{str(error)[1:]}, for 'at' of a time trigger", ["at"]) from None


def _pattern(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_PATTERN, config, "a time_pattern trigger")
    if not data:
        raise refused(config, "Expected 'hours', 'minutes' or 'seconds' in a time_pattern trigger, got none: add one")
    # What is finer than the finest part given is 0, what is coarser may be anything.
    minutes = data.get("minutes", "*" if "seconds" in data else 0)
    try:
        return PatternTrigger(
            hours=_numbers(data.get("hours", "*"), 24),
            minutes=_numbers(minutes, 60),
            seconds=_numbers(data.get("seconds", 0), 60),
        )
    except vol.Invalid as error:
        raise refused(config, f"E{str(error)[1:]}, in a time_pattern trigger") from None


def _numbers(value: Any, size: int) -> frozenset[int]:
    """Return the numbers below ``size`` that ``5``, ``/5`` or ``*`` mean."""
    text = str(value).strip()
    if text == "*":
        return frozenset(range(size))
    step = text.startswith("/")
    digits = text.removeprefix("/")
    if not digits.isdigit() or not (1 if step else 0) <= int(digits) < size:
        raise vol.Invalid(f"expected a number below {size}, /number or *, got {value!r}")
    return frozenset(range(0, size, int(digits))) if step else frozenset({int(digits)})


KIND = TriggerKind(name="time", parse=_parse)
PATTERN = TriggerKind(name="time_pattern", parse=_pattern)
