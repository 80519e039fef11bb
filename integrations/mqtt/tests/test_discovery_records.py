"""What is kept rather than measured: places, versions, days, and when something was last done."""

from __future__ import annotations

from typing import Any

import pytest

from hearth_mqtt.discovery.components.versions import is_newer
from hearth_mqtt.testing import DiscoveredHome, Sent
from hub import InvalidInput, UpdateFeature


@pytest.fixture
async def home() -> DiscoveredHome:
    return DiscoveredHome()


def payloads(sent: list[Sent]) -> list[tuple[str, str]]:
    return [(message.topic, message.payload) for message in sent]


async def test_a_tracker_is_where_it_says(home: DiscoveredHome) -> None:
    await home.announce("device_tracker", name="T", state_topic="t", payload_home="here", payload_not_home="away")
    assert (home.state(), home.attributes()) == ("unknown", {"source_type": "gps", "friendly_name": "T"})
    for payload, state in (("here", "home"), ("away", "not_home"), ("Work", "Work"), ("", "Work"), ("None", "unknown")):
        await home.send("t", payload)
        assert home.state() == state


async def test_a_tracker_takes_coordinates_from_its_attributes(home: DiscoveredHome) -> None:
    await home.announce(
        "device_tracker", name="T", state_topic="t", json_attributes_topic="t/more", source_type="router"
    )
    await home.send("t", "home")
    await home.send("t/more", {"latitude": 52.5, "longitude": 13.4, "gps_accuracy": 12, "battery_level": 80})
    assert home.attributes() == {
        "source_type": "router",
        "latitude": 52.5,
        "longitude": 13.4,
        "gps_accuracy": 12,
        "battery_level": 80,
        "friendly_name": "T",
    }
    assert home.state() == "unknown"  # the name given before is no longer true
    await home.send("t/more", {"latitude": "north", "longitude": 13.4})
    assert "latitude" not in home.attributes()
    await home.send("t", "home")
    await home.send("t/more", {"battery_level": 70})
    assert (home.state(), home.attributes()["battery_level"]) == ("home", 70)


async def test_a_tracker_needs_a_topic(home: DiscoveredHome) -> None:
    await home.announce("device_tracker", name="T")
    assert home.state() is None


ZIGBEE = (
    "{\"latest_version\":\"{{ value_json['update']['latest_version'] }}\","
    "\"installed_version\":\"{{ value_json['update']['installed_version'] }}\","
    "\"update_percentage\":{{ value_json['update'].get('progress', 'null') }}}"
)


async def test_an_update_is_due_when_there_is_a_newer_version(home: DiscoveredHome) -> None:
    await home.announce("update", name="U", state_topic="u", title="Firmware", release_url="https://example.org/new")
    assert home.state() == "unknown"
    await home.send("u", {"installed_version": "1.9", "latest_version": "1.10", "release_summary": "x" * 300})
    assert (home.state(), home.attributes()["supported_features"]) == ("on", UpdateFeature.PROGRESS)
    known = home.attributes()
    assert (known["title"], known["release_url"], len(known["release_summary"])) == (
        "Firmware",
        "https://example.org/new",
        255,
    )
    assert (known["auto_update"], known["display_precision"], known["skipped_version"]) == (False, 0, None)
    await home.send("u", {"installed_version": "1.10"})
    assert home.state() == "off"
    await home.send("u", {"installed_version": "1.9", "release_url": "not an address"})
    assert home.attributes()["installed_version"] == "1.10"


async def test_an_update_shows_how_far_it_has_come(home: DiscoveredHome) -> None:
    await home.announce(
        "update", name="U", state_topic="u", command_topic="u/set", payload_install="go", value_template=ZIGBEE
    )
    await home.send("u", {"update": {"installed_version": 5, "latest_version": 7, "progress": 42.5}})
    known = home.attributes()
    assert (home.state(), known["installed_version"], known["latest_version"]) == ("on", "5", "7")
    assert (known["in_progress"], known["update_percentage"]) == (True, 42.5)
    await home.send("u", {"update": {"installed_version": 7, "latest_version": 7}})
    assert (home.state(), home.attributes()["in_progress"]) == ("off", False)
    assert home.attributes()["update_percentage"] is None
    await home.send("u", {"linkquality": 5})  # a message of the device that says nothing of updates
    assert home.attributes()["installed_version"] == "7"
    assert payloads(await home.act("update.install")) == [("u/set", "go")]


async def test_an_update_may_be_told_in_two_topics(home: DiscoveredHome) -> None:
    await home.announce("update", name="U", state_topic="u", latest_version_topic="u/new")
    await home.send("u", "2024.1")
    await home.send("u/new", "2024.2")
    assert home.state() == "on"
    with pytest.raises(InvalidInput):
        await home.act("update.install")


