"""A WebSocket client that only counts: it watches every entity and reads as fast as it can; no benchmark itself.

``python socket_client.py PORT TOKEN [coalesce]`` prints ``ready`` when the first states have come. When its input ends, it
prints how many events came and ends too.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

_EVENT = b'"type":"event"'


def main(port: int, token: str, coalesce: bool) -> None:
    connection = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    connection.sendall(
        f"GET /api/websocket HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    arriving = frames(connection)
    next(arriving)
    send(connection, {"type": "auth", "access_token": token})
    next(arriving)
    if coalesce:
        send(connection, {"id": 1, "type": "supported_features", "features": {"coalesce_messages": 1}})
        next(arriving)
    send(connection, {"id": 2, "type": "subscribe_entities"})
    next(arriving)
    counter = Counter()
    threading.Thread(target=counter.end_with_the_input, daemon=True).start()
    print("ready", flush=True)
    while data := connection.recv(1 << 20):
        counter.take(data)
    counter.end()  # the server has dropped us


class Counter:
    """Counts the events in what arrives, without looking at frames: the machine's time is the server's."""

    def __init__(self) -> None:
        self.events = 0
        self._rest = b""

    def take(self, data: bytes) -> None:
        data = self._rest + data
        self.events += data.count(_EVENT)
        self._rest = data[-len(_EVENT) + 1 :]

    def end_with_the_input(self) -> None:
        sys.stdin.buffer.read()
        self.end()

    def end(self) -> None:
        print(self.events, flush=True)
        os._exit(0)


def frames(connection: socket.socket) -> Iterator[bytes]:
    """Yield the payload of each frame (RFC 6455, section 5.2) after the answer to the upgrade."""
    buffer = b""
    while b"\r\n\r\n" not in buffer:
        buffer += connection.recv(1 << 16)
    buffer = buffer.partition(b"\r\n\r\n")[2]
    while True:
        while (end := frame_end(buffer)) and len(buffer) >= end[1]:
            yield buffer[end[0] : end[1]]
            buffer = buffer[end[1] :]
        data = connection.recv(1 << 20)
        if not data:
            return
        buffer += data


def frame_end(buffer: bytes) -> tuple[int, int] | None:
    """Return where the first frame's payload begins and ends, or None before that is known."""
    if len(buffer) < 10:
        return (2, 2 + buffer[1]) if len(buffer) >= 2 and buffer[1] < 126 else None
    size, start = buffer[1] & 0x7F, 2
    if size == 126:
        size, start = int.from_bytes(buffer[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(buffer[2:10], "big"), 10
    return start, start + size


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    payload, mask = json.dumps(message).encode(), os.urandom(4)
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    connection.sendall(b"\x81" + size + mask + masked)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], "coalesce" in sys.argv)
