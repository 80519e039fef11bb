"""Register maps in files: those that come along, and those that users write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import voluptuous as vol
import yaml

from hearth_modbus.config import MAP_OPTIONS, DeviceSettings, checked_with
from hearth_modbus.registers import Register
from hub import InvalidInput

_SHIPPED = files("hearth_modbus").joinpath("profiles")
_MOST = 1_000_000  # bytes: no register map is that long
_SCHEMA = vol.Schema(MAP_OPTIONS)
_KNOWN = frozenset(field.name for field in fields(DeviceSettings))


def shipped() -> list[str]:
    """Return the names of the profiles that come along."""
    return sorted(each.name.removesuffix(".yaml") for each in _SHIPPED.iterdir() if each.name.endswith(".yaml"))


def load_device(written: Mapping[str, Any]) -> DeviceSettings:
    """Return a device's settings with what its profile says; its own come first. Reads files.

    Raises InvalidInput.
    """
    profile = _load(written["profile"]) if "profile" in written else {}
    both = {**profile, **{key: value for key, value in written.items() if key != "registers"}}
    registers = _unique([*profile.get("registers", ()), *written["registers"]])
    if not registers:
        raise InvalidInput("Expected registers or a profile", path=("devices", "registers"))
    both["name"] = both.get("name") or f"Modbus unit {both['unit_id']}"
    chosen = {key: value for key, value in both.items() if key in _KNOWN}
    return DeviceSettings(**{**chosen, "registers": registers})


def _load(name: str) -> dict[str, Any]:
    return checked_with(_SCHEMA, _parsed(_text(name), name), f"the profile {name}")


def _text(name: str) -> str:
    if not Path(name).is_absolute():
        if name not in shipped():
            known = ", ".join(shipped())
            raise InvalidInput(f"Expected the path of a file or one of {known}, got {name}", path=("profile",))
        return _SHIPPED.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    try:
        with Path(name).open(encoding="utf-8") as file:
            return file.read(_MOST)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"Could not read the profile {name}: {error}", path=("profile",)) from None


def parse_registers(text: str) -> list[Any]:
    """Return the registers that a user wrote as YAML into a form.

    Raises InvalidInput.
    """
    found = _parsed(text, "the registers", path="registers")
    listed = found.get("registers") if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise InvalidInput("Expected a list of registers, each beginning with a dash", path=("registers",))
    return listed


def _parsed(text: str, where: str, path: str = "profile") -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(f"Expected YAML in {where}: {error}", path=(path,)) from None


def _unique(found: Iterable[Mapping[str, Any]]) -> tuple[Register, ...]:
    """Return registers, of two for the same place the latter."""
    registers = [Register.parse(each) for each in found]
    return tuple({register.key: register for register in registers}.values())
