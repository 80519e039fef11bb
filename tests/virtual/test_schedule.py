from __future__ import annotations

import datetime as dt

from tests.virtual.conftest import START, ZONE, House

WEEK = {
    "monday": [
        {"from": "07:00:00", "to": "09:00:00"},
        {"from": "13:00", "to": "24:00", "data": {"temperature": 21}},
    ],
    "tuesday": [{"from": "00:00:00", "to": "06:00:00"}],
    "friday": [{"from": "20:00:00", "to": "22:00:00"}],
}


def next_event(house: House, schedule: str) -> str:
    found = house.state(schedule).attributes["next_event"]
    return found.strftime("%a %H:%M") if found else "never"


async def test_a_schedule_is_on_during_its_blocks(house: House) -> None:
    schedule = house.define("schedule", **WEEK)
    seen = []
    for _ in range(7):
        seen.append((house.shown(schedule), next_event(house, schedule)))
        moment = house.state(schedule).attributes["next_event"]
        await house.clock.advance(moment.timestamp() - house.clock.time())
    assert seen == [
        ("off", "Mon 13:00"),
        ("on", "Tue 00:00"),
        ("on", "Tue 06:00"),
        ("off", "Fri 20:00"),
        ("on", "Fri 22:00"),
        ("off", "Mon 07:00"),
        ("on", "Mon 09:00"),
    ]


async def test_a_block_s_data_are_attributes_while_it_lasts(house: House) -> None:
    schedule = house.define("schedule", **WEEK)
    assert "temperature" not in house.state(schedule).attributes
    await house.clock.advance(3600)
    assert house.state(schedule).attributes["temperature"] == 21
    assert house.state(schedule).context.origin == "time"


async def test_a_schedule_without_blocks_is_off_for_good(house: House) -> None:
    schedule = house.define("schedule")
    assert (house.shown(schedule), house.state(schedule).attributes["next_event"]) == ("off", None)
    house.virtual.collections["schedule"].update("test", {"name": "Test", "monday": [{"from": "11:00", "to": "13:00"}]})
    assert (house.shown(schedule), next_event(house, schedule)) == ("on", "Mon 13:00")


async def test_the_blocks_are_told_on_request(house: House) -> None:
    schedule = house.define("schedule", **WEEK)
    result = await house.call("schedule.get_schedule", schedule)
    assert result.response is not None
    week = result.response[schedule]
    assert week["friday"] == [{"from": "20:00:00", "to": "22:00:00"}]
    assert week["monday"][1] == {"from": "13:00:00", "to": "24:00:00", "data": {"temperature": 21}}
    assert week["sunday"] == []


async def test_a_block_begins_at_its_local_time_when_clocks_are_put_forward(house: House) -> None:
    schedule = house.define("schedule", sunday=[{"from": "03:30:00", "to": "05:00:00"}])
    before = dt.datetime(2024, 3, 31, 1, 0, tzinfo=ZONE).timestamp()
    await house.clock.advance(before - START)
    assert house.shown(schedule) == "off"
    await house.clock.advance(90 * 60)  # 01:00 winter time and one and a half hours are 03:30 summer time
    assert house.shown(schedule) == "on"
