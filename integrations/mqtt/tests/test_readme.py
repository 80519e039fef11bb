from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearth_mqtt.adapter import MqttAdapter
from hearth_mqtt.config import OPTIONS, Settings
from hearth_mqtt.discovery import DeviceTrigger
from hearth_mqtt.publishing import PUBLISH
from hearth_mqtt.testing import require, start
from hearth_mqtt.triggers import MqttTrigger
from hub import ConfigEntry
from hub.testing import RecordingHost

TEXT = (Path(__file__).parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


CONFIGURATIONS: list[dict[str, Any]] = [yaml.safe_load(block) for block in blocks("yaml")]


@pytest.mark.parametrize("data", [each["integrations"]["mqtt"] for each in CONFIGURATIONS if "integrations" in each])
def test_its_configurations_are_accepted(data: dict[str, Any]) -> None:
    Settings.parse(data)


def test_its_automations_are_accepted() -> None:
    of_a_device, automation = [each for each in CONFIGURATIONS if "triggers" in each]
    DeviceTrigger.parse({**of_a_device["triggers"][0], "identifiers": [], "connections": []})
    MqttTrigger.parse(automation["triggers"][0])
    PUBLISH.validate(automation["actions"][0]["data"])


def test_its_table_names_every_option() -> None:
    options = {str(key) for key in OPTIONS}
    named = set(re.findall(r"`(\w+)`", TEXT[TEXT.index("| option") : TEXT.index("## An example")]))
    assert options <= named


async def test_its_commands_work(host: RecordingHost) -> None:
    data = CONFIGURATIONS[0]["integrations"]["mqtt"]
    task = asyncio.create_task(
        MqttAdapter(ConfigEntry(entry_id="1", integration="mqtt", title="", data=data)).run(host)
    )
    await host.until(lambda: "mqtt" in host.served)
    server = await asyncio.get_running_loop().create_server(host.served["mqtt"], "127.0.0.1", 0)
    port = str(server.sockets[0].getsockname()[1])
    output = []
    for line in "".join(blocks("sh")).replace("\\\n", "").splitlines():
        program, *arguments = shlex.split(line.replace("localhost -p 8123", f"127.0.0.1 -p {port}"))
        done = await (await start(require(program), *arguments)).finish()
        assert done.code == 0, done.err
        output.append(done.out)
    assert [each for each in output if each] == ["online\n"]
    assert host.states["porch"].state == "21.5"
    assert host.entities["porch"].name == "Porch"
    assert [device.name for device in host.devices] == ["Remote"]
    server.close()
    task.cancel()
    await asyncio.wait([task])
