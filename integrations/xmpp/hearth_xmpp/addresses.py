"""XMPP addresses: ``local@domain/resource``."""

from __future__ import annotations

import re

_BARE = re.compile(r"[^\s@/\"&'<>:]+@[^\s@/]+\Z")
MOST = 320


def bare(jid: str) -> str:
    """Return an address without its resource: the person, not one of their devices.

    >>> bare("ada@example.org/phone")
    'ada@example.org'
    """
    return jid.partition("/")[0]


def resource(jid: str) -> str:
    """Return what stands behind the slash: one of a person's devices, or the nickname in a room."""
    return jid.partition("/")[2]


def domain(jid: str) -> str:
    """Return the server's name.

    >>> domain("ada@example.org/phone")
    'example.org'
    """
    return bare(jid).rpartition("@")[2]


def is_person(text: str) -> bool:
    """Say whether this is the address of somebody, or of a room, without a resource."""
    return len(text) <= MOST and _BARE.match(text) is not None
