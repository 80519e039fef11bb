"""Buttons without a state: device triggers, and tag scanners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from hearth_mqtt.adapter import MqttAdapter
from hearth_mqtt.discovery import DeviceTrigger, DeviceTriggers, Discovery
from hearth_mqtt.testing import DiscoveredHome, MemoryBus
from hearth_mqtt.triggers import Triggers
from hub import ConfigEntry, InvalidInput
from hub.testing import MemoryHome, SimulatedClock

BUTTON: dict[str, Any] = {
    "automation_type": "trigger",
    "topic": "zigbee2mqtt/remote/action",
    "type": "action",
    "subtype": "double",
    "payload": "double",
    "device": {"identifiers": ["remote"], "name": "Remote", "connections": [["mac", "AA-BB-CC-DD-EE-FF"]]},
}
SPEC: dict[str, Any] = {
    "device_id": "d",
    "domain": "mqtt",
    "type": "action",
    "subtype": "double",
    "identifiers": ["remote"],
    "connections": [],
}


class Buttons:
    """A home with device triggers that an automation waits for."""

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.bus = MemoryBus()
        self.home = MemoryHome("mqtt", clock=self.clock)
        self.triggers = Triggers()
        self.triggers.attach(self.bus, self.home.host.render)
        self.wanted = DeviceTriggers(self.triggers)
        self.discovery = Discovery(self.bus, self.home.host, triggers=self.wanted)
        self.discovery.start()
        self.seen: list[Mapping[str, Any]] = []

    def wait(self, **spec: Any) -> Any:
        return self.wanted.add(DeviceTrigger.parse({**SPEC, **spec}), self.seen.append)

    async def announce(self, at: str = "remote/double", **config: Any) -> None:
        self.bus.receive(f"homeassistant/device_automation/{at}/config", orjson.dumps(config) if config else b"")
        await self.clock.advance(0)

    async def press(self, payload: str = "double") -> list[Mapping[str, Any]]:
        self.bus.receive("zigbee2mqtt/remote/action", payload)
        await self.clock.advance(0)
        return self.seen


@pytest.fixture
async def buttons() -> Buttons:
    return Buttons()


@pytest.mark.parametrize("automation_first", [True, False])
async def test_a_button_triggers_whichever_comes_first(buttons: Buttons, automation_first: bool) -> None:
    if automation_first:
        buttons.wait()
    await buttons.announce(**BUTTON)
    if not automation_first:
        buttons.wait()
    await buttons.press("single")
    assert await buttons.press() == [
        {
            "platform": "mqtt",
            "topic": "zigbee2mqtt/remote/action",
            "payload": "double",
            "qos": 0,
            "description": "mqtt topic zigbee2mqtt/remote/action",
        }
    ]


@pytest.mark.parametrize("other", [{"subtype": "triple"}, {"type": "press"}, {"identifiers": ["lamp"]}])
async def test_another_button_triggers_nothing(buttons: Buttons, other: dict[str, Any]) -> None:
    buttons.wait(**other)
    await buttons.announce(**BUTTON)
    assert await buttons.press() == []


async def test_a_device_may_be_known_by_its_address_alone(buttons: Buttons) -> None:
    buttons.wait(identifiers=[], connections=[["mac", "aa:bb:cc:dd:ee:ff"]])
    await buttons.announce(**BUTTON)
    assert len(await buttons.press()) == 1


async def test_a_template_reads_what_was_pressed(buttons: Buttons) -> None:
    buttons.wait()
    await buttons.announce(**{**BUTTON, "value_template": "{{ value_json.button }}"})
    assert len(await buttons.press('{"button": "double"}')) == 1


async def test_without_a_payload_any_message_triggers(buttons: Buttons) -> None:
    buttons.wait()
    await buttons.announce(**{**BUTTON, "payload": ""})
    assert len(await buttons.press("whatever")) == 1


async def test_a_button_that_is_taken_back_triggers_no_more_and_may_come_again(buttons: Buttons) -> None:
    buttons.wait()
    await buttons.announce(**BUTTON)
    await buttons.announce()
    assert await buttons.press() == []
    await buttons.announce(**BUTTON)
    assert len(await buttons.press()) == 1


async def test_a_button_that_is_announced_anew_counts_once(buttons: Buttons) -> None:
    buttons.wait()
    await buttons.announce(**BUTTON)
    await buttons.announce(**BUTTON, qos=1)
    assert len(await buttons.press()) == 1


async def test_the_same_button_on_another_topic_is_ignored(buttons: Buttons, caplog: pytest.LogCaptureFixture) -> None:
    buttons.wait()
    await buttons.announce(**BUTTON)
    await buttons.announce("copy", **BUTTON)
    assert len(await buttons.press()) == 1
    assert "Remote has announced the same before" in caplog.text


async def test_an_automation_that_is_gone_hears_nothing(buttons: Buttons) -> None:
    unlisten = buttons.wait()
    await buttons.announce(**BUTTON)
    unlisten()
    assert await buttons.press() == []


async def test_a_device_of_buttons_alone_is_a_device(buttons: Buttons) -> None:
    await buttons.announce(**BUTTON)
    (device,) = buttons.home.registries.devices
    assert (device.name, device.identifiers) == ("Remote", (("mqtt", "remote"),))


@pytest.mark.parametrize("missing", ["device", "topic", "type", "subtype", "automation_type"])
async def test_a_button_says_what_it_is(buttons: Buttons, missing: str, caplog: pytest.LogCaptureFixture) -> None:
    await buttons.announce(**{key: value for key, value in BUTTON.items() if key != missing})
    assert "Cannot make a device_automation" in caplog.text


def test_the_adapter_takes_both_kinds_of_trigger() -> None:
    adapter = MqttAdapter(ConfigEntry(entry_id="1", integration="mqtt", title="MQTT"))
    adapter.listen(SPEC, lambda _: None)()
    with pytest.raises(InvalidInput, match="for an mqtt device trigger"):
        adapter.listen({"device_id": "d", "domain": "mqtt", "identifiers": [], "connections": []}, lambda _: None)


SCANNER: dict[str, Any] = {"topic": "scanner", "device": {"identifiers": ["scanner"], "name": "Scanner"}}


async def test_a_scanned_tag_is_an_event() -> None:
    home = DiscoveredHome()
    scanned: list[Mapping[str, Any]] = []
    home.home.bus.listen("tag_scanned", lambda event: scanned.append(event.data))
    await home.announce("tag", unique_id=None, **SCANNER, value_template="{{ value_json.uid }}")
    await home.send("scanner", {"uid": "04-A2"})
    await home.send("scanner", {"uid": ""})
    (device,) = home.home.registries.devices
    assert device.name == "Scanner"
    assert scanned == [{"tag_id": "04-A2", "name": None, "device_id": device.id}]
    await home.announce("tag", unique_id=None)
    await home.send("scanner", {"uid": "04-A2"})
    assert len(scanned) == 1


async def test_parts_without_states_come_in_a_message_about_the_whole_device() -> None:
    home = DiscoveredHome()
    scanned: list[Mapping[str, Any]] = []
    home.home.bus.listen("tag_scanned", lambda event: scanned.append(event.data))
    components = {
        "scan": {"platform": "tag", "topic": "scanner"},
        "press": {"p": "device_automation", "atype": "trigger", "t": "b", "type": "x", "stype": "y"},
        "light": {"p": "switch", "uniq_id": "light", "cmd_t": "l"},
    }
    message = {"dev": SCANNER["device"], "o": {"name": "test"}, "cmps": components}
    await home.send("homeassistant/device/thing/config", message)
    await home.send("scanner", "tag 1")
    assert [row["tag_id"] for row in scanned] == ["tag 1"]
    assert home.state("light") == "unknown"
    await home.send("homeassistant/device/thing/config", "")
    await home.send("scanner", "tag 2")
    assert (len(scanned), home.state("light")) == (1, None)
