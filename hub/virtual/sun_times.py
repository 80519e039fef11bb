"""When the sun rises and sets at the home, and where it stands. ``astral`` is imported when that is first asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from hub.errors import NotFound

if TYPE_CHECKING:
    from astral import Observer


class SunEvent(StrEnum):
    """What the sun does each day, at most latitudes."""

    DAWN = "dawn"
    SUNRISE = "sunrise"
    NOON = "noon"
    SUNSET = "sunset"
    DUSK = "dusk"
    MIDNIGHT = "midnight"


_DAYS = range(-1, 367)
"""From yesterday, for UTC days are not the home's, to a year ahead: a polar night is shorter."""


@dataclass(frozen=True)
class SunTimes:
    """The sun as seen from one place; ``elevation`` in metres. Moments are in UTC."""

    latitude: float = 0.0
    longitude: float = 0.0
    elevation: float = 0.0
    time_zone: dt.tzinfo = dt.UTC

    def on(self, event: SunEvent, day: dt.date) -> dt.datetime | None:
        """Return when it happens on a day, None where it does not (a polar day or night)."""
        try:
            return self._compute(event)(self._observer, day)
        except ValueError:  # astral's word for "not on this day"
            return None

    def next(self, event: SunEvent, after: dt.datetime) -> dt.datetime:
        """Return when it happens next.

        Raises NotFound if it does not within a year.
        """
        today = after.astimezone(self.time_zone).date()
        for days in _DAYS:
            moment = self.on(event, today + dt.timedelta(days=days))
            if moment is not None and moment > after:
                return moment
        raise NotFound(f"Expected a {event} within a year at latitude {self.latitude}, there is none")

    def height(self, at: dt.datetime) -> float:
        """Return the sun's angle above the horizon in degrees, negative below it."""
        from astral import sun  # noqa: PLC0415

        return sun.elevation(self._observer, at)

    def azimuth(self, at: dt.datetime) -> float:
        """Return the direction of the sun in degrees from north, clockwise."""
        from astral import sun  # noqa: PLC0415

        return sun.azimuth(self._observer, at)

    @cached_property
    def _observer(self) -> Observer:
        from astral import Observer  # noqa: PLC0415

        return Observer(self.latitude, self.longitude, max(0.0, self.elevation))

    @staticmethod
    def _compute(event: SunEvent) -> Callable[[Observer, dt.date], dt.datetime]:
        from astral import sun  # noqa: PLC0415

        table: dict[SunEvent, Callable[[Observer, dt.date], dt.datetime]] = {
            SunEvent.DAWN: sun.dawn,
            SunEvent.SUNRISE: sun.sunrise,
            SunEvent.NOON: sun.noon,
            SunEvent.SUNSET: sun.sunset,
            SunEvent.DUSK: sun.dusk,
            SunEvent.MIDNIGHT: sun.midnight,
        }
        return table[event]
