from __future__ import annotations

from typing import Any

import pytest

from hub.core.context import Context
from hub.core.events import HUB_STARTED
from tests.virtual.conftest import House, Houses

MINUTE = {"duration": "00:01:00"}


async def test_a_timer_runs_for_its_duration_and_says_so(house: House) -> None:
    timer = house.define("timer", **MINUTE)
    assert (house.shown(timer), house.state(timer).attributes["duration"]) == ("idle", "0:01:00")
    await house.act("timer.start", timer)
    assert house.shown(timer) == "active"
    assert house.state(timer).attributes["finishes_at"] == "2024-01-01T11:01:00+00:00"
    assert house.state(timer).attributes["remaining"] == "0:01:00"
    await house.clock.advance(59)
    assert house.shown(timer) == "active"
    await house.clock.advance(1)
    assert house.shown(timer) == "idle"
    assert house.heard("timer.") == ["timer.started", "timer.finished"]
    assert house.events[-1].data == {"entity_id": timer, "finished_at": "2024-01-01T11:01:00+00:00"}


async def test_a_paused_timer_goes_on_with_what_was_left(house: House) -> None:
    timer = house.define("timer", **MINUTE)
    await house.act("timer.start", timer)
    await house.clock.advance(20)
    await house.act("timer.pause", timer)
    assert (house.shown(timer), house.state(timer).attributes["remaining"]) == ("paused", "0:00:40")
    await house.clock.advance(3600)
    await house.act("timer.start", timer)
    await house.clock.advance(39)
    assert house.shown(timer) == "active"
    await house.clock.advance(1)
    assert house.heard("timer.") == ["timer.started", "timer.paused", "timer.restarted", "timer.finished"]


async def test_a_timer_can_be_cancelled_finished_and_started_again(house: House) -> None:
    timer = house.define("timer", **MINUTE)
    for action in ("start", "cancel", "cancel", "start", "start", "finish", "finish"):
        await house.act(f"timer.{action}", timer)
    await house.clock.advance(120)
    expected = ["started", "cancelled", "started", "restarted", "finished"]
    assert house.heard("timer.") == [f"timer.{word}" for word in expected]


async def test_a_duration_given_at_the_start_holds_until_the_timer_rests(house: House) -> None:
    timer = house.define("timer", **MINUTE)
    await house.act("timer.start", timer, duration={"seconds": 10})
    assert house.state(timer).attributes["duration"] == "0:00:10"
    await house.clock.advance(10)
    assert (house.shown(timer), house.state(timer).attributes["duration"]) == ("idle", "0:01:00")


async def test_a_running_timer_is_made_longer_and_shorter_within_its_duration(house: House) -> None:
    timer = house.define("timer", **MINUTE)
    assert "only then it can be changed" in await house.error("timer.change", timer, duration=5)
    await house.act("timer.start", timer)
    await house.clock.advance(30)
    await house.act("timer.change", timer, duration=20)
    assert "from 0 to 0:01:00 left" in await house.error("timer.change", timer, duration=20)
    await house.act("timer.change", timer, duration=-45)
    await house.clock.advance(5)
    assert house.heard("timer.") == ["timer.started", "timer.changed", "timer.changed", "timer.finished"]


RESTARTS = [
    # what is done before the hub stops, how long it is down, the state after, how long until it is over
    (["start"], 20, "active", 40),
    (["start", "pause"], 3600, "paused", None),
    (["start", "cancel"], 20, "idle", None),
]


@pytest.mark.parametrize(("actions", "down", "state", "left"), RESTARTS)
async def test_a_timer_that_restores_goes_on_after_a_restart(
    houses: Houses, actions: list[str], down: float, state: str, left: float | None
) -> None:
    house = await houses()
    timer = house.define("timer", restore=True, **MINUTE)
    for action in actions:
        await house.act(f"timer.{action}", timer)
    again = await houses(after=down)
    assert again.shown(timer) == state
    if left is not None:
        await again.clock.advance(left - 1)
        assert again.shown(timer) == "active"
        await again.clock.advance(1)
    assert again.heard("timer.") == (["timer.finished"] if left is not None else [])


async def test_a_timer_that_ended_while_the_hub_was_down_finishes_when_everybody_listens(houses: Houses) -> None:
    house = await houses()
    timer = house.define("timer", restore=True, **MINUTE)
    await house.act("timer.start", timer)
    again = await houses(after=600, up=False)
    await again.clock.advance(5)
    assert (again.shown(timer), again.heard("timer.")) == ("active", [])
    again.fire(HUB_STARTED)
    await again.clock.advance(1)
    assert again.shown(timer) == "idle"
    assert again.events[-1].data["finished_at"] == "2024-01-01T11:01:00+00:00"


async def test_without_restore_a_timer_is_idle_after_a_restart(houses: Houses) -> None:
    house = await houses()
    timer = house.define("timer", **MINUTE)
    await house.act("timer.start", timer)
    again = await houses(after=5)
    assert again.shown(timer) == "idle"


async def test_what_a_timer_does_of_itself_has_the_time_as_its_cause(house: House) -> None:
    timer = house.define("timer", duration=2)
    causes: list[tuple[str, Context]] = []
    for word in ("started", "finished"):
        house.bus.listen(f"timer.{word}", lambda event: causes.append((event.type, event.context)))
    await house.act("timer.start", timer)
    await house.clock.advance(2)
    assert [(type_, context.origin) for type_, context in causes] == [
        ("timer.started", "test"),
        ("timer.finished", "time"),
    ]
    assert house.state(timer).context is causes[-1][1]


async def test_a_timer_of_no_length_hands_on_what_started_it(house: House) -> None:
    timer, heard = house.define("timer"), list[Any]()
    house.bus.listen("timer.finished", heard.append)
    await house.act("timer.start", timer)
    assert not heard
    await house.clock.advance(1)
    assert [event.context.origin for event in heard] == ["test"]
