"""A connection to one device."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hearth_blank_device.codec import LONGEST_LINE, parse
from hub import ConnectionLost

_SECONDS = 10.0


class Connection:
    """Reads and writes lines. ``serial`` is the number that the device said first."""

    def __init__(self, serial: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serial = serial
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def opened(cls, host: str, port: int) -> AsyncIterator[Connection]:
        """Connect for the time of the block.

        Raises ConnectionLost if there is no such device.
        """
        try:
            async with asyncio.timeout(_SECONDS):
                reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_LINE)
        except OSError as error:  # TimeoutError is one
            raise ConnectionLost(f"Expected a device at {host}:{port}, got no answer: is it on?") from error
        try:
            yield cls(await _greeting(reader), reader, writer)
        finally:
            writer.close()

    async def line(self) -> tuple[str, str]:
        """Return the next line's name and value.

        Raises ConnectionLost.
        """
        return parse(await _line(self._reader))

    async def send(self, line: bytes) -> None:
        """Send a line.

        Raises ConnectionLost.
        """
        try:
            self._writer.write(line)
            async with asyncio.timeout(_SECONDS):
                await self._writer.drain()
        except OSError as error:
            raise ConnectionLost("The device has closed the connection") from error


async def _greeting(reader: asyncio.StreamReader) -> str:
    try:
        async with asyncio.timeout(_SECONDS):
            name, serial = parse(await _line(reader))
    except TimeoutError:
        raise ConnectionLost(f"Expected the device to say its id within {_SECONDS:g} s, got nothing") from None
    if name != "id" or not serial:
        raise ConnectionLost(f"Expected 'id' and a serial number, got {name[:40]!r}: is this another kind of device?")
    return serial


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        line = await reader.readline()
    except (OSError, ValueError) as error:  # ValueError: a line longer than the limit
        raise ConnectionLost(f"The connection broke: {error}") from error
    if not line.endswith(b"\n"):
        raise ConnectionLost("The device has closed the connection")
    return line
