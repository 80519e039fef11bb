"""A connection until its protocol is known; then the owner's protocol takes the transport, and this is out of the way."""

from __future__ import annotations

import asyncio
import functools
import ssl
from asyncio import sslproto
from typing import cast

from hub.gateway.addresses import is_loopback
from hub.gateway.routes import Arrival, Routes, Verdict
from hub.gateway.sniff import Wire, sniff

_MOST = 4096  # a first flight that says nothing in so many bytes never will
_HANDSHAKE_SECONDS = 10
_TLS_REFUSED = bytes(
    [21, 3, 1, 0, 2, 2, 40]
)  # an alert, framed as TLS 1.0 like any ClientHello: fatal handshake_failure


class Undecided(asyncio.Protocol):
    """Collects a client's first bytes until they name a protocol. ``secure``: they come from inside TLS."""

    def __init__(self, routes: Routes, *, secure: bool = False) -> None:
        self._routes = routes
        self._secure = secure
        self._received = bytearray()
        self._source = self._peer = "?"
        self._decided = False
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        address = transport.get_extra_info("peername") or ("?", 0)
        self._source, self._peer = address[0], f"{address[0]}:{address[1]}"
        self._routes.waiting.enter(self, self._source)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._routes.patience, self._close, Wire.UNKNOWN, Verdict.SILENT)

    def data_received(self, data: bytes) -> None:
        if self._decided:
            return
        self._received += data
        wire = sniff(bytes(self._received[:_MOST]))
        if wire is not None:
            self._decide(wire)
        elif len(self._received) >= _MOST:
            self._close(Wire.UNKNOWN, Verdict.UNDECIDED)

    def eof_received(self) -> None:
        self._close(Wire.UNKNOWN, Verdict.UNDECIDED)

    def connection_lost(self, exc: Exception | None) -> None:
        self._decide_on(Wire.UNKNOWN, Verdict.UNDECIDED)

    def give_way(self) -> None:
        """Close: newer connections need the place."""
        self._decide_on(Wire.UNKNOWN, Verdict.CROWDED_OUT)
        self._open_transport.abort()

    @property
    def _open_transport(self) -> asyncio.Transport:
        assert self._transport is not None
        return self._transport

    def _decide(self, wire: Wire) -> None:
        factory = self._routes.owner(wire)
        if wire is Wire.UNKNOWN:
            self._close(wire, Verdict.UNKNOWN_PROTOCOL)
        elif wire is Wire.TLS and not self._secure:
            self._decide_tls()
        elif factory is None:
            self._close(wire, Verdict.NOT_SERVED)
        elif self._secure or is_loopback(self._source) or self._routes.may_be_plain(wire):
            self._hand_over(factory(), wire, Verdict.ACCEPTED)
        elif wire is Wire.HTTP and self._routes.answer_insecure is not None:
            self._hand_over(self._routes.answer_insecure(), wire, Verdict.NEEDS_TLS)
        else:
            self._close(wire, Verdict.NEEDS_TLS)

    def _hand_over(self, owner: asyncio.Protocol, wire: Wire, verdict: Verdict) -> None:
        transport = self._open_transport
        self._decide_on(wire, verdict)
        if not self._secure:
            self._routes.open.add(transport)
        transport.set_protocol(owner)
        owner.connection_made(transport)
        owner.data_received(bytes(self._received))

    def _decide_tls(self) -> None:
        if self._routes.ssl_context is None:
            self._open_transport.write(_TLS_REFUSED)
            self._close(Wire.TLS, Verdict.NOT_SERVED)
        else:
            self._begin_tls(self._routes.ssl_context)

    def _begin_tls(self, context: ssl.SSLContext) -> None:
        """Go on inside TLS; until the handshake is done, this connection still counts as waiting.

        ``loop.start_tls`` would lose what has been read already (cpython #142352), so the protocol is fed by hand.
        """
        loop, transport = asyncio.get_running_loop(), self._open_transport
        self._cancel_timer()
        self._routes.open.add(transport)
        inner = Undecided(self._routes, secure=True)
        done: asyncio.Future[None] = loop.create_future()
        done.add_done_callback(functools.partial(self._handshake_done, inner))
        tls = _Handshake(loop, inner, context, done, True, ssl_handshake_timeout=_HANDSHAKE_SECONDS)
        transport.set_protocol(tls)
        tls.connection_made(transport)
        _feed(tls, bytes(self._received))

    def _handshake_done(self, inner: Undecided, done: asyncio.Future[None]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is not None or inner._transport is None:
            self._decide_on(Wire.TLS, Verdict.TLS_FAILED, detail=str(error or "the client went away"))
        else:
            self._decided = True  # the inner connection is the one to be noted
            self._routes.waiting.leave(self)

    def _close(self, wire: Wire, verdict: Verdict) -> None:
        self._decide_on(wire, verdict)
        self._open_transport.close()

    def _decide_on(self, wire: Wire, verdict: Verdict, detail: str | None = None) -> None:
        if self._decided:
            return
        self._decided = True
        self._cancel_timer()
        self._routes.waiting.leave(self)
        tls = self._open_transport.get_extra_info("ssl_object") if self._secure else None
        version = tls.version() if tls else None
        self._routes.note(Arrival(protocol=wire, peer=self._peer, verdict=verdict, tls=version, detail=detail))

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class _Handshake(sslproto.SSLProtocol):
    """asyncio closes a failed handshake without the alert that tells the client why."""

    def _on_handshake_complete(self, handshake_exc: BaseException | None) -> None:
        if handshake_exc is not None:
            self._process_outgoing()  # type: ignore[attr-defined] # no more private than the class
        super()._on_handshake_complete(handshake_exc)


def _feed(protocol: sslproto.SSLProtocol, data: bytes) -> None:
    while data:
        buffer = memoryview(protocol.get_buffer(len(data)))
        size = min(len(buffer), len(data))
        buffer[:size] = data[:size]
        protocol.buffer_updated(size)
        data = data[size:]
