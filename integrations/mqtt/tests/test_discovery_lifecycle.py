"""Entities come, change and go with what devices announce."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from hearth_mqtt.bus import OnMessage, Unlisten
from hearth_mqtt.testing import DiscoveredHome
from hub import DeviceRefused, EntityCall

SWITCH: dict[str, Any] = {"name": "W", "state_topic": "w", "command_topic": "w/set"}
DEVICE: dict[str, Any] = {"identifiers": ["d1"], "name": "Lamp"}


@pytest.fixture
async def home() -> DiscoveredHome:
    return DiscoveredHome()


async def test_an_announcement_updates_its_entity_and_keeps_what_is_known(home: DiscoveredHome) -> None:
    await home.announce("switch", **SWITCH, icon="mdi:power")
    await home.send("w", "ON")
    await home.announce("switch", **{**SWITCH, "state_topic": "w2", "name": "Other"})
    assert (home.state(), home.attributes()["friendly_name"]) == ("on", "Other")
    assert "icon" not in home.attributes()
    await home.send("w", "OFF")
    assert home.state() == "on"
    await home.send("w2", "OFF")
    assert home.state() == "off"
    assert "w" not in home.bus.filters


async def test_the_same_announcement_again_changes_nothing(home: DiscoveredHome) -> None:
    await home.announce("switch", **SWITCH)
    changes: list[Any] = []
    home.home.bus.listen("state_changed", changes.append)
    before = list(home.bus.filters)
    await home.announce("switch", **SWITCH)
    assert (changes, home.bus.filters) == ([], before)


async def test_an_empty_message_removes_the_entity_and_its_device(home: DiscoveredHome) -> None:
    await home.announce("switch", **SWITCH, device=DEVICE)
    assert len(home.home.registries.devices) == 1
    await home.announce("switch")
    assert home.home.entity_of("u") is None
    assert len(home.home.registries.devices) == 0
    assert "w" not in home.bus.filters
    with pytest.raises(DeviceRefused, match="announced itself"):
        await home.act("switch.turn_on")


async def test_an_empty_message_for_nothing_does_nothing(home: DiscoveredHome) -> None:
    await home.announce("switch", at="nobody")
    assert list(home.home.states) == []


async def test_a_wrong_update_leaves_the_entity_as_it_was(
    home: DiscoveredHome, caplog: pytest.LogCaptureFixture
) -> None:
    await home.announce("switch", **SWITCH)
    await home.announce("switch", name="W", command_topic="a/#")
    assert "Cannot make a switch of homeassistant/switch/node/thing/config" in caplog.text
    await home.send("w", "ON")
    assert home.state() == "on"


@pytest.mark.parametrize(
    "config",
    [
        {"name": "x"},
        {**SWITCH, "command_topic": "a/+/b"},
        {**SWITCH, "state_topic": ""},
        {**SWITCH, "qos": 7},
        {**SWITCH, "device": {"name": "nameless"}},
        {**SWITCH, "device_class": "spaceship"},
        {**SWITCH, "availability": [{"payload_available": "x"}]},
        {**SWITCH, "availability_topic": "a", "availability": [{"topic": "b"}]},
        {**SWITCH, "payload_on": {"a": 1}},
    ],
)
async def test_a_wrong_announcement_is_logged_and_ignored(
    home: DiscoveredHome, caplog: pytest.LogCaptureFixture, config: dict[str, Any]
) -> None:
    await home.announce("switch", **config)
    assert home.state() is None
    assert "Cannot make a switch of" in caplog.text


@pytest.mark.parametrize("payload", [b"{", b"\xff\x00", b"[]", b"null"])
async def test_garbage_in_a_discovery_topic_is_logged_and_ignored(
    home: DiscoveredHome, caplog: pytest.LogCaptureFixture, payload: bytes
) -> None:
    await home.send("homeassistant/switch/node/thing/config", payload)
    await home.send("homeassistant/device/thing/config", payload)
    assert caplog.text.count("Cannot read the discovery message on") == 2
    await home.announce("switch", **SWITCH)
    assert home.state() == "unknown"


async def test_components_of_other_kinds_are_ignored_without_fuss(
    home: DiscoveredHome, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="hearth_mqtt")
    await home.announce("teleporter", name="T", command_topic="t")
    await home.announce("vacuum_legacy", name="V")
    assert [record.levelname for record in caplog.records] == ["DEBUG", "DEBUG"]
    assert list(home.home.states) == []


async def test_a_light_of_an_unknown_schema_is_logged(home: DiscoveredHome, caplog: pytest.LogCaptureFixture) -> None:
    await home.announce("light", name="L", command_topic="l", schema="quantum")
    assert "Expected a known schema, got 'quantum'" in caplog.text


async def test_unknown_keys_do_not_matter(home: DiscoveredHome) -> None:
    await home.announce("switch", **SWITCH, from_the_future={"a": 1})
    assert home.state() == "unknown"


async def test_names_come_from_device_and_entity(home: DiscoveredHome) -> None:
    device = {**DEVICE, "suggested_area": "Kitchen", "connections": [["mac", "84-0D-8E-52-28-51"]], "sw_version": "1.2"}
    configs: list[dict[str, Any]] = [
        {"name": None},
        {"name": "Power"},
        {"device_class": "temperature"},
        {"device_class": "enum", "options": ["a"]},
        {"name": "x", "default_entity_id": "sensor.chosen"},
        {"name": "x", "object_id": "Also Chosen"},
    ]
    for number, config in enumerate(configs):
        await home.announce(
            "sensor", unique_id=str(number), at=f"n{number}/x", state_topic="s", device=device, **config
        )
    entities = list(home.home.registries.entities)
    assert [(entity.entity_id, entity.original_name) for entity in entities] == [
        ("sensor.lamp", None),
        ("sensor.lamp_power", "Power"),
        ("sensor.lamp_temperature", "Temperature"),
        ("sensor.lamp_mqtt_sensor", "MQTT Sensor"),
        ("sensor.chosen", "x"),
        ("sensor.also_chosen", "x"),
    ]
    (found,) = home.home.registries.devices
    assert (found.name, found.sw_version) == ("Lamp", "1.2")
    assert found.connections == (("mac", "84:0d:8e:52:28:51"),)
    area = home.home.registries.areas.get(found.area_id)
    assert area is not None
    assert area.name == "Kitchen"


async def test_the_device_in_between_is_there_before_it_announces_itself(home: DiscoveredHome) -> None:
    await home.announce("sensor", name="S", state_topic="s", device={**DEVICE, "via_device": "bridge"})
    bridge = home.home.registries.devices.find([("mqtt", "bridge")])
    lamp = home.home.registries.devices.find([("mqtt", "d1")])
    assert bridge is not None
    assert lamp is not None
    assert (bridge.name, lamp.via_device_id) == (None, bridge.id)


async def test_registry_options_are_taken_over(home: DiscoveredHome) -> None:
    await home.announce(
        "sensor", name="S", state_topic="s", entity_category="diagnostic", enabled_by_default=False, icon="mdi:eye"
    )
    entity = home.home.entity_of("u")
    assert entity is not None
    assert (entity.entity_category, entity.disabled_by) == ("diagnostic", "integration")
    assert home.state() is None


async def test_an_entity_without_unique_id_is_known_by_its_topic_and_has_no_device(home: DiscoveredHome) -> None:
    await home.announce("switch", unique_id=None, **SWITCH, device=DEVICE)
    entity = home.home.entity_of("switch node thing")
    assert entity is not None
    assert (entity.entity_id, entity.device_id) == ("switch.w", None)


async def test_one_unique_id_for_two_components_makes_two_entities_also_after_a_restart(home: DiscoveredHome) -> None:
    await home.announce("sensor", name="S", state_topic="s", at="a/x")
    await home.announce("binary_sensor", name="B", state_topic="b", at="b/x")
    ids = {entity.unique_id: entity.entity_id for entity in home.home.registries.entities}
    assert ids == {"u": "sensor.s", "u binary_sensor": "binary_sensor.b"}
    home.discovery.stop()
    again = DiscoveredHome(home.home.stores)
    await again.announce("binary_sensor", name="B", state_topic="b", at="b/x")
    await again.announce("sensor", name="S", state_topic="s", at="a/x")
    assert {entity.unique_id: entity.entity_id for entity in again.home.registries.entities} == ids


async def test_a_second_topic_with_the_same_unique_id_is_ignored(
    home: DiscoveredHome, caplog: pytest.LogCaptureFixture
) -> None:
    await home.announce("switch", at="a/x", **SWITCH)
    await home.announce("switch", at="b/x", **{**SWITCH, "state_topic": "other"})
    assert "is in use on homeassistant/switch/a/x/config" in caplog.text
    assert "other" not in home.bus.filters


async def test_the_retained_state_reaches_an_entity_that_comes_later(home: DiscoveredHome) -> None:
    await home.send("w", "ON", retain=True)
    await home.announce("switch", **SWITCH)
    assert home.state() == "on"


async def test_the_retained_state_reaches_whoever_joins_a_topic_in_use_and_nobody_twice(home: DiscoveredHome) -> None:
    await home.send("t", {"a": 1, "b": 2}, retain=True)
    await home.announce(
        "sensor", unique_id="a", at="a/x", name="A", state_topic="t", value_template="{{ value_json.a }}"
    )
    await home.send("t", {"a": 5, "b": 6})
    reported: list[str] = []
    home.home.bus.listen("state_reported", lambda event: reported.append(event.data["entity_id"]))
    home.home.bus.listen("state_changed", lambda event: reported.append(event.data["entity_id"]))
    await home.announce(
        "sensor", unique_id="b", at="b/x", name="B", state_topic="t", value_template="{{ value_json.b }}"
    )
    assert (home.state("a"), home.state("b")) == ("5", "2")
    assert "sensor.a" not in reported
    assert home.bus.filters.count("t") == 1


async def test_many_announcements_in_a_row_subscribe_to_a_shared_topic_once(home: DiscoveredHome) -> None:
    subscribed: list[str] = []
    subscribe = home.bus.subscribe

    def count(topic: str, callback: OnMessage, /, *, qos: int = 0) -> Unlisten:
        subscribed.append(topic)
        return subscribe(topic, callback, qos=qos)

    home.bus.subscribe = count  # type: ignore[method-assign]
    for number in range(20):
        topic = f"homeassistant/sensor/n/s{number}/config"
        home.bus.receive(topic, f'{{"uniq_id": "{number}", "name": "S", "stat_t": "t"}}')
    await home.pass_time(0)
    assert subscribed == ["t"]


async def test_a_topic_with_wildcards_is_listened_to(home: DiscoveredHome) -> None:
    await home.send("rooms/a/t", "1", retain=True)
    await home.send("rooms/b/t", "2", retain=True)
    await home.announce("sensor", name="S", state_topic="rooms/+/t")
    assert home.state() == "2"


AVAILABILITY: list[tuple[dict[str, Any], list[tuple[str, Any]], bool]] = [
    ({}, [], True),
    ({"availability_topic": "a"}, [], False),
    ({"availability_topic": "a"}, [("a", "online")], True),
    ({"availability_topic": "a"}, [("a", "online"), ("a", "maybe")], True),
    ({"availability_topic": "a"}, [("a", "online"), ("a", "offline")], False),
    ({"availability_topic": "a", "payload_available": "1", "payload_not_available": "0"}, [("a", "1")], True),
    ({"availability_topic": "a", "availability_template": "{{ value_json.s }}"}, [("a", {"s": "online"})], True),
    ({"availability": {"topic": "a"}}, [("a", "online")], True),
    ({"availability": [{"topic": "a"}, {"topic": "b"}]}, [("a", "online"), ("b", "offline")], False),
    ({"availability": [{"topic": "a"}, {"topic": "b"}]}, [("b", "offline"), ("a", "online")], True),
    ({"availability": [{"topic": "a"}, {"topic": "b"}], "availability_mode": "all"}, [("a", "online")], False),
    (
        {"availability": [{"topic": "a"}, {"topic": "b"}], "availability_mode": "all"},
        [("a", "online"), ("b", "online")],
        True,
    ),
    (
        {"availability": [{"topic": "a"}, {"topic": "b"}], "availability_mode": "any"},
        [("a", "online"), ("b", "offline")],
        True,
    ),
    (
        {"availability": [{"topic": "a", "value_template": "{{ value_json.state }}"}]},
        [("a", {"state": "online"}), ("a", "garbage")],
        True,
    ),
]


@pytest.mark.parametrize(("config", "messages", "available"), AVAILABILITY)
async def test_an_entity_is_available_as_its_topics_say(
    home: DiscoveredHome, config: dict[str, Any], messages: list[tuple[str, Any]], available: bool
) -> None:
    await home.announce("switch", **SWITCH, **config)
    for topic, payload in messages:
        await home.send(topic, payload)
    assert (home.state() != "unavailable") is available


async def test_an_unavailable_entity_is_never_shown_as_anything_else_first(home: DiscoveredHome) -> None:
    shown: list[str] = []
    home.home.bus.listen("state_changed", lambda event: shown.append(event.data["new_state"].state))
    await home.announce("light", name="L", command_topic="l", availability_topic="a")
    assert shown == ["unavailable"]


async def test_what_is_told_while_unavailable_shows_afterwards(home: DiscoveredHome) -> None:
    await home.announce("switch", **SWITCH, availability_topic="a")
    await home.send("w", "ON")
    assert home.state() == "unavailable"
    await home.send("a", "online")
    assert home.state() == "on"


async def test_availability_survives_an_update(home: DiscoveredHome) -> None:
    await home.announce("switch", **SWITCH, availability_topic="a")
    await home.send("a", "online")
    await home.announce("switch", **{**SWITCH, "name": "Other"}, availability_topic="a")
    assert home.state() == "unknown"


async def test_a_sensor_that_falls_silent_expires(home: DiscoveredHome) -> None:
    await home.announce("sensor", name="S", state_topic="s", expire_after=30)
    assert home.state() == "unavailable"
    await home.send("s", "1")
    await home.pass_time(20)
    await home.send("s", "2")
    await home.pass_time(20)
    assert home.state() == "2"
    await home.pass_time(10)
    assert home.state() == "unavailable"
    await home.send("s", "3")
    assert home.state() == "3"


async def test_more_attributes_come_as_json(home: DiscoveredHome) -> None:
    await home.announce("sensor", name="S", state_topic="s", json_attributes_topic="j")
    await home.send("j", {"battery": 5, "friendly_name": "Hacked", "state_class": "x", "device_class": "x"})
    shown = home.attributes()
    assert shown == {"friendly_name": "S", "battery": 5}
    await home.send("j", "no object")
    assert home.attributes() == shown


async def test_attributes_and_state_out_of_one_message_are_one_change(home: DiscoveredHome) -> None:
    await home.announce(
        "sensor",
        name="S",
        state_topic="s",
        value_template="{{ value_json.v }}",
        json_attributes_topic="s",
        json_attributes_template="{{ {'w': value_json.v + 1} | tojson }}",
    )
    changes: list[Any] = []
    home.home.bus.listen("state_changed", changes.append)
    await home.send("s", {"v": 1})
    assert len(changes) == 1
    assert (home.state(), home.attributes()["w"]) == ("1", 2)


async def test_force_update_makes_every_report_a_change(home: DiscoveredHome) -> None:
    await home.announce("sensor", name="S", state_topic="s", force_update=True)
    changes: list[Any] = []
    home.home.bus.listen("state_changed", changes.append)
    for _ in range(3):
        await home.send("s", "same")
    assert len(changes) == 3


async def test_templates_see_the_entity(home: DiscoveredHome) -> None:
    template = "{{ name }}/{{ entity_id }}/{{ this.state }}"
    await home.announce("sensor", name="S", state_topic="s", value_template=template, device=DEVICE)
    await home.send("s", "x")
    assert home.state() == "S/sensor.lamp_s/unknown"


async def test_what_silent_devices_were_told_outlives_a_restart(home: DiscoveredHome) -> None:
    light = {"name": "L", "command_topic": "l", "rgb_command_topic": "c"}
    await home.announce("light", unique_id="l", at="l/x", **light)
    await home.act("light.turn_on", "l", rgb_color=(255, 0, 0))
    await home.announce("button", unique_id="b", at="b/x", name="B", command_topic="b")
    await home.act("button.press", "b")
    pressed = home.state("b")
    home.discovery.stop()
    again = DiscoveredHome(home.home.stores)
    await again.announce("light", unique_id="l", at="l/x", **light)
    await again.announce("button", unique_id="b", at="b/x", name="B", command_topic="b")
    assert (again.state("l"), list(again.attributes("l")["rgb_color"])) == ("on", [255, 0, 0])
    assert again.state("b") == pressed


async def test_a_device_announces_several_entities_at_once(home: DiscoveredHome) -> None:
    message = {
        "dev": DEVICE,
        "o": {"name": "firmware"},
        "stat_t": "d/state",
        "cmps": {
            "power": {
                "p": "switch",
                "uniq_id": "1",
                "name": "Power",
                "cmd_t": "d/set",
                "val_tpl": "{{ value_json.p }}",
            },
            "heat": {"p": "sensor", "uniq_id": "2", "dev_cla": "temperature", "val_tpl": "{{ value_json.t }}"},
        },
    }
    await home.send("homeassistant/device/d/config", message, retain=True)
    await home.send("d/state", {"p": "ON", "t": 20})
    assert (home.state("1"), home.state("2")) == ("on", "20")
    await home.send("homeassistant/device/d/config", {**message, "cmps": {"heat": {"p": "sensor"}}}, retain=True)
    assert (home.state("1"), home.home.entity_of("2")) == ("on", None)
    await home.send("homeassistant/device/d/config", "", retain=True)
    assert home.home.entity_of("1") is None


async def test_an_entity_moves_from_its_own_topic_to_its_devices_message(home: DiscoveredHome) -> None:
    await home.announce("switch", at="d/power", **SWITCH, device=DEVICE)
    home.home.registries.entities.update("switch.lamp_w", name="Mine")
    await home.send("homeassistant/switch/d/power/config", {"migrate_discovery": True})
    assert home.state() == "unavailable"
    component = {"p": "switch", "uniq_id": "u", **SWITCH}
    message = {"dev": DEVICE, "o": {"name": "firmware"}, "cmps": {"power": component}}
    await home.send("homeassistant/device/d/config", message, retain=True)
    await home.announce("switch", at="d/power")
    await home.send("w", "ON")
    assert (home.state(), home.attributes()["friendly_name"]) == ("on", "Mine")


async def test_the_same_id_on_another_topic_is_ignored(home: DiscoveredHome, caplog: pytest.LogCaptureFixture) -> None:
    await home.announce("switch", at="d/power", **SWITCH)
    message = {
        "dev": DEVICE,
        "o": {"name": "firmware"},
        "cmps": {"power": {"p": "switch", "uniq_id": "u", "cmd_t": "x", "stat_t": "other"}},
    }
    await home.send("homeassistant/device/d/config", message)
    assert "was announced on homeassistant/switch/d/power/config" in caplog.text
    assert "other" not in home.bus.filters


async def test_nothing_listens_any_more_after_stop(home: DiscoveredHome) -> None:
    await home.announce("binary_sensor", name="B", state_topic="b", off_delay=5, expire_after=9)
    await home.send("b", "ON")
    home.discovery.stop()
    assert home.bus.filters == []
    await home.pass_time(60)
    assert home.state() == "on"


async def test_an_action_on_several_entities_reaches_each(home: DiscoveredHome) -> None:
    for name in ("a", "b"):
        await home.announce("switch", unique_id=name, at=f"{name}/x", name=name, command_topic=f"{name}/set")
    await home.discovery.execute(EntityCall(action="switch.turn_on", unique_ids=("a", "b")))
    assert [message.topic for message in home.bus.sent] == ["a/set", "b/set"]
    assert (home.state("a"), home.state("b")) == ("on", "on")
