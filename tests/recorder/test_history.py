from __future__ import annotations

import pytest

from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.states import States
from hub.recorder import Recorder

LAMP = "light.hall"
START = 1_700_000_000.0


async def test_history_begins_with_the_state_in_force(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    for text in ("off", "on", "off", "on"):
        states.set(LAMP, text, context=context)
        await clock.advance(10)
    found = await recorder.history.states([LAMP], START + 15, START + 25)
    assert [(point.state, point.time) for point in found[LAMP]] == [("on", START + 10), ("off", START + 20)]


async def test_a_state_from_exactly_the_start_is_the_one_in_force(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    for text in ("off", "on"):
        states.set(LAMP, text, context=context)
        await clock.advance(10)
    found = await recorder.history.states([LAMP], START + 10, START + 20)
    assert [point.state for point in found[LAMP]] == ["on"]


async def test_several_entities_come_in_the_order_asked_for_and_unknown_ones_not_at_all(
    recorder: Recorder, states: States, context: Context
) -> None:
    for entity_id in ("sensor.a", "sensor.b", "sensor.c"):
        states.set(entity_id, "1", context=context)
    found = await recorder.history.states(["sensor.c", "sensor.nothing", "sensor.a"], START, START + 1)
    assert list(found) == ["sensor.c", "sensor.a"]


async def test_an_entity_that_appeared_later_is_left_out(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    await clock.advance(100)
    states.set(LAMP, "on", context=context)
    assert await recorder.history.states([LAMP], START, START + 50) == {}


@pytest.mark.parametrize(
    ("entity_id", "significant_only", "expected"),
    [
        ("light.hall", True, ["on"]),
        ("light.hall", False, ["on", "on"]),
        ("climate.hall", True, ["on", "on"]),
    ],
)
async def test_changes_of_attributes_alone_are_significant_only_where_they_matter(
    recorder: Recorder,
    states: States,
    clock: SimulatedClock,
    context: Context,
    entity_id: str,
    significant_only: bool,
    expected: list[str],
) -> None:
    states.set(entity_id, "on", {"level": 1}, context=context)
    await clock.advance(10)
    states.set(entity_id, "on", {"level": 2}, context=context)
    found = await recorder.history.states([entity_id], START, START + 20, significant_only=significant_only)
    assert [point.state for point in found[entity_id]] == expected
    assert {point.changed for point in found[entity_id]} == {START}


async def test_attributes_come_only_when_asked_for(recorder: Recorder, states: States, context: Context) -> None:
    states.set(LAMP, "on", {"brightness": 128, "名称": "门厅灯"}, context=context)
    with_them = await recorder.history.states([LAMP], START, START + 1)
    without = await recorder.history.states([LAMP], START, START + 1, attributes=False)
    assert with_them[LAMP][0].attributes == {"brightness": 128, "名称": "门厅灯"}
    assert without[LAMP][0].attributes is None


async def test_a_removed_entity_is_unavailable_from_then_on(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    states.set(LAMP, "on", context=context)
    await clock.advance(10)
    states.remove(LAMP, context=context)
    await clock.advance(10)
    found = await recorder.history.states([LAMP], START, START + 20)
    assert [(point.state, point.time) for point in found[LAMP]] == [("on", START), ("unavailable", START + 10)]
    assert await recorder.history.states([LAMP], START + 15, START + 20) == {}


async def test_the_time_of_the_last_change_survives_changes_of_attributes(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    states.set(LAMP, "on", {"level": 1}, context=context)
    await clock.advance(10)
    states.set(LAMP, "on", {"level": 2}, context=context)
    found = await recorder.history.states([LAMP], START + 15, START + 20)
    (point,) = found[LAMP]
    assert (point.time, point.changed, point.attributes) == (START + 10, START, {"level": 2})


async def test_history_of_many_entities_and_attribute_sets_is_complete(
    recorder: Recorder, states: States, clock: SimulatedClock, context: Context
) -> None:
    entity_ids = [f"sensor.s{number}" for number in range(40)]
    for value in range(50):
        for entity_id in entity_ids:
            states.set(entity_id, str(value), {"n": f"{entity_id}-{value}"}, context=context)
        await clock.advance(1)
    found = await recorder.history.states(entity_ids, START, START + 100)
    assert list(found) == entity_ids
    for entity_id, points in found.items():
        assert [point.state for point in points] == [str(value) for value in range(50)]
        assert [point.attributes for point in points] == [{"n": f"{entity_id}-{value}"} for value in range(50)]
