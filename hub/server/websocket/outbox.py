"""Messages on their way to one client: what one turn of the event loop brings goes out in one write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

MAX_PENDING = 4096
"""Messages that may wait for a client that does not read; one more and the connection is closed."""
_MOST_BUFFERED = 1 << 20
_RETRY = 0.02


class Departures:
    """Writes, once in each turn of the event loop, what the outboxes of all clients hold by then."""

    def __init__(self) -> None:
        self._due: list[Outbox] = []

    def add(self, outbox: Outbox) -> None:
        """Let an outbox write in this turn."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._write)
        self._due.append(outbox)

    def add_later(self, outbox: Outbox) -> None:
        """Let an outbox try again when its client has had time to read."""
        asyncio.get_running_loop().call_later(_RETRY, self.add, outbox)

    def _write(self) -> None:
        due, self._due = self._due, []
        for outbox in due:
            outbox.write()


class Outbox:
    """Frames messages and writes them to the connection's transport.

    aiohttp's own ``send_frame`` would cost a task switch for each turn and a write for each message: three times as much as
    everything else about a state that changes. What is written here are whole text frames without compression, so that
    the pings that aiohttp sends may come in between.
    """

    __slots__ = ("_closed", "_departures", "_overflow", "_pending", "_transport", "coalesce")

    def __init__(self, transport: asyncio.Transport, departures: Departures, overflow: Callable[[], None]) -> None:
        self.coalesce = False  # whether several messages may share a frame, as a JSON list
        self._transport = transport
        self._departures = departures
        self._overflow = overflow
        self._pending: list[bytes] = []
        self._closed = False

    def put(self, message: bytes) -> None:
        """Send an encoded message soon; ``overflow`` is called instead if too many wait."""
        if self._closed:
            return
        pending = self._pending
        if not pending:
            self._departures.add(self)
        elif len(pending) >= MAX_PENDING:
            self._overflow()
            return
        pending.append(message)

    def close(self) -> None:
        """Drop what waits, and take nothing more."""
        self._closed = True
        self._pending.clear()

    def write(self) -> None:
        """Write what waits, unless the client does not read what was written before: then a little later."""
        messages, transport = self._pending, self._transport
        if not messages or transport.is_closing():
            return
        if transport.get_write_buffer_size() > _MOST_BUFFERED:
            self._departures.add_later(self)
            return
        self._pending = []
        if len(messages) == 1:
            transport.write(frame(messages[0]))
        elif self.coalesce:
            transport.write(frame(b"[" + b",".join(messages) + b"]"))
        else:
            transport.write(b"".join(map(frame, messages)))


def frame(text: bytes) -> bytes:
    """Return UTF-8 text as an unmasked WebSocket text frame (RFC 6455, section 5.2)."""
    size = len(text)
    if size < 126:
        return b"\x81%c" % size + text
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + text
    return b"\x81\x7f" + size.to_bytes(8, "big") + text
