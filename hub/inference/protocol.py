"""What the hub and its model worker say to each other: frames of four bytes of length and a JSON list ``[kind, fields]``."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from hub.errors import InferenceError

MAX_FRAME = 8 * 1024 * 1024
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Hub to worker, first: which model to load; ``context`` in tokens and ``threads`` are the worker's choice if None."""

    path: str
    context: int | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """Hub to worker: write the answer to a prompt. ``id`` is the hub's number for it."""

    id: int
    prompt: str
    grammar: str | None
    max_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Hub to worker: nobody waits for this answer any more. It is still reported, done or failed."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Worker to hub: the model is loaded."""

    model: str
    context: int
    memory_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unusable:
    """Worker to hub: the model cannot be loaded, and why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Worker to hub: the answer; the fields are those of ``hub.core.ports.Completion``."""

    id: int
    text: str
    tokens: Sequence[tuple[str, float]]
    alternatives: Sequence[Sequence[tuple[str, float]]]
    outside: Sequence[float]
    prompt_tokens: int
    duration: float
    memory_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Worker to hub: no answer, and why."""

    id: int
    reason: str


Message = Load | Complete | Cancel | Ready | Unusable | Done | Failed

_KINDS: Mapping[str, type[Message]] = {
    kind.__name__.lower(): kind for kind in (Load, Complete, Cancel, Ready, Unusable, Done, Failed)
}


def encode(message: Message) -> bytes:
    """Return the message as a frame.

    Raises InferenceError if it is too long, or holds text that is none.
    """
    try:
        payload = orjson.dumps([type(message).__name__.lower(), message])
    except orjson.JSONEncodeError as error:
        raise InferenceError(f"Expected text that can be sent, got {error}") from None
    return _LENGTH.pack(_checked(len(payload))) + payload


def decode(payload: bytes) -> Message:
    """Return the message in a frame's payload.

    Raises InferenceError if it is none.
    """
    try:
        kind, fields = orjson.loads(payload)
        return _KINDS[kind](**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise InferenceError(f"Expected a message of the worker protocol, got {payload[:80]!r}: {error}") from None


def receive(connection: socket.socket) -> Message | None:
    """Return the next message, or None at the end of the connection; blocks.

    Raises InferenceError for anything that is no frame.
    """
    header = _exactly(connection, _LENGTH.size)
    payload = header and _exactly(connection, _checked(_LENGTH.unpack(header)[0]))
    return decode(payload) if payload else None


async def read(reader: asyncio.StreamReader) -> Message | None:
    """Return the next message, or None at the end of the connection.

    Raises InferenceError for anything that is no frame.
    """
    try:
        (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
        return decode(await reader.readexactly(_checked(length)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


def _checked(length: int) -> int:
    if length > MAX_FRAME:
        raise InferenceError(f"Expected a frame of at most {MAX_FRAME} bytes, got one of {length}")
    return length


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    received = bytearray()
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            return None
        received += part
    return bytes(received)
