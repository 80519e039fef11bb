from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from hub.adapters.interfaces import AdapterHost, EntityDescription, Report
from hub.core.events import AnyEvent, Event
from hub.errors import ConnectionLost, InvalidInput
from tests.adapters.conftest import LAMP, Home

ID = "light.desk_lamp"


async def test_an_entity_appears_with_its_device_area_and_attributes(home: Home) -> None:
    await home.begin()
    entity = home.registries.entities.require(ID)
    area = home.registries.area_of(entity)
    state = home.states.get(ID)
    assert area is not None
    assert state is not None
    assert (area.name, state.state) == ("Study", "unknown")
    assert state.attributes == {
        "supported_color_modes": ["brightness"],
        "friendly_name": "Desk lamp",
        "supported_features": 0,
    }


async def test_reports_become_states_and_keep_the_last_attributes(home: Home) -> None:
    await home.begin()
    home.host.report(Report(unique_id="lamp", state="on", attributes={"brightness": 7}))
    home.host.report(Report(unique_id="lamp", state="off"))
    state = home.states.get(ID)
    assert state is not None
    assert (state.state, state.attributes["brightness"]) == ("off", 7)


async def test_a_repeated_report_changes_nothing(home: Home) -> None:
    await home.begin()
    home.host.report(Report(unique_id="lamp", state="on"))
    heard: list[AnyEvent] = []
    home.bus.listen("state_changed", heard.append)
    home.host.report(Report(unique_id="lamp", state="on"))
    assert heard == []


@pytest.mark.parametrize("state", ["purple", "x" * 300, "ON"])
async def test_garbage_from_a_device_is_dropped_and_logged_once(
    home: Home, state: str, caplog: pytest.LogCaptureFixture
) -> None:
    await home.begin()
    home.host.report(Report(unique_id="lamp", state="on"))
    for _ in range(3):
        home.host.report(Report(unique_id="lamp", state=state))
    assert home.states.get(ID).state == "on"  # type: ignore[union-attr]
    assert caplog.text.count("light.desk_lamp: expected a state of") == 1


async def test_what_cannot_be_reached_is_unavailable_and_comes_back_as_it_was(home: Home) -> None:
    await home.begin()
    home.host.report(Report(unique_id="lamp", state="on", attributes={"brightness": 7}))
    home.host.available(False, "lamp")
    gone = home.states.get(ID)
    home.host.available(True, "lamp")
    back = home.states.get(ID)
    assert gone is not None
    assert back is not None
    assert gone.state == "unavailable"
    assert "brightness" not in gone.attributes
    assert (back.state, back.attributes["brightness"]) == ("on", 7)


async def test_removing_the_last_entity_forgets_the_device(home: Home) -> None:
    await home.begin()
    home.host.remove("lamp")
    assert home.states.get(ID) is None
    assert len(home.registries.devices) == 0


async def test_renaming_and_disabling_show_at_once(home: Home) -> None:
    await home.begin()
    home.registries.entities.update(ID, name="Reading light", new_entity_id="light.reading")
    assert home.states.get(ID) is None
    assert home.states.get("light.reading").attributes["friendly_name"] == "Reading light"  # type: ignore[union-attr]
    home.registries.entities.update("light.reading", disabled_by="user")
    assert home.states.get("light.reading") is None
    home.host.report(Report(unique_id="lamp", state="on"))
    assert home.states.get("light.reading") is None


async def test_renaming_a_device_renames_its_entities(home: Home) -> None:
    await home.begin()
    device = next(iter(home.registries.devices))
    home.registries.devices.update(device.id, name_by_user="Bed lamp")
    assert home.states.get(ID).attributes["friendly_name"] == "Bed lamp"  # type: ignore[union-attr]


async def test_an_unknown_domain_is_refused(home: Home) -> None:
    await home.begin()
    with pytest.raises(InvalidInput, match="known entity domain, got 'teapot'"):
        home.host.add(EntityDescription(domain="teapot", unique_id="t"))


async def test_a_lost_connection_makes_everything_unavailable_and_is_tried_again(home: Home) -> None:
    lose = asyncio.Event()

    async def work(host: AdapterHost) -> None:
        host.connected(True)
        host.report(Report(unique_id="lamp", state="on"))
        await lose.wait()
        raise ConnectionLost("the cable is out")

    home.adapter.work = work
    await home.begin()
    lose.set()
    await home.clock.settle()
    health = home.supervisor.health()[0]
    assert (health.connected, health.reason, health.running) == (False, "the cable is out", False)
    assert home.states.get(ID).state == "unavailable"  # type: ignore[union-attr]
    await home.clock.advance(1.1)
    assert len(home.adapter.hosts) == 2
    assert home.supervisor.health()[0].restarts >= 1


