"""The hub's one port: whatever a client speaks, it connects here and reaches the part that owns its protocol."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from hub.core.bus import Unlisten
from hub.core.ports import ProtocolFactory
from hub.errors import InvalidInput
from hub.gateway.addresses import bind, is_loopback
from hub.gateway.connection import Undecided
from hub.gateway.routes import OnConnection, Routes
from hub.gateway.sniff import Wire
from hub.gateway.waiting import Waiting

_log = logging.getLogger(__name__)


class Gateway:
    """Listens on one port and hands each connection to the owner of its protocol. Implements ``Listeners``.

    Without ``ssl_context`` it listens on loopback addresses only, and TLS is refused. Other machines have to speak TLS, but
    for the protocols in ``plain``. ``on_connection`` is told of every connection once it is decided. A client has ``patience``
    seconds to show what it speaks.
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        plain: Collection[Wire] = (),
        on_connection: OnConnection | None = None,
        patience: float = 5.0,
        undecided_per_source: int = 256,
        undecided_total: int = 1024,
    ) -> None:
        self._routes = Routes(
            ssl_context=None,
            on_connection=on_connection,
            patience=patience,
            waiting=Waiting(per_source=undecided_per_source, total=undecided_total),
            plain=plain,
        )
        if ssl_context is not None:
            self.secure(ssl_context)
        self._sockets: list[socket.socket] = []

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        return self._routes.serve(protocol, factory)

    def secure(self, context: ssl.SSLContext) -> None:
        """Use ``context`` for every handshake that begins from now on; open connections go on with theirs.

        Raises InvalidInput for one that would speak an older TLS than 1.3.
        """
        if context.minimum_version < ssl.TLSVersion.TLSv1_3:
            raise InvalidInput("Expected a TLS context that begins at TLS 1.3: set its minimum_version to TLSv1_3")
        self._routes.ssl_context = context

    def answer_insecure(self, factory: ProtocolFactory) -> None:
        """Let ``factory()`` tell those who come with HTTP from another machine that they have to come with TLS."""
        self._routes.answer_insecure = factory

    @property
    def port(self) -> int:
        """The port it listens on, or 0 while it does not."""
        return int(self._sockets[0].getsockname()[1]) if self._sockets else 0

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses it listens on."""
        return tuple(str(one.getsockname()[0]) for one in self._sockets)

    @property
    def undecided(self) -> int:
        """How many connections have not yet shown what they speak."""
        return len(self._routes.waiting)

    @asynccontextmanager
    async def listening(self, host: str = "localhost", port: int = 8123) -> AsyncIterator[None]:
        """Listen while the block runs; at its end every connection that is still open is cut off.

        The owners of protocols end theirs in good order before: stop them inside the block.
        Raises InvalidInput, with the remedy, if the port is taken or the address is no good.
        """
        if self._routes.ssl_context is None and not is_loopback(host):
            message = f"Expected a loopback address while there is no TLS certificate, got {host!r}: set server: host: localhost"
            raise InvalidInput(message, path=("server", "host"))
        self._sockets = await bind(host, port)
        loop = asyncio.get_running_loop()
        servers = [await loop.create_server(lambda: Undecided(self._routes), sock=one) for one in self._sockets]
        _log.info("Listening on port %d of %s", self.port, ", ".join(self.addresses))
        try:
            yield
        finally:
            self._sockets = []
            await self._close(servers)

    async def _close(self, servers: list[asyncio.Server]) -> None:
        for server in servers:
            server.close()
        self._routes.waiting.clear()
        for transport in list(self._routes.open):
            transport.abort()
        await asyncio.sleep(0)  # the loop tells the protocols that their connections are lost
