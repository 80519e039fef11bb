"""For how long certificates are good, and when the next one is due."""

from __future__ import annotations

DAY = 86_400.0
AUTHORITY_DAYS = 10 * 365
SERVER_DAYS = 397  # browsers take no server certificate for longer than 398 days
_RENEW_DAYS = 30
_EARLIEST = 1_767_225_600.0  # 2026: a machine without a battery begins in 1970, until somebody tells it the time


def beginning(now: float) -> float:
    """Return when a certificate that is made now begins: a little early, for clients' clocks differ."""
    return max(now, _EARLIEST) - DAY / 24


def is_due(ends: float, now: float) -> bool:
    """Say whether a server certificate has to be replaced: it ends soon, or was made by a clock far ahead."""
    left = ends - max(now, _EARLIEST)
    return not _RENEW_DAYS * DAY < left <= SERVER_DAYS * DAY


def ends_soon(ends: float, now: float) -> bool:
    """Say whether an authority ends so soon that people should be told."""
    return ends - now < SERVER_DAYS * DAY
