"""The adapter: keeps the hub informed about one device, and carries out what it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearth_blank_device.codec import command, entities, report
from hearth_blank_device.connection import Connection
from hub import AdapterHost, ConfigEntry, ConnectionLost, EntityCall


class BlankDeviceAdapter:
    """One device. The supervisor makes a new one after a lost connection."""

    def __init__(self, entry: ConfigEntry) -> None:
        self._address: tuple[str, int] = (entry.data["host"], entry.data["port"])
        self._connection: Connection | None = None

    async def run(self, host: AdapterHost) -> None:
        """Report what the device says, until cancelled. Raises ConnectionLost."""
        async with Connection.opened(*self._address) as connection:
            self._connection = connection
            for entity in entities(connection.serial):
                host.add(entity)
            host.available(True)
            host.connected(True)
            while True:
                said = report(connection.serial, *await connection.line())
                if said is not None:
                    host.report(said)

    async def execute(self, call: EntityCall) -> Mapping[str, Any] | None:
        """Tell the device what to do; what became of it, it says itself."""
        if self._connection is None:
            raise ConnectionLost(f"The device at {self._address[0]} is not connected yet")
        await self._connection.send(command(call))
        return None
