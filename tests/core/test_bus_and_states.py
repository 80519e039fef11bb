from __future__ import annotations

import gc

import orjson
import pytest

from hub.core.bus import EventBus
from hub.core.clock import SimulatedClock
from hub.core.context import Context
from hub.core.events import AnyEvent, Event, StateChanged, StateReported
from hub.core.states import States
from hub.errors import InvalidInput


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def states(bus: EventBus, clock: SimulatedClock) -> States:
    return States(bus, clock)


def event(name: str) -> Event:
    return Event(name, {}, Context(), 0.0)


def test_everybody_hears_nested_events_in_the_same_order(bus: EventBus) -> None:
    heard: list[tuple[str, str]] = []

    def answer(e: Event) -> None:
        heard.append(("a", e.type))
        bus.publish(event("second"))

    bus.listen("first", answer)
    bus.listen("first", lambda e: heard.append(("b", e.type)))
    bus.listen("second", lambda e: heard.append(("a", e.type)))
    bus.publish(event("first"))
    assert heard == [("a", "first"), ("b", "first"), ("a", "second")]


def test_a_listener_that_fails_does_not_silence_the_others(bus: EventBus, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[AnyEvent] = []

    def broken(_: AnyEvent) -> None:
        raise ValueError("no")

    bus.listen("x", broken)
    bus.listen("x", heard.append)
    bus.publish(event("x"))
    assert len(heard) == 1
    assert "A listener failed on x" in caplog.text


def test_a_listener_may_leave_while_it_is_called(bus: EventBus) -> None:
    heard: list[str] = []

    def once(_: Event) -> None:
        heard.append("once")
        leave()

    leave = bus.listen("x", once)
    bus.publish(event("x"))
    bus.publish(event("x"))
    assert heard == ["once"]
    assert bus.listener_counts() == {}


def test_a_listener_on_one_entity_hears_only_that_entity(bus: EventBus, states: States) -> None:
    heard: list[StateChanged] = []
    bus.listen_entity("light.a", heard.append)
    states.set("light.b", "on", context=Context())
    states.set("light.a", "on", context=Context())
    assert [e.entity_id for e in heard] == ["light.a"]


async def test_times_have_home_assistants_meaning(states: States, clock: SimulatedClock) -> None:
    start = clock.time()
    states.set("light.a", "on", {"brightness": 1}, context=Context())
    await clock.advance(1)
    states.set("light.a", "on", {"brightness": 2}, context=Context())
    await clock.advance(1)
    states.set("light.a", "on", {"brightness": 2}, context=Context())
    state = states.get("light.a")
    assert state is not None
    assert (state.last_changed, state.last_updated, state.last_reported) == (start, start + 1, start + 2)


def test_an_unchanged_report_is_reported_and_changes_nothing(bus: EventBus, states: States) -> None:
    heard: list[AnyEvent] = []
    bus.listen("*", heard.append)
    states.set("light.a", "on", {"x": 1}, context=Context())
    first = states.get("light.a")
    states.set("light.a", "on", {"x": 1}, context=Context())
    assert [type(e) for e in heard] == [StateChanged, StateReported]
    assert states.get("light.a") is first


def test_a_forced_report_is_a_change(bus: EventBus, states: States) -> None:
    heard: list[AnyEvent] = []
    states.set("event.bell", "1", context=Context())
    bus.listen("state_changed", heard.append)
    states.set("event.bell", "1", context=Context(), force=True)
    assert len(heard) == 1


def test_removing_an_entity_publishes_a_change_to_nothing(bus: EventBus, states: States) -> None:
    heard: list[StateChanged] = []
    states.set("light.a", "on", context=Context())
    bus.listen("state_changed", heard.append)
    states.remove("light.a", context=Context())
    states.remove("light.a", context=Context())
    assert [(e.old is not None, e.new) for e in heard] == [(True, None)]
    assert states.in_domain("light") == []


@pytest.mark.parametrize(
    "entity_id", ["light", "light.", ".x", "Light.x", "light.x y", "light.x__y", "_a.b", "light.x_"]
)
def test_a_malformed_entity_id_is_refused(states: States, entity_id: str) -> None:
    with pytest.raises(InvalidInput, match="Expected an entity id"):
        states.set(entity_id, "on", context=Context())


def test_a_state_that_is_too_long_is_refused(states: States) -> None:
    with pytest.raises(InvalidInput, match="at most 255"):
        states.set("sensor.a", "x" * 256, context=Context())
    assert states.get("sensor.a") is None


def test_the_json_of_a_state_is_encoded_once_and_follows_reports(states: States, clock: SimulatedClock) -> None:
    state = states.set("light.a", "on", {"brightness": 5}, context=Context("user", user_id="u"))
    assert state.json() is state.json()
    assert orjson.loads(state.json())["context"] == {"id": state.context.id, "parent_id": None, "user_id": "u"}


def test_state_writes_leave_nothing_for_the_cycle_collector(states: States) -> None:
    gc.collect()
    gc.disable()
    try:
        for number in range(1000):
            states.set("sensor.a", str(number), {"n": number}, context=Context())
        assert gc.collect() < 10
    finally:
        gc.enable()


def test_context_ids_are_ulid_shaped_and_ascend() -> None:
    ids = [Context().id for _ in range(100)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 100
    assert {len(i) for i in ids} == {26}


def test_a_child_context_keeps_the_user_and_knows_its_parent() -> None:
    first = Context("user", user_id="u")
    run = first.child("automation.a", deeper=True)
    assert (run.user_id, run.parent_id, run.depth) == ("u", first.id, 1)
    assert run.child("agent").depth == 1
