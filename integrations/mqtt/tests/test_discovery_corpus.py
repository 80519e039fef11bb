"""The entities that Home Assistant 2026.2 makes of real discovery messages, against those that we make.

Whatever differs is listed here with its reason: a difference that is not listed fails, and so does one that is gone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hearth_mqtt.discovery.components.catalogue import COMPONENTS
from hearth_mqtt.testing import DiscoveredHome

Find = Callable[[str], Path]
Row = dict[str, Any]

FEEDS = {
    "z2m_test_fixtures.jsonl": "mqtt_z2m_fixtures_expected.json",
    "captured_misc.jsonl": "mqtt_captured_misc_expected.json",
    "rtl_433.jsonl": "mqtt_rtl_433_expected.json",
    "ha_mqtt_discoverable.jsonl": "mqtt_captured_misc_expected.json",
}
FEED_OF_THE_LAB = "ha_mqtt_discoverable.jsonl"
"""Its entities, with ``lab_`` in their ids, were still there when the others were recorded."""

ONLY_OURS = {
    # The last 15 messages of the feed, which the recording does not hold (nor an error for them): the older form of
    # actions, which zigbee2mqtt announces beside the events of the same unique id.
    "z2m_test_fixtures.jsonl": {
        "sensor.0x0017880104e45518_action",
        "sensor.0x0017880104e45519_action",
        "sensor.0x0017880104e45525_action",
        "sensor.0xb43a31fffe2f1f6a_action",
        "sensor.0xd85def11a1002caa_action",
        "sensor.button_action",
        "sensor.button_double_key_action",
        "sensor.hue_twilight_action",
        "sensor.ikea_onoff_action",
        "sensor.remote_action",
        "sensor.tradfri_remote_action",
        "sensor.unsupported2_action",
        "sensor.wall_switch_action",
        "sensor.wall_switch_double_action",
        "sensor.zigfred_plus_action",
    },
    # Device class power with kWh: Home Assistant refuses the sensors. We show them: a wrong word of the firmware's is no
    # reason to hide a meter.
    "captured_misc.jsonl": {"sensor.tasmota_energy_today", "sensor.tasmota_energy_yesterday"},
    "rtl_433.jsonl": set(),
    FEED_OF_THE_LAB: set(),
}
NOT_IN_THEIR_REGISTRY = {  # announced without unique id: Home Assistant has a state for them, but no registry entry
    "alarm_control_panel.alarmcontrolpaneltest",
    "binary_sensor.beer",
    "climate.climatetest",
    "device_tracker.hello_id",
    "fan.beer",
    "humidifier.hello_id",
    "light.hello_id3",
    "scene.hello_id",
    "sensor.temperature",
    "switch.altherma_heater",
}
IN_THEIR_OWN_UNIT = {  # reported in °F; Home Assistant converts to the home's unit system, we show the device's unit
    "sensor.ambientweather_wh31b_2_4_temperature",
    "sensor.tpms_schrader_eg53ma4_abc_temperature",
}
OF_THE_SERVER = {"access_token", "entity_picture"}  # where a camera's or image's picture is: another in every home
DEVICES_ONLY_OURS = {"522851"}  # that of the two meters above


class Outcome:
    """What a feed came to, here and there."""

    def __init__(self, feed: str, discovered: DiscoveredHome, expected: dict[str, list[Row]]) -> None:
        self.feed = feed
        self.registries = discovered.home.registries
        self.states = {state.entity_id: state for state in discovered.home.states}
        self.ours = {entity.entity_id: entity for entity in self.registries.entities}
        self.theirs = {row["entity_id"]: row for row in expected["entities"] if self._counts(row["entity_id"])}
        self.their_states = {row["entity_id"]: row for row in expected["states"] if self._counts(row["entity_id"])}
        self.their_devices = {row["id"]: row for row in expected["devices"]}

    def _counts(self, entity_id: str) -> bool:
        domain, _, name = entity_id.partition(".")
        return domain in COMPONENTS and ("lab_" in name) is (self.feed == FEED_OF_THE_LAB)


@pytest.fixture(scope="module", params=FEEDS)
def outcome(request: pytest.FixtureRequest, corpus: Find) -> Outcome:
    folder = corpus("mqtt_discovery")
    rows = [json.loads(line) for line in (folder / request.param).read_text(encoding="utf-8").splitlines()]
    expected = json.loads((folder / FEEDS[request.param]).read_text(encoding="utf-8"))
    return Outcome(request.param, asyncio.run(_fed_with(rows)), expected)


async def _fed_with(rows: list[Row]) -> DiscoveredHome:
    discovered = DiscoveredHome()
    await discovered.pass_time(0)
    for row in rows:
        discovered.bus.receive(row["topic"], json.dumps(row["payload"]) if row["payload"] else "", retain=row["retain"])
    await discovered.pass_time(1)
    discovered.discovery.stop()
    return discovered


def test_the_same_entities_come_into_being(outcome: Outcome) -> None:
    ours = set(outcome.ours) - ONLY_OURS[outcome.feed]
    assert ours - NOT_IN_THEIR_REGISTRY == set(outcome.theirs)
    assert ONLY_OURS[outcome.feed] <= set(outcome.ours)


def test_the_same_entities_have_states(outcome: Outcome) -> None:
    shown = set(outcome.states) - ONLY_OURS[outcome.feed]
    assert shown == set(outcome.their_states)


def test_entities_are_registered_alike(outcome: Outcome) -> None:
    for entity_id, theirs in outcome.theirs.items():
        ours = outcome.ours[entity_id]
        shown = {
            "unique_id": ours.unique_id,
            "name": ours.name,
            "original_name": ours.original_name,
            "has_entity_name": ours.has_entity_name,
            "entity_category": ours.entity_category,
            "disabled_by": ours.disabled_by,
            "device_class": ours.device_class,
            "capabilities": _plain(ours.capabilities) or None,
            "supported_features": ours.supported_features,
            "unit": ours.unit,
        }
        expected = {key: theirs[key] for key in shown}
        if entity_id in IN_THEIR_OWN_UNIT:
            assert (shown.pop("unit"), expected.pop("unit")) == ("°F", "°C")
        assert shown == expected, entity_id


def test_entities_belong_to_the_same_devices(outcome: Outcome) -> None:
    for entity_id, theirs in outcome.theirs.items():
        assert _our_device(outcome, outcome.ours[entity_id].device_id) == _their_device(outcome, theirs["device_id"])


def test_the_same_devices_come_into_being(outcome: Outcome) -> None:
    ours = {device.identifiers[0][1] for device in outcome.registries.devices}
    rows = [row for row in outcome.their_devices.values() if row["identifiers"][0][0] == "mqtt"]
    theirs = {
        row["identifiers"][0][1] for row in rows if (row["name"] == "Lab device") is (outcome.feed == FEED_OF_THE_LAB)
    }
    assert theirs <= ours
    assert ours - theirs <= DEVICES_ONLY_OURS


def test_states_are_the_same(outcome: Outcome) -> None:
    for entity_id, theirs in outcome.their_states.items():
        ours = outcome.states[entity_id]
        attributes, expected = _plain(ours.attributes), theirs["attributes"]
        if entity_id in IN_THEIR_OWN_UNIT:
            expected = {**expected, "unit_of_measurement": "°F"}
        if entity_id.startswith(("camera.", "image.")):
            assert set(attributes) & set(expected) >= OF_THE_SERVER
            attributes, expected = ({**each, **dict.fromkeys(OF_THE_SERVER)} for each in (attributes, expected))
        assert (ours.state, attributes) == (theirs["state"], expected), entity_id


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(dict(value)))


def _our_device(outcome: Outcome, device_id: str | None) -> Row | None:
    device = outcome.registries.devices.get(device_id)
    if device is None:
        return None
    via = outcome.registries.devices.get(device.via_device_id)
    return {
        "identifiers": [list(pair) for pair in device.identifiers],
        "connections": [list(pair) for pair in device.connections],
        "name": device.name,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "sw_version": device.sw_version,
        "hw_version": device.hw_version,
        "via": [list(pair) for pair in via.identifiers] if via else None,
    }


def _their_device(outcome: Outcome, device_id: str | None) -> Row | None:
    if device_id is None:
        return None
    row = outcome.their_devices[device_id]
    keys = ("identifiers", "connections", "name", "manufacturer", "model", "sw_version", "hw_version")
    via = outcome.their_devices[row["via_device_id"]]["identifiers"] if row["via_device_id"] else None
    return {**{key: row[key] for key in keys}, "via": via}
