"""Channels that do no more than pass messages, and protocols of two blocking functions."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections.abc import AsyncIterator
from typing import Self

import pytest

from hub import (
    AdapterHost,
    ConfigEntry,
    ConnectionLost,
    Integration,
    Manifest,
    Message,
    MessageAdapter,
    MessagePump,
    Messenger,
    ProtocolMessages,
)
from hub.testing import MemoryHome

MANIFEST = Manifest(domain="post", name="Post", version="1", api=(1, 1))
HELLO = Message(conversation="kitchen", sender="ada", text="hello")


class Line:
    """A telephone line over a socket, as somebody would write it who never heard of asyncio: one text per line."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._received = b""
        self.threads: set[str] = set()

    def send_message(self, content: str) -> bool:
        self.threads.add(threading.current_thread().name)
        if content == "busy":
            return False
        self._connection.sendall(f"{content}\n".encode())
        return True

    def receive_message(self) -> str | None:
        self.threads.add(threading.current_thread().name)
        while b"\n" not in self._received:
            part = self._connection.recv(100)
            if not part:
                raise ConnectionResetError("the other end hung up")
            self._received += part
        line, _, self._received = self._received.partition(b"\n")
        return line.decode() or None

    def close(self) -> None:
        self._connection.shutdown(socket.SHUT_RDWR)


class Channel:
    """A channel of coroutines."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[Message | None] = asyncio.Queue()
        self.sent: list[Message] = []
        self.steps: list[str] = []

    async def __aenter__(self) -> Self:
        self.steps.append("entered")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.steps.append("left")

    async def send_message(self, message: Message) -> bool:
        self.sent.append(message)
        return True

    async def receive_message(self) -> Message | None:
        return await self.incoming.get()


@pytest.fixture
async def home() -> AsyncIterator[MemoryHome]:
    async with MemoryHome().running() as home:
        yield home


def begin(home: MemoryHome, channel: MessageAdapter) -> ConfigEntry:
    return home.start(Integration(manifest=MANIFEST, make=lambda _: MessagePump(channel)))


async def test_a_channel_is_pumped_and_can_be_written_to(home: MemoryHome) -> None:
    channel = Channel()
    entry = begin(home, channel)
    channel.incoming.put_nowait(HELLO)
    await home.until(lambda: home.messages == [HELLO])
    messenger = home.supervisor.messenger(entry.entry_id)
    assert isinstance(messenger, Messenger)
    assert await messenger.send_message(HELLO) is True
    assert channel.sent == [HELLO]
    await home.supervisor.stop(entry.entry_id)
    assert channel.steps == ["entered", "left"]


async def test_a_channel_that_ends_is_a_lost_connection(home: MemoryHome) -> None:
    channel = Channel()
    entry = begin(home, channel)
    channel.incoming.put_nowait(None)
    await home.until(lambda: (health := home.adapter_health(entry)) is not None and health.reason)
    health = home.adapter_health(entry)
    assert health is not None
    assert health.reason == "The channel has ended"


async def test_two_blocking_functions_make_a_channel_and_never_block_the_loop(home: MemoryHome) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line = Line(ours)
        entry = begin(home, ProtocolMessages(line, conversation="line", sender="caller", pause=0.01))
        theirs.sendall("first\n\n第二\n".encode())
        await home.until(lambda: len(home.messages) == 2)
        assert home.messages == [
            Message(conversation="line", sender="caller", text="first"),
            Message(conversation="line", sender="caller", text="第二"),
        ]
        messenger = home.supervisor.messenger(entry.entry_id)
        assert messenger is not None
        assert await messenger.send_message(HELLO) is True  # though the other function waits
        assert theirs.recv(100) == b"hello\n"
        assert await messenger.send_message(Message(conversation="", sender="", text="busy")) is False
        assert line.threads == {"send", "receive"}
        await home.supervisor.stop(entry.entry_id)


async def test_what_a_blocking_function_raises_is_a_lost_connection(home: MemoryHome) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        entry = begin(home, ProtocolMessages(Line(ours)))
        theirs.close()
        await home.until(lambda: (health := home.adapter_health(entry)) is not None and health.reason)
        health = home.adapter_health(entry)
        assert health is not None
        assert "the other end hung up" in (health.reason or "")
        async with ProtocolMessages(Line(ours)) as messages:
            with pytest.raises(ConnectionLost, match="not sent"):
                await messages.send_message(HELLO)


async def test_a_function_that_never_returns_holds_up_no_end() -> None:
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()

    class Deaf:
        def send_message(self, content: str) -> bool:
            return False

        def receive_message(self) -> str | None:
            return waiting.get()

    class Host:
        def connected(self, connected: bool, reason: str | None = None) -> None:
            pumping.set()

    pumping = asyncio.Event()
    host: AdapterHost = Host()  # type: ignore[assignment]
    task = asyncio.create_task(MessagePump(ProtocolMessages(Deaf())).run(host))
    await pumping.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    waiting.put("now the thread may end")
