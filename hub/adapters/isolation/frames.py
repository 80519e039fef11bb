"""Frames between the hub and a child: two lengths, a JSON list ``[kind, number, values]``, and bytes as they are.

Two stream sockets carry them. On ``orders`` the hub speaks alone. On ``words`` the child speaks, and the hub writes only the
answers that the child waits for without doing anything else. So the child may block while it writes: a hub that reads slowly
slows it down, nothing piles up, and what it says stays in order.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from hub.errors import InvalidInput, ProcessFailed

PROTOCOL = 1
"""The version of what both ends say; an interpreter of its own may hold another version of the hub."""
MAX_FRAME = 32 * 1024 * 1024
_LENGTHS = struct.Struct(">II")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message. ``number`` is that of the request, listener or session it belongs to; ``content`` a picture's bytes."""

    kind: str
    number: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    content: bytes = b""


def encode(kind: str, values: object = None, *, number: int = 0, content: bytes = b"") -> bytes:
    """Return a frame as bytes; ``values`` is a mapping or a record of the interfaces.

    Raises InvalidInput if something in it is no plain value, or it is too long.
    """
    try:
        text = orjson.dumps([kind, number, values or {}], default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError as error:
        raise InvalidInput(
            f"Expected plain values (text, numbers, lists, mappings), got {error.__cause__ or error}"
        ) from None
    if len(text) + len(content) > MAX_FRAME:
        raise InvalidInput(f"Expected at most {MAX_FRAME} bytes to pass to or from an isolated integration, got more")
    return _LENGTHS.pack(len(text), len(content)) + text + content


class Cutter:
    """Cuts what was received into frames."""

    def __init__(self) -> None:
        self._received = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that ``data`` completes.

        Raises ProcessFailed for anything that is no frame.
        """
        self._received += data
        while len(self._received) >= _LENGTHS.size:
            text, end = _ends(self._received)
            if len(self._received) < end:
                return
            payload = bytes(self._received[_LENGTHS.size : end])
            del self._received[:end]
            yield _decode(payload, text - _LENGTHS.size)


def receive(connection: socket.socket) -> Frame | None:
    """Return the next frame, or None at the end of the connection; blocks.

    Raises ProcessFailed for anything that is no frame.
    """
    head = _exactly(connection, _LENGTHS.size)
    if head is None:
        return None
    text, end = _ends(head)
    payload = _exactly(connection, end - _LENGTHS.size)
    return None if payload is None else _decode(payload, text - _LENGTHS.size)


def _ends(head: bytes | bytearray) -> tuple[int, int]:
    """Return where the JSON and where the whole frame ends."""
    text, content = _LENGTHS.unpack_from(head)
    if text + content > MAX_FRAME:
        raise ProcessFailed(f"It said something that is no message: {bytes(head[:16])!r}")
    return _LENGTHS.size + text, _LENGTHS.size + text + content


def _decode(payload: bytes, text: int) -> Frame:
    try:
        kind, number, values = orjson.loads(payload[:text])
        if isinstance(kind, str) and isinstance(number, int) and isinstance(values, dict):
            return Frame(kind=kind, number=number, values=values, content=payload[text:])
    except (ValueError, TypeError):
        pass
    raise ProcessFailed(f"It said something that is no message: {payload[:80]!r}")


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        part = connection.recv(min(size - len(received), 1 << 20))
        if not part:
            return None
        received += part
    return bytes(received)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError(f"a {type(value).__name__}")
