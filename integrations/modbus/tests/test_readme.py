"""The page is true: its settings are accepted, its tables name every option."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hearth_modbus.config import DEVICE_OPTIONS, OPTIONS, Settings
from hearth_modbus.profiles import load_device, shipped
from hearth_modbus.registers import REGISTER

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
DOCUMENTS: list[dict[str, Any]] = [yaml.safe_load(each) for each in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_its_configurations_are_accepted(document: dict[str, Any]) -> None:
    for written in Settings.parse(document["integrations"]["modbus"]).devices:
        if not str(written.get("profile", "")).startswith("/"):
            assert load_device(written).registers


def test_its_tables_name_every_option() -> None:
    before_devices, rest = TEXT.split("### Devices")
    devices, registers = rest.split("### Registers")
    for table, options in (
        (before_devices, OPTIONS),
        (devices, DEVICE_OPTIONS),
        (registers.split("What an entity becomes")[0], REGISTER.schema.validators[0]),
    ):
        assert {str(key) for key in options} <= set(re.findall(r"`(\w+)`", table))


def test_it_names_every_profile() -> None:
    assert set(shipped()) <= set(re.findall(r"`(\w+)`", TEXT))
