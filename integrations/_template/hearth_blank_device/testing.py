"""A device to test against: a real TCP server on a free port."""

from __future__ import annotations

import asyncio
import contextlib


class Device:
    """Speaks the device's protocol, and hangs up when it is stopped."""

    def __init__(self) -> None:
        self.port = 0
        self.relay = "off"
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen; at the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up and listen no more."""
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()
            await self._server.wait_closed()

    def say(self, line: str) -> None:
        """Send a line to everybody."""
        for writer in self._writers:
            writer.write(f"{line}\n".encode())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        writer.write(f"id 4711\ntemperature 21.5\nrelay {self.relay}\n".encode())
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                self.relay = line.decode().split()[1]
                self.say(f"relay {self.relay}")
        self._writers.discard(writer)
        writer.close()
