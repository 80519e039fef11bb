"""Who takes which protocol, and who is told of each connection."""

from __future__ import annotations

import asyncio
import ssl
import weakref
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from hub.core.bus import Unlisten
from hub.core.ports import ProtocolFactory
from hub.errors import InvalidInput
from hub.gateway.sniff import Wire
from hub.gateway.waiting import Waiting


class Verdict(StrEnum):
    """What became of a connection: handed to its owner, or closed and why."""

    ACCEPTED = "accepted"
    NOT_SERVED = "not_served"
    NEEDS_TLS = "needs_tls"
    UNKNOWN_PROTOCOL = "unknown_protocol"
    UNDECIDED = "undecided"
    SILENT = "silent"
    CROWDED_OUT = "crowded_out"
    TLS_FAILED = "tls_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A connection that was decided. ``tls`` is the version in use (``TLSv1.3``) or None, ``detail`` the reason in words."""

    protocol: Wire
    peer: str
    verdict: Verdict
    tls: str | None = None
    detail: str | None = None


OnConnection = Callable[[Arrival], None]

_NOT_FOR_OWNERS = (Wire.TLS, Wire.UNKNOWN)
_NEVER_PLAIN = (Wire.HTTP, Wire.HTTP2)


class Routes:
    """The owners of protocols, and what every connection of a gateway shares."""

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None,
        on_connection: OnConnection | None,
        patience: float,
        waiting: Waiting,
        plain: Collection[Wire] = (),
    ) -> None:
        self.ssl_context = ssl_context
        self.answer_insecure: ProtocolFactory | None = None
        self.patience = patience
        self.waiting = waiting
        self.open: weakref.WeakSet[asyncio.Transport] = weakref.WeakSet()
        self._on_connection = on_connection
        self._owners: dict[Wire, ProtocolFactory] = {}
        self._plain = frozenset(plain)

    def serve(self, protocol: str, factory: ProtocolFactory) -> Unlisten:
        """Hand connections that speak ``protocol`` to ``factory()`` until the returned function is called.

        Raises InvalidInput for a protocol that cannot be told apart or that somebody serves already.
        """
        wire = _wire(protocol)
        if wire in self._owners:
            raise InvalidInput(f"Expected a protocol that nobody serves on this port yet, got {protocol}")
        self._owners[wire] = factory

        def unlisten() -> None:
            if self._owners.get(wire) is factory:
                del self._owners[wire]

        return unlisten

    def owner(self, wire: Wire) -> ProtocolFactory | None:
        """Return who takes connections of this protocol, or None."""
        return self._owners.get(wire)

    def may_be_plain(self, wire: Wire) -> bool:
        """Say whether other machines may speak this protocol without TLS."""
        return wire in self._plain

    def note(self, arrival: Arrival) -> None:
        """Tell who wants to know."""
        if self._on_connection is not None:
            self._on_connection(arrival)


def _wire(protocol: str) -> Wire:
    offered = [wire.value for wire in Wire if wire not in _NOT_FOR_OWNERS]
    if protocol not in offered:
        raise InvalidInput(f"Expected a protocol that can be told apart ({', '.join(offered)}), got {protocol!r}")
    return Wire(protocol)


def plain_wires(protocols: Collection[str]) -> tuple[Wire, ...]:
    """Return protocols that other machines may speak without TLS.

    Raises InvalidInput for one that cannot be told apart, and for HTTP: browsers can speak TLS.
    """
    wires = tuple(_wire(protocol) for protocol in protocols)
    if never := [wire.value for wire in wires if wire in _NEVER_PLAIN]:
        message = f"Expected protocols of devices that cannot speak TLS, got {', '.join(never)}: browsers can"
        raise InvalidInput(message, path=("server", "plain"))
    return wires
