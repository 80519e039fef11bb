"""``sun.sun``: above or below the horizon, where it stands, and when it rises and sets next."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from hub.adapters.interfaces import AdapterHost, EntityDescription, Report
from hub.core.alarm import Alarm
from hub.templates.home import Home
from hub.virtual.sun_times import SunEvent, SunTimes

DOMAIN = "sun"
_SHOWN = {
    "next_dawn": SunEvent.DAWN,
    "next_dusk": SunEvent.DUSK,
    "next_midnight": SunEvent.MIDNIGHT,
    "next_noon": SunEvent.NOON,
    "next_rising": SunEvent.SUNRISE,
    "next_setting": SunEvent.SUNSET,
}
_PACE = ((-18.0, 20), (-12.0, 8), (-6.0, 4), (10.0, 2), (90.0, 4))
"""Up to which height the position is told every how many minutes: often where it matters, as in Home Assistant."""


class Sun:
    """The adapter of the one entity."""

    def __init__(self, times: SunTimes, home: Home) -> None:
        self._times = times
        self._home = home
        self._next: dict[SunEvent, dt.datetime] = {}
        self._alarm: Alarm | None = None

    async def run(self, host: AdapterHost) -> None:
        """Show the sun until cancelled."""
        sun = EntityDescription(
            domain=DOMAIN, unique_id=DOMAIN, name="Sun", has_entity_name=False, object_id=DOMAIN, available=False
        )
        host.add(sun)
        try:
            self._show(host)
            host.available(True)
            host.connected(True)
            await asyncio.get_running_loop().create_future()
        finally:
            if self._alarm is not None:
                self._alarm.cancel()

    def _show(self, host: AdapterHost) -> None:
        now = self._home.utcnow()
        height = self._times.height(now)
        for event in SunEvent:
            if event not in self._next or self._next[event] <= now:
                self._next[event] = self._times.next(event, now)
        up = self._next[SunEvent.SUNSET] < self._next[SunEvent.SUNRISE]  # so that it turns when the triggers fire
        state = "above_horizon" if up else "below_horizon"
        host.report(Report(unique_id=DOMAIN, state=state, attributes=self._attributes(now, height)))
        following = min(now + _pace(height), *self._next.values())
        self._alarm = Alarm(self._home.clock, following.timestamp(), lambda: self._show(host))

    def _attributes(self, now: dt.datetime, height: float) -> dict[str, Any]:
        return {
            **{name: self._next[event].isoformat() for name, event in _SHOWN.items()},
            "elevation": round(height, 2),
            "azimuth": round(self._times.azimuth(now), 2),
            "rising": self._next[SunEvent.NOON] < self._next[SunEvent.MIDNIGHT],
        }


def _pace(height: float) -> dt.timedelta:
    return next(dt.timedelta(minutes=minutes) for up_to, minutes in _PACE if height <= up_to)