async def test_the_wait_grows_with_each_failure_up_to_a_minute(home: Home) -> None:
    began: list[float] = []

    async def fail(host: AdapterHost) -> None:
        began.append(home.clock.monotonic())
        raise ConnectionLost("no")

    home.adapter.work = fail
    await home.begin()
    await home.clock.advance(600)
    waits = [later - earlier for earlier, later in pairwise(began)]
    assert waits[0] <= 1
    assert all(30 <= wait <= 60 for wait in waits[7:])
    assert len(waits) >= 10


async def test_a_defect_in_one_adapter_is_named_and_leaves_the_others(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(host: AdapterHost) -> None:
        raise ZeroDivisionError("oops")

    home.adapter.work = crash
    await home.begin()
    await home.clock.settle()
    assert home.supervisor.health()[0].reason == "ZeroDivisionError: oops"
    assert "The adapter of Toy failed" in caplog.text


async def test_an_adapters_own_task_that_fails_ends_its_run(home: Home) -> None:
    async def background() -> None:
        raise ConnectionLost("in the background")

    async def work(host: AdapterHost) -> None:
        host.task(background(), "background")
        await asyncio.get_running_loop().create_future()

    home.adapter.work = work
    await home.begin()
    await home.clock.settle()
    assert home.supervisor.health()[0].reason == "in the background"


async def test_a_stopped_adapter_ends_with_its_tasks_and_its_entities_are_unavailable(home: Home) -> None:
    ended = asyncio.Event()

    async def background() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    async def work(host: AdapterHost) -> None:
        host.task(background(), "background")
        await asyncio.get_running_loop().create_future()

    home.adapter.work = work
    await home.begin()
    await home.clock.settle()
    await home.supervisor.stop("e1")
    assert ended.is_set()
    assert home.supervisor.health() == []
    assert home.states.get(ID).state == "unavailable"  # type: ignore[union-attr]


async def test_storage_is_there_at_the_next_run(home: Home) -> None:
    await home.begin()
    home.host.storage.save("seen", lambda: ["a"])
    assert home.host.storage.load("seen") == ["a"]
    assert home.host.storage.load("other") is None


async def test_a_changed_description_is_brought_up_to_date(home: Home) -> None:
    await home.begin()
    home.host.report(Report(unique_id="lamp", state="on", attributes={"brightness": 3}))
    home.host.add(replace(LAMP, icon="mdi:lamp"))
    state = home.states.get(ID)
    assert state is not None
    assert (state.state, state.attributes["icon"], state.attributes["brightness"]) == ("on", "mdi:lamp", 3)


async def test_events_of_an_adapter_carry_its_origin(home: Home) -> None:
    await home.begin()
    heard: list[Event] = []
    home.bus.listen("toy_event", heard.append)
    home.host.fire("toy_event", {"a": 1})
    assert (heard[0].data, heard[0].context.origin) == ({"a": 1}, "adapter:toy")


async def test_an_adapter_that_is_started_anew_has_the_last_word(home: Home) -> None:
    async def work(host: AdapterHost) -> None:
        host.available(True)
        host.report(Report(unique_id="lamp", state="on"))
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)  # an adapter may take a moment to take its leave

    home.adapter.work = work
    await home.begin()
    await home.clock.settle()
    home.supervisor.stop_soon("e1")
    await home.begin()
    await home.clock.settle()
    assert len(home.adapter.hosts) == 2
    assert home.states.get(ID).state == "on"  # type: ignore[union-attr]


async def test_what_follows_a_stop_happens_after_the_adapter_has_ended(home: Home) -> None:
    seen: list[str] = []
    await home.begin()
    home.supervisor.stop_soon("e1", lambda: seen.append(home.states.get(ID).state))  # type: ignore[union-attr]
    await home.clock.settle()
    assert seen == ["unavailable"]
    home.supervisor.stop_soon("e1", lambda: seen.append("at once"))
    assert seen[-1] == "at once"


async def test_each_of_several_restarts_in_a_row_waits_for_the_one_before(home: Home) -> None:
    at_once: list[int] = []
    running = 0

    async def work(host: AdapterHost) -> None:
        nonlocal running
        running += 1
        at_once.append(running)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            for _ in range(20):
                await asyncio.sleep(0)  # an adapter may take a moment to take its leave
            running -= 1

    home.adapter.work = work
    await home.begin()
    await home.clock.settle()
    for _ in range(3):
        home.supervisor.stop_soon("e1")
        await home.begin()
        await home.clock.settle(turns=3)
    await home.clock.settle()
    assert len(at_once) >= 2
    assert set(at_once) == {1}
