"""Bare sockets that speak MQTT through our codec, and may speak it wrongly."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from hearth_mqtt.codec import Connack, Connect, Packet, PacketStream, Version, encode
from hearth_mqtt.testing.mosquitto import PATIENCE


class Socket:
    """A bare connection that sends what it is told and decodes what it gets."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: Version) -> None:
        self.reader = reader
        self.writer = writer
        self.version = version
        self._stream = PacketStream(max_size=1 << 28, version=version)

    def send(self, *packets: Packet | bytes) -> None:
        for packet in packets:
            self.writer.write(packet if isinstance(packet, bytes) else encode(packet, self.version))

    async def receive(self) -> Packet | None:
        """Return the next packet, or None if the connection has been closed."""
        async with asyncio.timeout(PATIENCE):
            while (packet := self._stream.next()) is None:
                data = await self.reader.read(65_536)
                if not data:
                    return None
                self._stream.feed(data)
        return packet

    async def ended(self) -> bool:
        """Wait until the other side closes, whatever it sends before."""
        with contextlib.suppress(ConnectionResetError):
            while await self.receive() is not None:
                pass
        return True

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


@contextlib.asynccontextmanager
async def connect(port: int, version: Version = Version.V311) -> AsyncIterator[Socket]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    peer = Socket(reader, writer, version)
    try:
        yield peer
    finally:
        await peer.close()


@contextlib.asynccontextmanager
async def client(
    port: int, client_id: str, connect_with: Connect | None = None, version: Version = Version.V311
) -> AsyncIterator[Socket]:
    """Connect as a client and wait until let in."""
    packet = connect_with or Connect(client_id=client_id, version=version, username="device", password=b"secret")
    async with connect(port, packet.version) as peer:
        peer.send(packet)
        answer = await peer.receive()
        assert isinstance(answer, Connack)
        assert answer.reason == 0, answer
        yield peer
