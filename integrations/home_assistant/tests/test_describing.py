from __future__ import annotations

from typing import Any

import pytest

from hearth_home_assistant.codec import EntityState
from hearth_home_assistant.describing import describe, describe_instance, is_described_by, report
from hearth_home_assistant.registry import Home
from hub import ConnectionLost, EntityDescription, Report

AREAS: list[dict[str, Any]] = [{"area_id": "hall", "name": "Hall", "floor_id": "ground", "icon": None, "aliases": []}]
FLOORS = [{"floor_id": "ground", "name": "Ground floor", "level": 0}]
DEVICES = [
    {"id": "hub", "name": "Bridge", "via_device_id": None, "sw_version": 2, "identifiers": [["hue", 7]]},
    {
        "id": "lamp",
        "name": "Lamp",
        "name_by_user": "Hall lamp",
        "via_device_id": "hub",
        "area_id": "hall",
        "connections": [["mac", "aa:bb"]],
        "manufacturer": "Signify",
    },
]
ENTITIES = [
    {"id": "e1", "entity_id": "light.lamp", "unique_id": "u", "platform": "hue", "device_id": "lamp", "has_entity_name": True},
    {"id": "e2", "entity_id": "sensor.power", "unique_id": 5, "platform": "hue", "device_id": "lamp", "has_entity_name": True,
     "original_name": "Power", "entity_category": "diagnostic"},
    {"id": "e3", "entity_id": "switch.own", "unique_id": "w", "platform": "hue", "device_id": "lamp", "name": "Mine",
     "has_entity_name": True, "original_name": "Plug", "area_id": "hall"},
]  # fmt: skip
HOME = Home.parse(AREAS, FLOORS, DEVICES, ENTITIES)


def described(
    entity_id: str, state: str = "on", known: EntityDescription | None = None, **attributes: Any
) -> EntityDescription:
    return describe("key", entity_id, HOME.entities.get(entity_id), EntityState(state, attributes), HOME, known=known)


def test_a_light_is_described_with_its_device_and_what_never_changes() -> None:
    light = described(
        "light.lamp", supported_color_modes=["hs"], brightness=5, supported_features=4, friendly_name="Hall lamp"
    )
    assert (light.domain, light.object_id, light.features, light.name, light.has_entity_name) == (
        "light",
        "lamp",
        4,
        None,
        True,
    )
    assert light.attributes == {"supported_color_modes": ["hs"]}
    assert light.device is not None
    assert light.device.identifiers == ("lamp",)
    assert (light.device.name, light.device.area, light.device.via) == ("Hall lamp", "Hall", "hub")
    assert light.device.connections == (("mac", "aa:bb"),)


@pytest.mark.parametrize(
    ("entity_id", "name", "with_device"),
    [("sensor.power", "Power", True), ("switch.own", "Mine", False), ("light.unregistered", "Shown", False)],
)
def test_names_are_those_that_home_assistant_shows(entity_id: str, name: str, with_device: bool) -> None:
    shown = described(entity_id, friendly_name="Mine" if entity_id == "switch.own" else "Shown")
    assert (shown.name, shown.has_entity_name) == (name, with_device)


def test_an_entitys_own_area_is_suggested() -> None:
    assert described("switch.own").area == "Hall"
    assert described("light.lamp").area is None


def test_what_cannot_be_reached_keeps_what_is_known_of_it() -> None:
    known = described("sensor.power", "5", unit_of_measurement="W", device_class="power", state_class="measurement")
    silent = described("sensor.power", "unavailable", known, friendly_name="x")
    assert silent == known
    assert described("sensor.power", "unavailable").available is False


def test_secrets_and_what_the_hub_adds_itself_are_not_reported() -> None:
    camera = EntityState(
        "idle", {"access_token": "secret", "entity_picture": "/api/x", "friendly_name": "C", "brand": "Acme"}
    )
    assert report("key", camera) == Report(unique_id="key", state="idle", attributes={"brand": "Acme"})
    assert report("key", EntityState("unknown")).state is None


@pytest.mark.parametrize(
    ("address", "kept"), [("/api/media_player_proxy/x", None), ("https://a.example/x.png", "https://a.example/x.png")]
)
def test_a_picture_that_only_home_assistant_can_open_is_left_out(address: str, kept: str | None) -> None:
    assert described("light.lamp", entity_picture=address).picture == kept


def test_only_some_attributes_describe() -> None:
    assert is_described_by("light", ["brightness", "friendly_name"])
    assert is_described_by("light", ["supported_color_modes"])
    assert not is_described_by("light", ["brightness", "color_mode"])
    assert not is_described_by("nothing", ["brightness"])


def test_what_is_left_out_is_a_sensor_of_home_assistant_itself() -> None:
    sensor, count = describe_instance(
        "entry", "http://ha:8123", {"location_name": "Home", "version": "2026.2.3"}, {"stt": 1, "x": 2}
    )
    assert sensor.device is not None
    assert (sensor.device.name, sensor.device.sw_version) == ("Home", "2026.2.3")
    assert (count.unique_id, count.state, count.attributes) == (sensor.unique_id, "3", {"stt": 1, "x": 2})


def test_devices_know_how_many_they_are_reached_through() -> None:
    assert [HOME.depth(device_id) for device_id in (None, "nobody", "hub", "lamp")] == [0, 0, 1, 2]
    ring = [{"id": "a", "via_device_id": "b"}, {"id": "b", "via_device_id": "a"}]
    assert Home.parse([], None, ring, []).depth("a") == 2


def test_registries_in_odd_shapes_are_read() -> None:
    assert HOME.devices["hub"].sw_version == "2"
    assert HOME.devices["hub"].identifiers == ("hue:7",)
    assert HOME.entities["sensor.power"].unique_id == "5"
    assert HOME.areas["hall"].floor == "Ground floor"


@pytest.mark.parametrize("areas", [None, [{}], "x", [1]])
def test_what_is_no_registry_is_a_lost_connection(areas: Any) -> None:
    with pytest.raises(ConnectionLost, match="Expected Home Assistant's registries"):
        Home.parse(areas, [], [], [])
