"""What may be written into the settings, the form and profiles, and what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hearth_modbus.config import DEVICE, Settings, Transport
from hearth_modbus.integration import entry_of
from hearth_modbus.planner import plan
from hearth_modbus.profiles import load_device, shipped
from hearth_modbus.registers import REGISTER, Register
from hub import InvalidInput
from integrations.modbus.tests.conftest import MAP

DEVICES: list[dict[str, Any]] = [{"registers": MAP}]


def test_the_link_is_what_was_written() -> None:
    link = Settings.parse({"host": "meter.lan", "devices": DEVICES}).link
    assert (link.transport, link.address, link.is_exposed) == (Transport.TCP, "meter.lan:502", True)
    link = Settings.parse({"transport": "tls", "host": "meter.lan", "port": "", "devices": DEVICES}).link
    assert (link.address, link.is_exposed) == ("meter.lan:802", False)
    serial = {"transport": "rtu", "serial_port": "/dev/ttyUSB0", "parity": "E", "devices": DEVICES}
    assert Settings.parse(serial).link.address == "/dev/ttyUSB0"


def test_settings_are_the_same_after_json() -> None:
    data = {"host": "meter.lan", "devices": DEVICES}
    kept = json.loads(json.dumps(data))
    assert Settings.parse(kept) == Settings.parse(data)


def test_what_was_checked_can_be_checked_again() -> None:
    for register in MAP:
        once = REGISTER(register)
        assert REGISTER(once) == once


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"devices": DEVICES}, "expected a host for the transport tcp", "host"),
    ({"transport": "rtu", "host": "a", "devices": DEVICES}, "expected a serial_port", "serial_port"),
    ({"host": "a", "certificate": "b", "devices": DEVICES}, "a certificate and its key", "key"),
    ({"host": "a", "devices": [*DEVICES, *DEVICES]}, "each unit_id once", "devices"),
    ({"host": "a", "devices": []}, "length of value must be at least 1", "devices"),
    ({"host": "a", "prot": 1, "devices": DEVICES}, "extra keys not allowed", "prot"),
]


@pytest.mark.parametrize(("data", "message", "path"), WRONG)
def test_wrong_settings_are_refused_in_words(data: dict[str, Any], message: str, path: str) -> None:
    with pytest.raises(InvalidInput, match=message) as refused:
        Settings.parse(data)
    assert refused.value.path[0] == path


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"kind": "input", "writable": True}, "a coil or a holding register"),
    ({"kind": "discrete", "press": 1}, "a coil or a holding register"),
    ({"kind": "coil", "bit": 1}, "a bit of a holding or input register"),
    ({"type": "bool"}, "the number of the bit"),
    ({"type": "string"}, "the length of a text"),
    ({"type": "int16", "length": 2}, "a length for texts"),
    ({"type": "float32", "options": {0: "a"}}, "options of whole numbers"),
    ({"type": "float32", "on_value": 1}, "on_value with whole numbers"),
    ({"off_value": 1}, "an on_value with the off_value"),
    ({"on_value": 1, "writable": True}, "an off_value of what is written"),
    ({"writable": True}, "a min below a max"),
    ({"writable": True, "min": 5, "max": 5}, "a min below a max"),
    ({"scale": 0}, "a scale that is not 0"),
    ({"options": {0: "a", 1: "a"}}, "options with different names"),
    ({"address": 65_535, "type": "float32"}, "addresses below 65536"),
    ({"options": {"x": "a"}}, "a whole number"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_registers_that_contradict_themselves_are_refused(options: dict[str, Any], message: str) -> None:
    device = {"registers": [{"name": "It", "address": 0, **options}]}
    with pytest.raises(InvalidInput, match=message):
        Settings.parse({"host": "a", "devices": [device]})


DOMAINS: list[tuple[dict[str, Any], str]] = [
    ({}, "sensor"),
    ({"writable": True, "min": 0, "max": 1}, "number"),
    ({"kind": "coil"}, "binary_sensor"),
    ({"kind": "coil", "writable": True}, "switch"),
    ({"bit": 3}, "binary_sensor"),
    ({"on_value": 2}, "binary_sensor"),
    ({"on_value": 2, "off_value": 1, "writable": True}, "switch"),
    ({"options": {0: "a"}}, "sensor"),
    ({"options": {0: "a"}, "writable": True}, "select"),
    ({"type": "string", "length": 2}, "sensor"),
    ({"type": "string", "length": 2, "writable": True}, "text"),
    ({"press": 1}, "button"),
]


@pytest.mark.parametrize(("options", "domain"), DOMAINS)
def test_a_register_knows_its_domain(options: dict[str, Any], domain: str) -> None:
    assert Register.parse(REGISTER({"name": "It", "address": 0, **options})).domain == domain


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_profile_can_be_read_in_few_requests(name: str) -> None:
    device = load_device(DEVICE({"profile": name}))
    assert device.manufacturer
    assert len(plan(device.registers)) < len(device.registers)


def test_a_profile_of_the_users_is_read_and_his_own_words_come_first(tmp_path: Path) -> None:
    profile = tmp_path / "pump.yaml"
    profile.write_text("model: P1\npoll: 30\nregisters:\n  - {name: One, address: 1}\n  - {name: Two, address: 2}\n")
    own = {"profile": str(profile), "poll": 5, "registers": [{"name": "Second", "address": 2}]}
    device = load_device(DEVICE(own))
    assert (device.model, device.poll, device.name) == ("P1", 5, "Modbus unit 1")
    assert [each.name for each in device.registers] == ["One", "Second"]


BROKEN = [
    ("registers: [", "Expected YAML"),
    ("registers:\n  - {name: One}", "required key not provided"),
    ("unit_id: 4", "extra keys not allowed"),
    ("", "expected a dictionary"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_a_broken_profile_is_refused_in_words(tmp_path: Path, text: str, message: str) -> None:
    profile = tmp_path / "pump.yaml"
    profile.write_text(text)
    with pytest.raises(InvalidInput, match=message):
        load_device(DEVICE({"profile": str(profile)}))


def test_a_profile_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Could not read the profile"):
        load_device(DEVICE({"profile": str(tmp_path / "none.yaml")}))
    with pytest.raises(InvalidInput, match="eastron_sdm230"):
        load_device(DEVICE({"profile": "no_such_meter"}))
    with pytest.raises(InvalidInput, match="Expected registers or a profile"):
        load_device(DEVICE({}))


def test_what_is_entered_becomes_an_entry_with_one_device() -> None:
    form = {
        "transport": "tcp",
        "host": "a",
        "port": None,
        "unit_id": 3,
        "name": "",
        "registers": "- {name: A, address: 1}",
    }
    expected = {
        "transport": "tcp",
        "host": "a",
        "devices": [{"unit_id": 3, "registers": [{"name": "A", "address": 1}]}],
    }
    assert entry_of(form) == expected
    with pytest.raises(InvalidInput, match="each beginning with a dash"):
        entry_of({**form, "registers": "name: A"})
