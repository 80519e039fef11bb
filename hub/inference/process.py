"""The hub's end of the model worker: a process of its own, its socket, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import sys
from collections.abc import Sequence

from hub.errors import QueueFull
from hub.inference.protocol import MAX_FRAME, Cancel, Message, encode, read

WORKER = (sys.executable, "-P", "-m", "hub.inference.worker")
_ENVIRONMENT = {
    "OMP_WAIT_POLICY": "passive",  # spinning threads take the processor from the hub
    "GGML_NO_BACKTRACE": "1",  # an abort would start a debugger first
}
_PATIENCE = 2.0
_UNREAD = 16 * 1024 * 1024
"""Bytes that a worker may leave unread before it is sent no more requests."""
_log = logging.getLogger(__name__)


class WorkerProcess:
    """A running worker. Closing its socket ends it."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, command: Sequence[str] = WORKER) -> WorkerProcess:
        """Start a worker; its file descriptor of the socket is its last argument.

        Raises OSError if it cannot be started.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_FRAME)
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    str(theirs.fileno()),
                    pass_fds=(theirs.fileno(),),
                    env=_environment(),
                    stdin=asyncio.subprocess.DEVNULL,
                )
            except BaseException:
                writer.close()
                raise
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, message: Message) -> None:
        """Send a message; one to a dead worker is lost, and ``receive`` tells of its end.

        Never waits. Raises InferenceError if it is too long, or holds text that is none; QueueFull while the worker does
        not read, but for cancellations.
        """
        frame = encode(message)
        unread = self._writer.transport.get_write_buffer_size()
        if unread > _UNREAD and not isinstance(message, Cancel):
            raise QueueFull(f"Expected a worker that reads, {unread} bytes wait for it. Try again later")
        self._writer.write(frame)

    async def receive(self) -> Message | None:
        """Return its next message, or None once it has ended.

        Raises InferenceError for anything that is no message.
        """
        return await read(self._reader)

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> int:
        """Close its socket, give it a moment, and return its exit code: negative is the signal that ended it."""
        self._writer.close()
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._process.wait()
        except TimeoutError:
            _log.warning("The model worker %s does not end, it is killed", self.pid)
        finally:
            self.kill()
            await self._process.wait()  # also for one who is cancelled: it takes no time
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
        return await self._process.wait()


def _environment() -> dict[str, str]:
    # The worker imports what the hub imports, and nothing from the folder that the hub was started in.
    return {**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
