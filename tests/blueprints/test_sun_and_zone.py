from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from hub.errors import ConfigError
from hub.virtual import SunEvent, SunTimes
from tests.blueprints.conftest import START, ZONE, Hub

SUN = SunTimes(time_zone=ZONE)  # where these hubs are: on the equator, by Berlin's clocks
NOW = dt.datetime.fromtimestamp(START, dt.UTC)
RISE, SET = SUN.next(SunEvent.SUNRISE, NOW), SUN.next(SunEvent.SUNSET, NOW)
PHONE, BUS = "device_tracker.phone", "device_tracker.bus"
HOME, TOWN = (52.5163, 13.3777), (52.6, 13.6)
DONE = {"event": "done"}


async def listening(hub: Hub, trigger: Mapping[str, Any], **more: Any) -> list[dict[str, Any]]:
    """Start an automation with this trigger; return the list that its runs' trigger variables are added to."""
    seen: list[dict[str, Any]] = []
    await hub.run_automation({"mode": "parallel", "triggers": [trigger], "actions": [DONE], **more})
    hub.bus.listen("hearth_run_finished", lambda _: seen.append(dict(hub.last.trigger)))
    return seen


async def until(hub: Hub, moment: dt.datetime) -> None:
    await hub.clock.advance(moment.timestamp() - hub.clock.time())


OFFSETS = [
    ({"event": "sunset"}, SET),
    ({"event": "sunrise"}, RISE),
    ({"event": "sunset", "offset": "-00:30:00"}, SET - dt.timedelta(minutes=30)),
    ({"event": "sunrise", "offset": {"hours": 1}}, RISE + dt.timedelta(hours=1)),
    # The sun has set an hour ago, but the trigger's own moment is yet to come.
    ({"event": "sunset", "offset": "18:00:00"}, SUN.next(SunEvent.SUNSET, NOW - dt.timedelta(hours=18)) + dt.timedelta(hours=18)),
]  # fmt: skip


@pytest.mark.parametrize(("config", "moment"), OFFSETS)
async def test_a_sun_trigger_comes_at_its_moment_and_again_the_next_day(
    hub: Hub, config: dict[str, Any], moment: dt.datetime
) -> None:
    seen = await listening(hub, {"trigger": "sun", **config})
    await until(hub, moment - dt.timedelta(seconds=1))
    assert seen == []
    await until(hub, moment)
    assert [(run["platform"], run["event"]) for run in seen] == [("sun", config["event"])]
    await until(hub, moment + dt.timedelta(days=1, minutes=2))
    assert len(seen) == 2


CONDITIONS = [
    # the condition, hours of a UTC day (sunrise at 6, sunset at 18) at which it holds
    ({"before": "sunrise"}, [1, 5]),
    ({"after": "sunrise"}, [7, 12, 17, 19, 22]),
    ({"before": "sunset"}, [1, 5, 7, 12, 17]),
    ({"after": "sunset"}, [19, 22]),
    ({"after": "sunrise", "before": "sunset"}, [7, 12, 17]),
    ({"after": "sunset", "before": "sunrise"}, [1, 5, 19, 22]),
    ({"after": "sunset", "after_offset": "-02:00:00"}, [17, 19, 22]),
    ({"before": "sunrise", "before_offset": "02:00:00"}, [1, 5, 7]),
]


@pytest.mark.parametrize(("config", "hours"), CONDITIONS)
async def test_a_sun_condition_compares_with_today(hub: Hub, config: dict[str, Any], hours: list[int]) -> None:
    condition = {"condition": "sun", **config}
    seen = await listening(hub, {"trigger": "event", "event_type": "look"}, conditions=[condition])
    midnight = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)
    held = []
    for hour in (1, 5, 7, 12, 17, 19, 22):
        await until(hub, midnight + dt.timedelta(hours=hour))
        before = len(seen)
        hub.fire("look")
        await hub.settle()
        if hub.runs.all[-1].outcome != "failed_conditions" and len(seen) > before:
            held.append(hour)
    assert held == hours


def place(hub: Hub, entity_id: str, state: str, where: tuple[float, float], accuracy: float = 0) -> None:
    hub.set(entity_id, state, latitude=where[0], longitude=where[1], gps_accuracy=accuracy)


def zone(hub: Hub) -> None:
    hub.set("zone.home", "0", latitude=HOME[0], longitude=HOME[1], radius=100, passive=False, friendly_name="Nest")


@pytest.mark.parametrize(("event", "counts"), [("enter", [0, 1, 1, 1, 2]), ("leave", [0, 0, 0, 1, 1])])
async def test_a_zone_trigger_counts_comings_and_goings(hub: Hub, event: str, counts: list[int]) -> None:
    zone(hub)
    place(hub, PHONE, "not_home", TOWN)
    trigger = {"trigger": "zone", "entity_id": [PHONE, BUS], "zone": "zone.home", "event": event}
    seen, found = await listening(hub, trigger), []
    moves = [(TOWN, 5), (HOME, 0), ((HOME[0] + 0.0005, HOME[1]), 0), (TOWN, 0), ((HOME[0] + 0.001, HOME[1]), 50)]
    for where, accuracy in moves:
        place(hub, PHONE, "moving", where, accuracy)
        await hub.settle()
        found.append(len(seen))
    assert found == counts
    assert seen[-1]["zone"]["entity_id"] == "zone.home"
    assert seen[-1]["event"] == event


async def test_a_change_that_tells_no_place_is_no_coming_or_going(hub: Hub) -> None:
    zone(hub)
    place(hub, PHONE, "not_home", TOWN)
    seen = await listening(hub, {"trigger": "zone", "entity_id": PHONE, "zone": "zone.home"})
    hub.set(PHONE, "home")
    await hub.settle()
    place(hub, PHONE, "home", HOME)
    await hub.settle()
    assert seen == []


async def test_a_zone_condition_looks_at_places(hub: Hub) -> None:
    zone(hub)
    place(hub, PHONE, "x", HOME)
    place(hub, BUS, "x", TOWN)
    condition = {"condition": "zone", "entity_id": [PHONE, BUS], "zone": ["zone.home", "zone.home"]}
    await listening(hub, {"trigger": "event", "event_type": "look"}, conditions=[condition])
    outcomes = []
    for where in (TOWN, HOME):
        place(hub, BUS, "x", where)
        hub.fire("look")
        await hub.settle()
        outcomes.append(str(hub.outcomes[-1]))
    assert outcomes == ["failed_conditions", "finished"]


WRONG = [
    ({"trigger": "sun", "event": "noon"}, "sunrise or sunset"),
    ({"trigger": "sun"}, "'event'"),
    ({"trigger": "sun", "event": "sunset", "offset": "soon"}, "a duration"),
    ({"trigger": "zone", "entity_id": PHONE}, "'zone'"),
    ({"trigger": "zone", "entity_id": PHONE, "zone": "light.x"}, "zone"),
    ({"condition": "sun"}, "'before' or 'after'"),
    ({"condition": "sun", "after": "dawn"}, "sunrise or sunset"),
    ({"condition": "zone", "entity_id": PHONE}, "'zone'"),
]


@pytest.mark.parametrize(("config", "reason"), WRONG)
async def test_what_is_wrong_is_named(hub: Hub, config: dict[str, Any], reason: str) -> None:
    part = {"triggers": [config]} if "trigger" in config else {"conditions": [config]}
    with pytest.raises(ConfigError, match=reason):
        hub.automations.validate({"alias": "x", "triggers": [], "actions": [DONE], **part}, "x")
