"""What the endpoint puts up with. Nothing a client sends makes it hold more than this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes are in bytes, times in seconds; ``queued``, ``inflight``, ``unread`` and ``subscriptions`` count for each client.

    ``inflight`` is how many QoS 1 messages may wait for a client's acknowledgement, ``queued`` how many wait behind them or
    for the client to come back (in bytes: both together), and ``unread`` how much a client may leave unread of what is owed
    to it in any case. ``held`` bounds what is kept for all clients together.
    """

    connections: int = 1000
    unauthenticated: int = 64
    connect_timeout: float = 10.0
    refusal_delay: float = 1.0
    first_packet_size: int = 64 << 10
    packet_size: int = 1 << 20
    client_id_length: int = 256
    receive_maximum: int = 100
    inflight: int = 100
    queued_messages: int = 10_000
    queued_bytes: int = 4 << 20
    unread: int = 4 << 20
    held: int = 128 << 20
    subscriptions: int = 10_000
    sessions: int = 2000
    session_expiry: int = 7 * 86_400
    retained_messages: int = 20_000
    retained_bytes: int = 16 << 20


@dataclass(slots=True, kw_only=True)
class Counters:
    """What happened since the start: messages that came, were sent to clients and were dropped; connections refused."""

    received: int = 0
    sent: int = 0
    dropped: int = 0
    refused: int = 0
