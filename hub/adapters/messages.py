"""Adapters that do no more than pass messages: made of a ``MessageAdapter``, or of blocking functions.

make=lambda entry: MessagePump(MyChannel(entry.data))                           # coroutines
make=lambda entry: MessagePump(ProtocolMessages(MyProtocol(entry.data)))        # functions that block
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Protocol, Self, TypeVar

from hub.adapters.interfaces import AdapterHost, Message, MessageAdapter
from hub.errors import ConnectionLost

PAUSE = 0.25
"""Seconds between two looks of a protocol that has nothing to say."""
T = TypeVar("T")


class ProtocolAdapter(Protocol):
    """The smallest interface to a protocol: two functions, which may block. ``ProtocolMessages`` makes a channel of it.

    A ``close()``, if there is one, is called at the end: it must make a waiting ``receive_message`` return.
    """

    def send_message(self, content: str) -> bool:
        """Send a text; say whether it was taken."""

    def receive_message(self) -> str | None:
        """Return the next text, or None if there is none now; raises OSError when the connection is lost."""


class MessagePump:
    """The Adapter and Messenger of a channel.

    The channel is entered and left with the adapter's run if it is an asynchronous context manager.
    """

    def __init__(self, channel: MessageAdapter) -> None:
        self._channel = channel

    async def run(self, host: AdapterHost) -> None:
        """Hand over what the channel receives.

        Raises ConnectionLost when the channel does, and when it has ended.
        """
        async with contextlib.AsyncExitStack() as stack:
            if isinstance(self._channel, contextlib.AbstractAsyncContextManager):
                await stack.enter_async_context(self._channel)
            host.connected(True)
            while (message := await self._channel.receive_message()) is not None:
                host.message(message)
        raise ConnectionLost("The channel has ended")

    async def send_message(self, message: Message) -> bool:
        """Send a message through the channel."""
        return await self._channel.send_message(message)


class ProtocolMessages:
    """A ``MessageAdapter`` made of a ``ProtocolAdapter``: each of its two functions runs in a thread of its own.

    What is received belongs to ``conversation`` and comes from ``sender``, for a bare text says neither.
    """

    def __init__(
        self, protocol: ProtocolAdapter, *, conversation: str = "default", sender: str = "unknown", pause: float = PAUSE
    ) -> None:
        self._protocol = protocol
        self._conversation = conversation
        self._sender = sender
        self._pause = pause
        self._sending, self._receiving = Lane("send"), Lane("receive")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        close = getattr(self._protocol, "close", None)
        if callable(close):
            with contextlib.suppress(OSError):
                await self._sending.do(close)
        self._sending.end()
        self._receiving.end()

    async def send_message(self, message: Message) -> bool:
        """Send a message's text.

        Raises ConnectionLost.
        """
        try:
            return await self._sending.do(lambda: self._protocol.send_message(message.text))
        except OSError as error:
            raise ConnectionLost(f"The message was not sent: {error}") from error

    async def receive_message(self) -> Message | None:
        """Return the next message.

        Raises ConnectionLost.
        """
        try:
            # A protocol of two functions has nothing that tells of the next text: it is looked for.
            while (text := await self._receiving.do(self._protocol.receive_message)) is None:  # noqa: ASYNC110
                await asyncio.sleep(self._pause)
        except OSError as error:
            raise ConnectionLost(f"Nothing more is received: {error}") from error
        return Message(conversation=self._conversation, sender=self._sender, text=text)


class Lane:
    """A thread that does one blocking thing after another. It is a daemon: one that never returns holds up no end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    async def do(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns; cancelling this does not stop it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - boundary: a thread's work; it is raised where it is awaited
                _settle(loop, done, error=error)
            else:
                _settle(loop, done, result)

        self._work.put(job)
        return await done

    def end(self) -> None:
        """Do no more after what is being done."""
        self._work.put(None)

    def _run(self) -> None:
        while (job := self._work.get()) is not None:
            job()


def _settle(
    loop: asyncio.AbstractEventLoop, done: asyncio.Future[T], result: T | None = None, error: Exception | None = None
) -> None:
    def settle() -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(settle)
