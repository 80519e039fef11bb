from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_mqtt.discovery.announcement import (
    Announcement,
    InvalidAnnouncement,
    Place,
    parse_component,
    parse_device,
    parse_topic,
)

PLACE = Place(topic="homeassistant/switch/n/o/config", component="switch", object_id="o", node_id="n")
DEVICE_PLACE = Place(topic="homeassistant/device/o/config", component="device", object_id="o")
DEVICE: dict[str, Any] = {"dev": {"ids": "d", "name": "Device"}, "o": {"name": "firmware"}}


def component(payload: Any) -> Announcement:
    (announcement,) = parse_component(PLACE, orjson.dumps(payload))
    return announcement


def device(payload: Any, known: list[tuple[str, str]] | None = None, place: Place = DEVICE_PLACE) -> list[Announcement]:
    return parse_device(place, orjson.dumps(payload) if payload is not None else b"", known or [])


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("homeassistant/light/lamp/config", ("light", None, "lamp", "lamp")),
        ("homeassistant/light/node/lamp-1/config", ("light", "node", "lamp-1", "node lamp-1")),
        ("homeassistant/device/lamp/config", ("device", None, "lamp", "lamp")),
        ("homeassistant/light/a b/config", None),
        ("homeassistant/light/lamp/state", None),
        ("homeassistant/status", None),
        ("homeassistant/a/b/c/d/config", None),
    ],
)
def test_a_discovery_topic_names_component_node_and_object(topic: str, expected: tuple[str, ...] | None) -> None:
    place = parse_topic(topic, "homeassistant")
    assert (place and (place.component, place.node_id, place.object_id, place.id)) == expected


def test_another_prefix_can_be_used() -> None:
    place = parse_topic("home/ha/light/lamp/config", "home/ha")
    assert place is not None
    assert place.component == "light"


def test_short_keys_are_written_out() -> None:
    announced = component(
        {
            "cmd_t": "a",
            "stat_t": "b",
            "uniq_id": "u",
            "avty": [{"t": "c", "pl_avail": "up"}],
            "dev": {"ids": ["x"], "mf": "Acme", "sw": "1"},
            "o": {"name": "fw", "sw": "2", "url": "http://x"},
            "name": "n",
        }
    )
    assert announced.config == {
        "command_topic": "a",
        "state_topic": "b",
        "unique_id": "u",
        "availability": [{"topic": "c", "payload_available": "up"}],
        "device": {"identifiers": ["x"], "manufacturer": "Acme", "sw_version": "1"},
        "origin": {"name": "fw", "sw_version": "2", "support_url": "http://x"},
        "name": "n",
    }


def test_the_base_topic_stands_at_either_end_of_topics_only() -> None:
    announced = component({"~": "home/x", "stat_t": "~/state", "cmd_t": "set/~", "avty": {"t": "~/up"}, "name": "~"})
    assert announced.config == {
        "state_topic": "home/x/state",
        "command_topic": "set/home/x",
        "availability": [{"topic": "home/x/up"}],
        "name": "~",
    }


def test_an_empty_message_takes_back() -> None:
    (announced,) = parse_component(PLACE, b"")
    assert announced == Announcement(component="switch", id="n o", topic=PLACE.topic)


def test_a_migration_lets_go_without_taking_back() -> None:
    assert component({"migrate_discovery": True}).migrate
    assert component({"migr_discvry": True, "name": "x"}).config == {}


def test_a_device_announces_each_of_its_components() -> None:
    first, second = device(
        {
            **DEVICE,
            "cmps": {"a": {"p": "switch", "cmd_t": "s/set", "uniq_id": "1"}, "b": {"p": "sensor", "uniq_id": "2"}},
            "stat_t": "s/state",
            "avty_t": "s/up",
            "qos": 1,
        }
    )
    shared = {
        "device": {"identifiers": "d", "name": "Device"},
        "origin": {"name": "firmware"},
        "state_topic": "s/state",
        "availability_topic": "s/up",
        "qos": 1,
    }
    assert (first.component, first.id, second.component, second.id) == ("switch", "o a", "sensor", "o b")
    assert first.config == {"command_topic": "s/set", "unique_id": "1", **shared}
    assert second.config == {"unique_id": "2", **shared}


def test_a_component_with_nothing_but_its_platform_is_taken_back() -> None:
    (announced,) = device({**DEVICE, "cmps": {"a": {"p": "switch"}}})
    assert announced.config == {}


def test_a_components_own_options_win_over_the_devices() -> None:
    (announced,) = device(
        {**DEVICE, "~": "s", "stat_t": "~/1", "cmps": {"a": {"p": "sensor", "uniq_id": "1", "stat_t": "~/2"}}}
    )
    assert announced.config["state_topic"] == "s/2"


def test_a_node_id_in_a_device_topic_is_part_of_the_ids() -> None:
    place = Place(topic="t", component="device", object_id="o", node_id="n")
    (announced,) = device({**DEVICE, "cmps": {"a": {"p": "sensor", "uniq_id": "1"}}}, place=place)
    assert announced.id == "o n a"


def test_an_empty_device_message_takes_back_what_that_device_announced() -> None:
    known = [("switch", "o a"), ("sensor", "o b"), ("sensor", "other b"), ("sensor", "o")]
    assert [(item.component, item.id) for item in device(None, known)] == known[:2]
    assert all(item.migrate for item in device({"migrate_discovery": True}, known))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"{", "Expected JSON"),
        (b"[1]", "Expected a JSON object, got list"),
        (b"5", "Expected a JSON object, got int"),
    ],
)
def test_a_message_that_is_no_object_is_refused(payload: bytes, message: str) -> None:
    with pytest.raises(InvalidAnnouncement, match=message):
        parse_component(PLACE, payload)
    with pytest.raises(InvalidAnnouncement, match=message):
        parse_device(DEVICE_PLACE, payload, [])


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"o": {"name": "x"}, "cmps": {}}, "device"),
        ({"dev": {"ids": []}, "o": {"name": "x"}, "cmps": {}}, "identifiers or connections"),
        ({"dev": {"ids": ["a"]}, "cmps": {}}, "origin"),
        ({"dev": {"ids": ["a"]}, "o": {"name": "x"}, "cmps": []}, "expected a dictionary"),
        ({"dev": {"ids": ["a"]}, "o": {"name": "x"}, "cmps": {"a": {}}}, "platform"),
        ({"dev": {"ids": ["a"]}, "o": {"name": "x"}, "cmps": {"a": {"p": "switch", "cmd_t": "x"}}}, "unique_id"),
        ({"dev": {"ids": ["a"]}, "o": {"name": "x"}, "cmps": {"a": 5}}, "expected a dictionary"),
    ],
)
def test_a_device_message_without_its_parts_is_refused(payload: Any, message: str) -> None:
    with pytest.raises(InvalidAnnouncement, match=message):
        device(payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["~", "dev", "o", "avty", "cmps", "t", "stat_t", "p", "uniq_id", "ids"]), inner
        )
    ),
    max_leaves=6,
)


@given(payload=JSON)
def test_no_json_at_all_breaks_the_parser(payload: Any) -> None:
    with contextlib.suppress(InvalidAnnouncement):
        parse_component(PLACE, orjson.dumps(payload))
    with contextlib.suppress(InvalidAnnouncement):
        device(payload)


@given(payload=st.binary(max_size=20))
def test_no_bytes_at_all_break_the_parser(payload: bytes) -> None:
    with contextlib.suppress(InvalidAnnouncement):
        parse_component(PLACE, payload)
