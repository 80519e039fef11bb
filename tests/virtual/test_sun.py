from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from hub.virtual import SunEvent, SunTimes
from tests.virtual.conftest import SETTINGS, ZONE, House

BERLIN = SunTimes(SETTINGS.latitude, SETTINGS.longitude, 0, ZONE)
NORTH_CAPE = SunTimes(71.17, 25.78, 0, ZONE)


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def test_the_sun_agrees_with_home_assistant() -> None:
    # sun.sun of Home Assistant 2026.2.3 at 52.1, 5.1 in the night of 2026-11-22.
    utrecht, now = SunTimes(52.1, 5.1), utc("2026-11-22T04:00")
    theirs = {
        SunEvent.DAWN: "2026-11-22T06:32:39",
        SunEvent.DUSK: "2026-11-22T16:18:14",
        SunEvent.MIDNIGHT: "2026-11-22T23:25:59",
        SunEvent.NOON: "2026-11-22T11:25:34",
        SunEvent.SUNRISE: "2026-11-22T07:11:58",
        SunEvent.SUNSET: "2026-11-22T15:38:57",
    }
    for event, moment in theirs.items():
        assert abs(utrecht.next(event, now) - utc(moment)) < dt.timedelta(seconds=15), event


def test_an_event_that_is_now_comes_again_tomorrow() -> None:
    sunrise = BERLIN.next(SunEvent.SUNRISE, utc("2024-01-01T00:00"))
    again = BERLIN.next(SunEvent.SUNRISE, sunrise)
    assert dt.timedelta(hours=23, minutes=58) < again - sunrise < dt.timedelta(hours=24, minutes=2)


def test_near_the_poles_the_sun_rises_after_the_night() -> None:
    assert NORTH_CAPE.on(SunEvent.SUNRISE, dt.date(2024, 12, 21)) is None
    rising = NORTH_CAPE.next(SunEvent.SUNRISE, utc("2024-12-21T12:00"))
    assert utc("2025-01-10T00:00") < rising < utc("2025-01-30T00:00")


@pytest.mark.parametrize(("time_zone", "longitude"), [("Pacific/Auckland", 174.76), ("Pacific/Honolulu", -157.86)])
def test_far_from_greenwich_every_event_comes_within_a_day(time_zone: str, longitude: float) -> None:
    far = SunTimes(20, longitude, 0)
    for hour in range(24):
        now = utc("2024-03-01T00:00") + dt.timedelta(hours=hour)
        for event in SunEvent:
            assert now < far.next(event, now) < now + dt.timedelta(hours=24, minutes=2)


async def test_the_sun_is_an_entity_that_moves(house: House) -> None:
    sun = house.state("sun.sun")
    assert sun.state == "above_horizon"
    assert set(sun.attributes) == {
        "next_dawn", "next_dusk", "next_midnight", "next_noon", "next_rising", "next_setting", "elevation", "azimuth",
        "rising", "friendly_name",
    }  # fmt: skip
    assert sun.attributes["rising"] is True
    assert 12 < sun.attributes["elevation"] < 15
    await house.clock.advance(4 * 60)
    assert house.state("sun.sun").attributes["elevation"] != sun.attributes["elevation"]


async def test_the_sun_sets_when_it_said_it_would(house: House) -> None:
    setting = dt.datetime.fromisoformat(house.state("sun.sun").attributes["next_setting"])
    await house.clock.advance(setting.timestamp() - house.clock.time() - 1)
    assert house.shown("sun.sun") == "above_horizon"
    await house.clock.advance(1)
    assert house.shown("sun.sun") == "below_horizon"
    rising = dt.datetime.fromisoformat(house.state("sun.sun").attributes["next_rising"])
    assert rising.astimezone(ZONE).hour == 8
    await house.clock.advance(rising.timestamp() - house.clock.time())
    assert house.shown("sun.sun") == "above_horizon"


def test_the_sun_is_computed_only_when_it_is_asked_for() -> None:
    command = "import sys, hub.virtual, hub.blueprints; sys.exit('astral' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
