"""``trigger: sun``: at sunrise or sunset, or some time before or after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from hub.blueprints.elements import Fire, Trigger, TriggerKind
from hub.blueprints.look import Look
from hub.blueprints.parsing import Parsing
from hub.blueprints.values import optional, required
from hub.core.alarm import Alarm
from hub.core.bus import Unlisten
from hub.core.context import Context
from hub.core.fields import duration
from hub.virtual import SunEvent

EVENTS = (SunEvent.SUNRISE, SunEvent.SUNSET)


def sun_event(value: Any) -> SunEvent:
    """Return sunrise or sunset."""
    if str(value).lower() not in EVENTS:
        raise vol.Invalid(f"expected sunrise or sunset, got {value!r}")
    return SunEvent(str(value).lower())


_SCHEMA = vol.Schema({**required(event=sun_event), **optional(offset=duration)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SunTrigger:
    """Each day at ``event`` and ``offset`` (negative: before); at the poles, only on days that have one."""

    event: SunEvent
    offset: dt.timedelta

    def attach(self, look: Look, fire: Fire) -> Unlisten:
        return _Watch(self, look, fire).stop

    def next(self, look: Look) -> float:
        """Return when it comes next, in UTC epoch seconds."""
        now = look.ports.templates.home.utcnow()
        return (look.ports.sun.next(self.event, now - self.offset) + self.offset).timestamp()


class _Watch:
    """A sun trigger that is waiting."""

    def __init__(self, trigger: SunTrigger, look: Look, fire: Fire) -> None:
        self._trigger = trigger
        self._look = look
        self._fire = fire
        self._alarm = self._wait()

    def stop(self) -> None:
        self._alarm.cancel()

    def _wait(self) -> Alarm:
        return Alarm(self._look.ports.clock, self._trigger.next(self._look), self._due)

    def _due(self) -> None:
        trigger = self._trigger
        variables = {
            "platform": "sun",
            "event": trigger.event.value,
            "offset": trigger.offset,
            "description": f"{trigger.event} with offset" if trigger.offset else trigger.event.value,
        }
        self._fire(variables, Context("sun"))
        self._alarm = self._wait()


def _parse(config: Mapping[str, Any], parsing: Parsing) -> Trigger:
    data = parsing.check(_SCHEMA, config, "a sun trigger")
    return SunTrigger(event=data["event"], offset=data.get("offset", dt.timedelta()))


KIND = TriggerKind(name="sun", parse=_parse)
