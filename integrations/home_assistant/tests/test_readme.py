from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from hearth_home_assistant.config import OPTIONS, Settings
from hearth_home_assistant.testing import INSTALL, HomeAssistant
from integrations.home_assistant.tests.conftest import Bridged, ask, state_of

TEXT = (Path(__file__).parents[1] / "README.md").read_text()


class _Loader(yaml.SafeLoader):
    """Reads a secret as its name."""


_Loader.add_constructor("!secret", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]
CONFIGURATION, AUTOMATION = (
    yaml.load(block, _Loader)  # noqa: S506 - a SafeLoader
    for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
)
ENTRY: dict[str, Any] = CONFIGURATION["integrations"]["home_assistant"]


def test_its_configuration_is_accepted() -> None:
    assert Settings.parse(ENTRY).events == ("zha_event",)


def test_its_table_names_every_option() -> None:
    named = set(re.findall(r"^\| `(\w+)`", TEXT, re.MULTILINE))
    assert named == ({str(key) for key in OPTIONS} - {"uuid"}) | {"isolated"}


def test_its_command_is_the_one_that_tests_name() -> None:
    assert INSTALL.rpartition(" ")[0] in TEXT


async def test_its_example_works(demo: HomeAssistant, bridged: Bridged) -> None:
    options = {key: value for key, value in ENTRY.items() if key not in ("url", "token")}
    async with bridged(demo, **options) as running:
        demo.ask("services/light/turn_off", {"entity_id": "light.bed_light"})
        await running.until(lambda: state_of(running, "light.bed_light") == "off")
        status, answer = await ask(running, "POST", "config/automation/config/button", AUTOMATION)
        assert status == 200, answer
        demo.ask("events/zha_event", {"command": "toggle"})
        await running.until(lambda: state_of(running, "light.bed_light") == "on")
