from __future__ import annotations

import asyncio
import json
import signal
from typing import Any

import pytest

from hearth_demo.home.announce import announcements
from hearth_demo.home.house import House
from integrations.demo.tests.conftest import Messages, Program

HOME = "hearth_demo.home"


def announced(messages: Messages) -> dict[str, Any]:
    configs = {topic: text for topic, text in messages.last.items() if topic.startswith("homeassistant/")}
    return {topic: json.loads(text) for topic, text in configs.items() if topic.endswith("/config")}


def state(messages: Messages, topic: str) -> Any:
    return json.loads(messages.last.get(f"hearth-demo/{topic}", "{}"))


async def all_online(messages: Messages) -> None:
    devices = {device.identity.key for device in House().devices}
    await messages.until(
        lambda: all(messages.last.get(f"hearth-demo/{device}/status") == "online" for device in devices)
    )


async def test_every_device_announces_itself_over_a_connection_of_its_own(
    broker: int, messages: Messages, program: Program
) -> None:
    async with program(HOME, "--port", str(broker), "--seed", "1"):
        await all_online(messages)
        expected = {topic for device in House(seed=1).devices for topic in announcements(device, "en")}
        assert set(announced(messages)) == expected


async def test_lights_do_what_they_are_told_and_report_it(broker: int, messages: Messages, program: Program) -> None:
    async with program(HOME, "--port", str(broker), "--seed", "1"):
        await all_online(messages)
        publish = messages.client.publish
        await publish("hearth-demo/bedroom_light/light/set", '{"state": "ON", "brightness": 99, "color_temp": 4000}')
        lit = {"state": "ON", "color_mode": "color_temp", "brightness": 99, "color_temp": 4000}
        await messages.until(lambda: state(messages, "bedroom_light/light") == lit)
        await publish("hearth-demo/kitchen_light/light/brightness/set", "40")
        await messages.until(lambda: messages.last["hearth-demo/kitchen_light/light/brightness"] == "40")
        assert messages.last["hearth-demo/kitchen_light/light"] == "ON"
        await publish("hearth-demo/kitchen_light/light/set", "OFF")
        await messages.until(lambda: messages.last["hearth-demo/kitchen_light/light"] == "OFF")


async def test_garbage_does_not_disturb_a_device(broker: int, messages: Messages, program: Program) -> None:
    async with program(HOME, "--port", str(broker), "--seed", "1"):
        await all_online(messages)
        publish = messages.client.publish
        for garbage in (b"", b"\xff\xfe", b"{", b"[]", b"null", b'{"brightness": "x"}', b'{"color": 5}'):
            await publish("hearth-demo/tv_backlight/light/set", garbage)
        await publish("hearth-demo/tv_backlight/light/set", '{"state": "ON", "color": {"r": 1, "g": 2, "b": 3}}')
        await messages.until(lambda: state(messages, "tv_backlight/light").get("color") == {"r": 1, "g": 2, "b": 3})


async def test_a_device_drops_without_goodbye_and_returns(broker: int, messages: Messages, program: Program) -> None:
    async with program(HOME, "--port", str(broker), "--seed", "1", "--clock-scale", "120"):
        await all_online(messages)
        await messages.until(lambda: ("hearth-demo/freezer/status", "offline") in messages.heard)
        dropped = len(messages.heard)
        await messages.until(lambda: ("hearth-demo/freezer/status", "online") in messages.heard[dropped:])
        others = {topic for topic, payload in messages.heard if topic.endswith("/status") and payload == "offline"}
        assert others == {"hearth-demo/freezer/status"}


async def test_devices_announce_themselves_again_when_the_hub_comes_back(
    broker: int, messages: Messages, program: Program
) -> None:
    async with program(HOME, "--port", str(broker), "--seed", "1"):
        await all_online(messages)
        messages.heard.clear()
        await messages.client.publish("homeassistant/status", "online")
        await messages.until(
            lambda: (
                {"homeassistant/text/wall_panel/panel/config", "hearth-demo/desk/height"}
                <= {topic for topic, _ in messages.heard}
            )
        )


@pytest.mark.parametrize("end", ["stdin", "signal"])
async def test_the_devices_say_goodbye_and_end_with_their_parent(
    broker: int, messages: Messages, program: Program, end: str
) -> None:
    async with program(HOME, "--port", str(broker), "--language", "zh-Hans") as process:
        await all_online(messages)
        assert process.stdin is not None
        if end == "stdin":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
        statuses = {topic: text for topic, text in messages.last.items() if topic.endswith("/status")}
        await messages.until(lambda: all(messages.last[topic] == "offline" for topic in statuses))


async def test_devices_come_back_when_the_broker_does(broker: int, messages: Messages, program: Program) -> None:
    """A broker that takes over a client id hangs up on the first; the device connects again."""
    async with program(HOME, "--port", str(broker), "--seed", "1"):
        await all_online(messages)
        messages.heard.clear()
        taken = await asyncio.create_subprocess_exec(
            "mosquitto_pub", "-p", str(broker), "-i", "hearth-demo-desk", "-t", "x", "-m", "y"
        )
        assert await taken.wait() == 0
        await messages.until(lambda: ("hearth-demo/desk/status", "online") in messages.heard)
