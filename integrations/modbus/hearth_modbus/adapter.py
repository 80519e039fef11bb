"""Modbus's adapter: one link, and the devices behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hearth_modbus.config import Settings
from hearth_modbus.profiles import load_device
from hub import AdapterHost, ConfigEntry, ConnectionLost, DeviceRefused, EntityCall

if TYPE_CHECKING:
    from hearth_modbus.link import Link
    from hearth_modbus.unit import Unit

_MOST_SHOWN = 3


class ModbusAdapter:
    """Runs one link. It counts as connected while one of its devices answers."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._settings = Settings.parse(entry.data)
        self._units: list[Unit] = []

    async def run(self, host: AdapterHost) -> None:
        from hearth_modbus.link import Link  # noqa: PLC0415 - pymodbus is loaded where it is configured only
        from hearth_modbus.unit import Unit  # noqa: PLC0415

        settings = self._settings.link
        devices = [await asyncio.to_thread(load_device, written) for written in self._settings.devices]
        if settings.is_exposed:
            host.audit("modbus_plaintext", settings.address, reason="Modbus knows neither encryption nor passwords")
        try:
            async with Link(settings) as link:
                self._units = [Unit(device, settings, link, host, lambda: self._judge(host)) for device in devices]
                for unit in self._units:
                    unit.announce()
                await self._work(link)
        finally:
            self._units = []

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        if not self._units:
            raise ConnectionLost(f"There is no connection to {self._settings.link.address}")
        for key in call.unique_ids:
            unit = next((unit for unit in self._units if key in unit.registers), None)
            if unit is None:
                raise DeviceRefused(f"There is no register {key} any more")
            await unit.act(unit.registers[key], call.action, call.data)
        return None

    async def _work(self, link: Link) -> None:
        lost: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_watch(link), name="modbus:watch")
                for unit in self._units:
                    group.create_task(unit.run(), name=f"modbus:unit:{unit.device.unit_id}")
        except* ConnectionLost as errors:
            lost = errors.exceptions[0]
        if lost is not None:
            raise lost

    def _judge(self, host: AdapterHost) -> None:
        """Tell the host how it is. Raises ConnectionLost when no device answers."""
        problems = [problem for unit in self._units for problem in unit.problems]
        if all(unit.silent for unit in self._units):
            raise ConnectionLost("; ".join(problems[:_MOST_SHOWN]))
        host.connected(True, "; ".join(problems[:_MOST_SHOWN]) or None)


async def _watch(link: Link) -> None:
    await asyncio.shield(link.lost)
    raise ConnectionLost(f"{link.address} ended the connection")
