from __future__ import annotations

from typing import Any

import pytest

from hub.core.geometry import distance
from hub.errors import InvalidInput
from hub.virtual import located
from tests.virtual.conftest import SETTINGS, House, Houses

HOME = (SETTINGS.latitude, SETTINGS.longitude)
OFFICE = (52.5076, 13.3904)
ELSEWHERE = (52.6, 13.6)
PHONE, ROUTER = "device_tracker.phone", "device_tracker.router"


def zone(house: House, name: str, place: tuple[float, float], **data: Any) -> str:
    house.virtual.collections["zone"].create({"name": name, "latitude": place[0], "longitude": place[1], **data})
    return house.entity_id("zone", name.lower())


def where(person: str, house: House) -> str:
    return house.shown(person)


async def test_the_home_is_a_zone_from_the_settings(house: House) -> None:
    assert house.shown("zone.home") == "0"
    assert house.state("zone.home").attributes == {
        "latitude": HOME[0],
        "longitude": HOME[1],
        "radius": 100.0,
        "passive": False,
        "persons": [],
        "editable": True,
        "icon": "mdi:home",
        "friendly_name": "Nest",
    }


PLACES = [
    (HOME, 0, "home"),
    (OFFICE, 0, "Office"),
    (ELSEWHERE, 0, "not_home"),
    ((HOME[0] + 0.001, HOME[1]), 0, "not_home"),  # 111 m to the north
    ((HOME[0] + 0.001, HOME[1]), 20, "home"),  # ... or less, as far as one can tell
]


@pytest.mark.parametrize(("place", "accuracy", "state"), PLACES)
async def test_a_tracker_that_tells_its_place_is_in_a_zone(
    house: House, place: tuple[float, float], accuracy: float, state: str
) -> None:
    zone(house, "Office", OFFICE)
    house.lamp.locate(*place, accuracy)
    assert house.shown(PHONE) == state


async def test_a_tracker_s_own_word_counts_more_than_its_place(house: House) -> None:
    house.lamp.track("phone", "Garden", latitude=ELSEWHERE[0], longitude=ELSEWHERE[1])
    assert house.shown(PHONE) == "Garden"
    house.lamp.track("phone")
    assert house.shown(PHONE) == "unknown"


async def test_of_zones_that_overlap_the_nearest_and_then_the_smallest_counts(house: House) -> None:
    zone(house, "City", OFFICE, radius=5000)
    zone(house, "Office", OFFICE, radius=50)
    zone(house, "Hidden", OFFICE, radius=10, passive=True)
    assert located(house.states, {"latitude": OFFICE[0], "longitude": OFFICE[1]}) == "Office"
    assert located(house.states, {"latitude": OFFICE[0] + 0.002, "longitude": OFFICE[1]}) == "City"
    assert located(house.states, {"latitude": HOME[0], "longitude": HOME[1]}) == "home"


async def test_a_person_is_where_their_trackers_are_and_zones_count_them(house: House) -> None:
    office = zone(house, "Office", OFFICE)
    person = house.define("person", name="Ada", device_trackers=[PHONE, ROUTER], user_id="u1", picture="/ada.png")
    assert house.shown(person) == "unknown"
    house.lamp.locate(*OFFICE, accuracy=7)
    assert house.shown(person) == "Office"
    assert house.state(person).attributes == {
        "editable": True,
        "id": "ada",
        "device_trackers": [PHONE, ROUTER],
        "latitude": OFFICE[0],
        "longitude": OFFICE[1],
        "gps_accuracy": 7,
        "source": PHONE,
        "user_id": "u1",
        "entity_picture": "/ada.png",
        "friendly_name": "Ada",
    }
    assert (house.shown(office), house.state(office).attributes["persons"]) == ("1", [person])
    house.lamp.track("router", "home", source_type="router")
    assert (house.shown(person), house.state(person).attributes["source"]) == ("home", ROUTER)
    assert house.state(person).attributes["latitude"] == HOME[0]
    assert (house.shown(office), house.shown("zone.home")) == ("0", "1")
    house.lamp.track("router", "not_home", source_type="router")
    assert house.shown(person) == "Office"
    house.virtual.collections["person"].delete("ada")
    assert (house.shown(office), house.states.get(person)) == ("0", None)


async def test_a_person_stays_where_they_were_until_a_tracker_speaks_after_a_restart(houses: Houses) -> None:
    house = await houses()
    person = house.define("person", name="Ada", device_trackers=[PHONE])
    house.lamp.locate(*HOME)
    assert house.shown("zone.home") == "1"
    again = await houses(after=60)
    assert (again.shown(PHONE), again.shown(person), again.shown("zone.home")) == ("unknown", "home", "1")
    again.lamp.locate(*ELSEWHERE)
    assert (again.shown(person), again.shown("zone.home")) == ("not_home", "0")


async def test_nobody_is_two_persons(house: House) -> None:
    house.define("person", name="Ada", user_id="u1")
    with pytest.raises(InvalidInput, match="this one is Ada"):
        house.define("person", name="Bob", user_id="u1")
    people = house.virtual.collections["person"]
    people.update("ada", {"user_id": "u1", "name": "Ada L."})
    people.update("ada", {"user_id": None})
    house.define("person", name="Bob", user_id="u1")
    assert [(item["name"], item["user_id"]) for item in people] == [("Ada L.", None), ("Bob", "u1")]


async def test_a_tracker_that_is_renamed_or_removed_is_so_for_its_person(house: House) -> None:
    person = house.define("person", name="Ada", device_trackers=[PHONE, ROUTER])
    house.registries.entities.update(PHONE, new_entity_id="device_tracker.mobile")
    house.lamp.locate(*HOME)
    assert (house.shown(person), house.state(person).attributes["source"]) == ("home", "device_tracker.mobile")
    house.lamp.host.remove("phone")
    assert house.state(person).attributes["device_trackers"] == [ROUTER]
    assert house.shown(person) == "unknown"


async def test_an_update_of_a_zone_keeps_what_it_leaves_out(house: House) -> None:
    zone(house, "Office", OFFICE, icon="mdi:desk")
    zones = house.virtual.collections["zone"]
    assert zones.update("office", {"radius": 250})["icon"] == "mdi:desk"
    zones.create({"name": "Home", "latitude": 0, "longitude": 0})
    assert [item["id"] for item in zones] == ["office", "home_2"]  # the id of the home itself is taken


def test_distances_agree_with_the_ellipsoid_to_half_a_percent() -> None:
    # Geodesic distances on WGS 84.
    for place, other, metres in [
        ((52.5163, 13.3777), (48.8584, 2.2945), 879_700),
        ((31.2304, 121.4737), (39.9042, 116.4074), 1_067_600),
        ((0.0, 0.0), (0.0, 1.0), 111_319.5),
        ((0.0, 0.0), (1.0, 0.0), 110_574.4),
    ]:
        assert distance(*place, *other) == pytest.approx(metres, rel=0.006)
