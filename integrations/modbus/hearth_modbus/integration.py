"""Modbus as an integration: its manifest, and the form that adds a device."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from hearth_modbus.adapter import ModbusAdapter
from hearth_modbus.config import SCHEMA, Settings
from hearth_modbus.form import FORM
from hearth_modbus.profiles import load_device, parse_registers
from hub import Integration, InvalidInput, Manifest, Probed, hook

_OF_THE_DEVICE = ("unit_id", "name", "profile")


@hook
def register_integrations() -> Sequence[Integration]:
    """Offer Modbus."""
    text = files("hearth_modbus").joinpath("manifest.json").read_bytes()
    manifest = Manifest.parse(text, "hearth_modbus/manifest.json")
    return [Integration(manifest=manifest, make=ModbusAdapter, config_schema=SCHEMA, form=FORM, probe=probe)]


async def probe(data: Mapping[str, Any]) -> Probed:
    """Read every register of the device that the form describes.

    Raises InvalidInput for what is wrong in the form, ConnectionLost if the device cannot be reached or does not answer.
    """
    from hearth_modbus.trial import read_everything  # noqa: PLC0415 - pymodbus is loaded where it is needed only

    entry = entry_of(data)
    settings = Settings.parse(entry)
    devices = [await asyncio.to_thread(load_device, written) for written in settings.devices]
    refused = await read_everything(settings.link, devices)
    if refused:
        raise InvalidInput("; ".join(refused), path=("registers",))
    return Probed(
        title=f"{devices[0].name} ({settings.link.address})",
        unique_id=f"{settings.link.address}/{devices[0].unit_id}",
        data=entry,
    )


def entry_of(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry's data for what was entered: what concerns the device goes to the device."""
    entered = {key: value for key, value in form.items() if value is not None and value != ""}
    if "devices" in entered:
        return entered
    device = {key: entered.pop(key) for key in _OF_THE_DEVICE if key in entered}
    if "registers" in entered:
        device["registers"] = parse_registers(entered.pop("registers"))
    if not {"profile", "registers"} & set(device):
        raise InvalidInput("Expected a profile or some registers", path=("registers",))
    return {**entered, "devices": [device]}
