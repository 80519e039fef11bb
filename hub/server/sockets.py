"""The open WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from aiohttp import web

from hub.core.ports import Principal
from hub.security import Sight
from hub.server.websocket.command import Command
from hub.server.websocket.connection import Connection, handshake
from hub.server.websocket.outbox import Departures

SightOf = Callable[[str | None], Sight]
"""Says what a user may see, by their id."""
OnRevoked = Callable[[str, Callable[[], None]], Callable[[], None]]
MAX_FRAME = 1 << 20
MAX_SOCKETS = 1000
MAX_UNKNOWN_SOCKETS = 64


class Sockets:
    """The open WebSockets: counted before authentication, closed when their token ends."""

    def __init__(
        self,
        commands: Mapping[str, Command],
        principal_for: Callable[[str], Principal | None],
        on_revoked: OnRevoked,
        sight_of: SightOf,
    ) -> None:
        self._commands = commands
        self._principal_for = principal_for
        self._on_revoked = on_revoked
        self._sight_of = sight_of
        self._open: set[Connection] = set()
        self._unknown = 0
        self._departures = Departures()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket."""
        if self._unknown >= MAX_UNKNOWN_SOCKETS or len(self._open) >= MAX_SOCKETS:
            raise web.HTTPServiceUnavailable(text="Too many connections")
        socket = web.WebSocketResponse(heartbeat=55, max_msg_size=MAX_FRAME, compress=False)
        await socket.prepare(request)
        self._unknown += 1
        try:
            known = await handshake(socket, self._principal_for)
        finally:
            self._unknown -= 1
        transport = request.transport
        if known is not None and transport is not None:
            sight = self._sight_of(known.user_id)
            await self._talk(Connection(socket, transport, self._departures, known, sight, self._commands))
        return socket

    async def _talk(self, connection: Connection) -> None:
        self._open.add(connection)
        unlisten = self._on_revoked(connection.principal.token_id or "", connection.close)
        try:
            await connection.run()
        finally:
            unlisten()
            self._open.discard(connection)

    async def close(self, _: web.Application) -> None:
        """Close every socket."""
        for connection in list(self._open):
            connection.close()
        await asyncio.sleep(0)