async def test_a_version_that_is_skipped_stays_skipped_until_the_next(home: DiscoveredHome) -> None:
    await home.announce("update", name="U", state_topic="u", latest_version_topic="u/new")
    await home.send("u", "1")
    await home.send("u/new", "2")
    await home.act("update.skip")
    again = DiscoveredHome(home.home.stores)
    await again.announce("update", name="U", state_topic="u", latest_version_topic="u/new")
    await again.send("u", "1")
    await again.send("u/new", "2")
    assert (again.state(), again.attributes()["skipped_version"]) == ("off", "2")
    with pytest.raises(InvalidInput, match="Expected a newer version"):
        await again.act("update.skip")
    await again.send("u/new", "3")
    assert (again.state(), again.attributes()["skipped_version"]) == ("on", None)
    await again.send("u/new", "2")
    await again.act("update.clear_skipped")
    assert again.state() == "on"


@pytest.mark.parametrize(
    ("latest", "installed", "newer"),
    [
        ("1.10.0", "1.9.9", True),
        ("1.9", "1.10", False),
        ("v2.0", "2.0", False),
        ("2.0", "2.0.1", False),
        ("2024.3.0b1", "2024.3.0", False),
        ("2024.3.0", "2024.3.0b1", True),
        ("2024.3.0b2", "2024.3.0b1", True),
        ("2024.3.0rc1", "2024.3.0b9", True),
        ("1.2+build5", "1.2+build4", False),
        ("20240101", "20231231", True),
        ("stable", "nightly", True),
        ("7", "7", False),
    ],
)
def test_versions_are_compared_part_by_part(latest: str, installed: str, newer: bool) -> None:
    assert is_newer(latest, installed) is newer


MOMENTS: list[tuple[str, str, str]] = [
    ("date", "2025-12-01", "2025-12-01"),
    ("date", "2025-12-01T08:30:00", "2025-12-01"),
    ("date", "1 March 2025", "2025-03-01"),
    ("date", "soon", "unknown"),
    ("date", "None", "unknown"),
    ("time", "12:33:00", "12:33:00"),
    ("time", "12:33", "12:33:00"),
    ("time", "3:34 PM", "15:34:00"),
    ("time", "2025-12-01T08:30:00", "08:30:00"),
    ("datetime", "2025-12-01T08:30:00+01:00", "2025-12-01T07:30:00+00:00"),
    ("datetime", "2025-12-01T08:30:00", "unknown"),
]


@pytest.mark.parametrize(("component", "payload", "state"), MOMENTS)
async def test_a_setting_may_be_a_moment(home: DiscoveredHome, component: str, payload: str, state: str) -> None:
    await home.announce(component, name="M", state_topic="m", command_topic="m/set")
    await home.send("m", payload)
    assert home.state() == state


async def test_a_moment_may_be_told_without_the_zone_that_is_known(home: DiscoveredHome) -> None:
    await home.announce("datetime", name="M", state_topic="m", command_topic="m/set", timezone="Europe/Berlin")
    await home.send("m", "2025-07-01 08:30:00")
    await home.send("m", "2025-07-01T09:30:00+00:00")
    assert home.state() == "2025-07-01T06:30:00+00:00"


SETTINGS: list[tuple[str, str, str, str]] = [
    ("date", "2025-12-01", "2025-12-01", "01.12."),
    ("time", "22:15", "22:15:00", "22 h"),
    ("datetime", "2025-12-01T22:15:00", "2025-12-01T22:15:00+00:00", "01.12. 22 h"),
]


@pytest.mark.parametrize(("component", "value", "sent", "rendered"), SETTINGS)
async def test_a_moment_is_set(home: DiscoveredHome, component: str, value: str, sent: str, rendered: str) -> None:
    form = {"date": "%d.%m.", "time": "%H h", "datetime": "%d.%m. %H h"}[component]
    await home.announce(component, name="M", command_topic="m/set")
    assert payloads(await home.act(f"{component}.set_value", **{component: value})) == [("m/set", sent)]
    assert (home.state(), home.attributes()["assumed_state"]) == (sent, True)
    more: dict[str, Any] = {"command_template": f"{{{{ value.strftime('{form}') }}}}"}
    await home.announce(component, name="M", command_topic="m/set", **more)
    assert payloads(await home.act(f"{component}.set_value", **{component: value})) == [("m/set", rendered)]


@pytest.mark.parametrize(
    ("component", "action", "data", "config", "payload"),
    [
        ("scene", "turn_on", {}, {"payload_on": "7"}, "7"),
        ("notify", "send_message", {"message": "hello"}, {}, "hello"),
        (
            "notify",
            "send_message",
            {"message": "hello"},
            {"command_template": '{"say": "{{ value }}"}'},
            '{"say": "hello"}',
        ),
    ],
)
async def test_the_state_of_what_is_only_done_is_when(
    home: DiscoveredHome, component: str, action: str, data: dict[str, Any], config: dict[str, Any], payload: str
) -> None:
    await home.announce(component, name="X", command_topic="x", retain=True, **config)
    assert await home.act(f"{component}.{action}", **data) == [Sent("x", payload, retain=True)]
    assert home.state() == "2023-11-14T22:13:20.000000+00:00"
    again = DiscoveredHome(home.home.stores)
    await again.announce(component, name="X", command_topic="x", **config)
    assert again.state() == "2023-11-14T22:13:20.000000+00:00"
