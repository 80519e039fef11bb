"""The hub's end of a child: its process group and its three sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.adapters.isolation.limits import Limits

_STDERR = 2
PATIENCE = 3.0
"""Seconds for a child to take its leave; then it is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a child is started: ``main`` is the module of its ``main()``, ``integration`` and ``module`` what it loads."""

    main: str
    integration: str
    module: str
    limits: Limits
    time_zone: str = "UTC"

    def command(self) -> list[str]:
        """Return the command line, without the file descriptors."""
        return [self.limits.python or sys.executable, "-P", "-m", self.main]

    def environment(self) -> dict[str, str]:
        """Return the child's environment: it imports what the hub imports, unless it has an interpreter of its own."""
        if self.limits.python is None:
            return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return {
            key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
        }


class ChildProcess:
    """A running child. ``orders`` and ``words`` are the transports, ``doors`` the socket that passes connections."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        orders: asyncio.WriteTransport,
        words: asyncio.Transport,
        doors: socket.socket,
    ) -> None:
        self.orders = orders
        self.words = words
        self.doors = doors
        self._process = process

    @classmethod
    @asynccontextmanager
    async def started(cls, launch: Launch, protocol: Callable[[], asyncio.Protocol]) -> AsyncIterator[ChildProcess]:
        """Run a child for the time of the block; ``protocol`` gets what it says. At the end it is gone, with its own children.

        Raises OSError if it cannot be started.
        """
        with contextlib.ExitStack() as sockets:
            pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM) for _ in range(3)]
            ours, theirs = ([sockets.enter_context(pair[side]) for pair in pairs] for side in (0, 1))
            process = await _spawn(launch, theirs)
            try:
                for end in theirs:
                    end.close()
                for end in ours:
                    end.setblocking(False)
                orders, words = await _connect(ours[0], ours[1], protocol)
                child = cls(process, orders, words, ours[2])
                try:
                    yield child
                finally:
                    child.close()
            finally:
                _kill(process)
                await process.wait()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ended(self) -> str:
        """Wait until the process has ended, and say how."""
        code = await self._process.wait()
        if code >= 0:
            return f"Its process ended with status {code}"
        return f"Its process was ended by signal {-code} ({signal.Signals(-code).name})"

    def kill(self) -> None:
        """End it now, and what it started."""
        _kill(self._process)

    def dismiss(self) -> None:
        """Ask it to take its leave: it may still say what it has to."""
        self.orders.close()

    def close(self) -> None:
        """Close all sockets, whatever they hold."""
        self.orders.abort()
        self.words.abort()
        self.doors.close()


async def _spawn(launch: Launch, ends: list[socket.socket]) -> asyncio.subprocess.Process:
    descriptors = tuple(end.fileno() for end in ends)
    return await asyncio.create_subprocess_exec(
        *launch.command(),
        *map(str, descriptors),
        pass_fds=descriptors,
        env=launch.environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=_STDERR,  # what it prints is for people; nobody parses it
        process_group=0,  # Ctrl-C is for the hub; and what the child starts can be ended with it
    )


async def _connect(
    orders: socket.socket, words: socket.socket, protocol: Callable[[], asyncio.Protocol]
) -> tuple[asyncio.WriteTransport, asyncio.Transport]:
    loop = asyncio.get_running_loop()
    giving, _ = await loop.create_connection(asyncio.Protocol, sock=orders)
    hearing, _ = await loop.create_connection(protocol, sock=words)
    return giving, hearing


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
