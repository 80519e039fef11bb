from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_home_assistant.codec import (
    EntityState,
    answering_services,
    apply,
    call_service,
    decode,
    encode,
    refusal,
)
from hub import ConnectionLost, EntityCall

ENTITY_IDS = st.sampled_from(["light.a", "light.b", "sensor.c", "sensor.d"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-100, 100), st.text(max_size=5), st.lists(st.integers(0, 9)))
STATES = st.builds(
    EntityState,
    st.text(max_size=5),
    st.dictionaries(st.sampled_from(["brightness", "friendly_name", "hs_color", "effect"]), VALUES),
)
HOMES = st.dictionaries(ENTITY_IDS, STATES)


def difference(old: dict[str, EntityState], new: dict[str, EntityState]) -> dict[str, Any]:
    """Return the event by which Home Assistant tells what became of its states."""
    event: dict[str, Any] = {
        "a": {
            key: {"s": state.state, "a": state.attributes, "c": "x", "lc": 1.5}
            for key, state in new.items()
            if key not in old
        },
        "c": {key: change(old[key], new[key]) for key in new if key in old and old[key] != new[key]},
        "r": [key for key in old if key not in new],
    }
    return {key: value for key, value in event.items() if value}


def change(old: EntityState, new: EntityState) -> dict[str, Any]:
    more: dict[str, Any] = {"c": "y", "lc" if old.state != new.state else "lu": 2.5}
    if old.state != new.state:
        more["s"] = new.state
    touched = {key: value for key, value in new.attributes.items() if old.attributes.get(key, ...) != value}
    if touched:
        more["a"] = touched
    less = [key for key in old.attributes if key not in new.attributes]
    return {"+": more, **({"-": {"a": less}} if less else {})}


@given(homes=st.lists(HOMES, min_size=1))
def test_states_follow_every_difference(homes: list[dict[str, EntityState]]) -> None:
    states: dict[str, EntityState] = {}
    told: dict[str, EntityState] = {}
    for home in homes:
        changes = apply(states, orjson.loads(orjson.dumps(difference(told, home))))
        assert states == home
        assert set(changes.added) == home.keys() - told.keys()
        assert set(changes.changed) == {key for key in home if key in told and home[key] != told[key]}
        assert set(changes.removed) == told.keys() - home.keys()
        told = home


@given(old=STATES, new=STATES)
def test_a_change_names_the_attributes_that_it_touches(old: EntityState, new: EntityState) -> None:
    states = {"light.a": old}
    changes = apply(states, {"c": {"light.a": change(old, new)}})
    keys = old.attributes.keys() | new.attributes.keys()
    touched = {key for key in keys if old.attributes.get(key, ...) != new.attributes.get(key, ...)}
    assert set(changes.changed["light.a"]) == touched


def test_attributes_that_were_given_away_are_never_changed() -> None:
    states = {"light.a": EntityState("on", {"brightness": 1})}
    given_away = states["light.a"].attributes
    apply(states, {"c": {"light.a": {"+": {"a": {"brightness": 2}}}}})
    assert given_away == {"brightness": 1}


def test_what_was_never_added_is_passed_over() -> None:
    states: dict[str, EntityState] = {}
    changes = apply(states, {"c": {"light.a": {"+": {"s": "on"}}}, "r": ["light.b"]})
    assert not states
    assert not changes.changed
    assert not changes.removed


@given(messages=st.lists(st.fixed_dictionaries({"type": st.text(), "id": st.integers(0, 9)}), min_size=1))
def test_messages_come_one_by_one_or_coalesced(messages: list[dict[str, Any]]) -> None:
    assert decode(orjson.dumps(messages)) == messages
    assert decode(encode(messages[0])) == messages[:1]


@pytest.mark.parametrize("frame", ["", "{", "1", "[1]", '{"id": 1}', '[{"type": 1}]', b"\xff"])
def test_what_is_no_message_is_a_lost_connection(frame: str | bytes) -> None:
    with pytest.raises(ConnectionLost, match="Expected"):
        decode(frame)


def test_what_json_does_not_know_is_sent_as_text() -> None:
    assert decode(encode({"type": "x", "for": dt.timedelta(minutes=5)}))[0]["for"] == "0:05:00"


def test_an_action_is_sent_to_the_entities_over_there() -> None:
    call = EntityCall(action="light.turn_on", unique_ids=("1", "2"), data={"brightness": 5})
    assert call_service(call, ["light.a", "light.b"], with_response=False) == {
        "domain": "light",
        "service": "turn_on",
        "service_data": {"brightness": 5},
        "target": {"entity_id": ["light.a", "light.b"]},
    }
    assert call_service(call, [], with_response=True)["return_response"] is True


def test_services_that_answer_are_known() -> None:
    services = {"weather": {"get_forecasts": {"response": {"optional": False}}, "x": {"fields": {}}}}
    assert answering_services(services) == {"weather.get_forecasts"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"code": "home_assistant_error", "message": "Jammed"}, "Jammed"),
        ({"code": "timeout"}, "timeout"),
        ({}, "no reason"),
    ],
)
def test_a_refusal_has_its_words(error: dict[str, str], words: str) -> None:
    assert words in str(refusal(error))
