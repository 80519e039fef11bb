"""What the hub and its model worker say to each other: frames of four bytes of length and a MessagePack document.

The hub sends one frame a request. The worker sends one frame a step of its engine, with what became of every request in it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any

import msgspec

from hub.core.inference import CompletionRequest, DecisionRequest, Delta, EmbeddingRequest, Embeddings, Prompt, Ranking
from hub.errors import InferenceError
from hub.inference.settings import EngineSettings

MAX_FRAME = 64 * 1024 * 1024
"""Bytes; the longest frames are the embeddings of many texts."""
_LENGTH = struct.Struct(">I")


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag=str.lower, omit_defaults=True):
    """A message of either side; its class's name is its tag."""


class Load(Frame, frozen=True):
    """Hub to worker, first: which model to load, and how."""

    path: str
    settings: EngineSettings


class Generate(Frame, frozen=True):
    """Hub to worker: answer a prompt. ``id`` is the hub's number for the request; ``request.timeout`` is what is left of it."""

    id: int
    request: CompletionRequest


class Decide(Frame, frozen=True):
    """Hub to worker: rank options."""

    id: int
    request: DecisionRequest


class Embed(Frame, frozen=True):
    """Hub to worker: place texts."""

    id: int
    request: EmbeddingRequest


class Count(Frame, frozen=True):
    """Hub to worker: how many tokens is this prompt? Answered by ``Counted``, before anything that waits."""

    id: int
    prompt: Prompt


class Cancel(Frame, frozen=True):
    """Hub to worker: nobody waits for this request any more. It is still answered: by its end, or by ``Failed``."""

    id: int


class Ready(Frame, frozen=True):
    """Worker to hub: the model is loaded. ``context`` in tokens is what all requests in flight share.

    ``template`` is the model's chat template (Jinja), None if it has none; ``begin`` and ``end`` the texts of its BOS and EOS tokens,
    ``specials`` the texts of all special tokens; ``report`` says what was chosen for this machine, and why.
    """

    model: str
    context: int
    memory_mb: float
    template: str | None = None
    begin: str = ""
    end: str = ""
    specials: tuple[str, ...] = ()
    architecture: str = ""
    embeddings: int = 0
    report: Mapping[str, Any] = {}


class Unusable(Frame, frozen=True):
    """Worker to hub: the model cannot be loaded, and why."""

    reason: str


class Wrote(Frame, frozen=True):
    """A part of an answer; the last part has its ``finish`` and ``usage``."""

    id: int
    delta: Delta


class Ranked(Frame, frozen=True):
    """The answer to ``Decide``."""

    id: int
    ranking: Ranking


class Embedded(Frame, frozen=True):
    """The answer to ``Embed``."""

    id: int
    embeddings: Embeddings


class Counted(Frame, frozen=True):
    """The answer to ``Count``."""

    id: int
    tokens: int


class Failed(Frame, frozen=True):
    """No answer, and why; ``key`` is that of the error (``hub.errors``) to raise."""

    id: int
    reason: str
    key: str = InferenceError.key


Event = Wrote | Ranked | Embedded | Counted | Failed


class Step(Frame, frozen=True):
    """Worker to hub: what one step of the engine brought, and how much it has to do."""

    events: tuple[Event, ...]
    running: int = 0
    waiting: int = 0
    cells: int = 0
    memory_mb: float = 0.0


FromHub = Load | Generate | Decide | Embed | Count | Cancel
FromWorker = Ready | Unusable | Step
Message = FromHub | FromWorker

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encode(message: Message) -> bytes:
    """Return the message as a frame.

    Raises InferenceError if it is too long, or holds text that is none.
    """
    try:
        payload = _encoder.encode(message)
    except (UnicodeEncodeError, TypeError, OverflowError) as error:
        raise InferenceError(f"Expected text that can be sent, got {error}") from None
    return _LENGTH.pack(_checked(len(payload))) + payload


def decode(payload: bytes) -> Message:
    """Return the message in a frame's payload.

    Raises InferenceError if it is none.
    """
    try:
        return _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
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
