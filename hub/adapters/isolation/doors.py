"""Connections on the hub's port that an isolated adapter serves: the accepted socket itself is passed to its process."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import cast

from hub.adapters.isolation.link import Link
from hub.core.bus import Unlisten
from hub.core.ports import ProtocolFactory
from hub.errors import InvalidInput

_log = logging.getLogger(__name__)
_ONE = b"\0"


class Doors:
    """The protocols that a child serves."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._open: dict[str, Unlisten] = {}

    def open(self, protocol: str, serve: Callable[[str, ProtocolFactory], Unlisten]) -> None:
        """Pass connections that speak ``protocol`` to the child.

        Raises InvalidInput as ``serve`` does.
        """
        if protocol in self._open:
            raise InvalidInput(f"Expected a protocol that this adapter does not serve yet, got {protocol}")
        self._open[protocol] = serve(protocol, lambda: Door(self._link, protocol))

    def shut(self, protocol: str) -> None:
        """Pass no more of them."""
        unlisten = self._open.pop(protocol, None)
        if unlisten is not None:
            unlisten()

    def close(self) -> None:
        """Shut them all."""
        for protocol in list(self._open):
            self.shut(protocol)


class Door(asyncio.Protocol):
    """One connection on its way to the child. What is inside TLS cannot be passed: the keys are here."""

    def __init__(self, link: Link, protocol: str) -> None:
        self._link = link
        self._protocol = protocol
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if transport.get_extra_info("ssl_object") is None:
            self._transport.pause_reading()  # what comes next is for the child to read

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if self._transport.get_extra_info("ssl_object") is not None:
            _log.error(
                "A TLS connection for %s was closed: the adapter that serves it is isolated, and TLS ends in the hub. "
                "Set 'isolated: false' for it",
                self._protocol,
            )
        else:
            self._pass(data)
        self._transport.abort()

    def _pass(self, data: bytes) -> None:
        connection: socket.socket = self._transport.get_extra_info("socket")  # type: ignore[union-attr]
        try:
            if self._link.is_deaf:
                raise BlockingIOError("it does not read")
            socket.send_fds(self._link.child.doors, [_ONE], [connection.fileno()])
        except OSError as error:
            _log.warning(
                "A %s connection was closed: its adapter takes no more at the moment (%s)", self._protocol, error
            )
        else:
            self._link.tell("connection", {"protocol": self._protocol}, content=data)


def take(doors: socket.socket) -> socket.socket:
    """Return the next connection that was passed; in the child, after it was told of it."""
    _, descriptors, _, _ = socket.recv_fds(doors, len(_ONE), 1)
    return socket.socket(fileno=descriptors[0])


class Arrival(asyncio.Protocol):
    """In the child: gives a passed connection, with what the hub has read of it, to its owner."""

    def __init__(self, owner: ProtocolFactory, read: bytes) -> None:
        self._owner = owner
        self._read = read

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        owner = self._owner()
        cast("asyncio.Transport", transport).set_protocol(owner)
        owner.connection_made(transport)
        owner.data_received(self._read)
