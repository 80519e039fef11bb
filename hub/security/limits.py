"""Limits on attempts: so many in a while, for whoever tries."""

from __future__ import annotations

import ipaddress
import math
from collections import deque

from hub.core.clock import Clock
from hub.errors import Refused

LOOPBACK = "127.0.0.1"
_MOST_KEYS = 10_000


class AttemptLimit:
    """At most ``most`` attempts in ``window`` seconds for each key. Nobody is exempt."""

    def __init__(self, clock: Clock, *, most: int, window: float) -> None:
        self._clock = clock
        self._most = most
        self._window = window
        self._attempts: dict[str, deque[float]] = {}

    def wait(self, key: str) -> float:
        """Return how many seconds must pass before the next attempt; 0 if it may be made now."""
        times = self._attempts.get(key)
        if times is None or len(times) < self._most:
            return 0.0
        return max(0.0, times[0] + self._window - self._clock.monotonic())

    def take(self, key: str) -> None:
        """Count an attempt, before it is made: those made side by side count too."""
        times = self._attempts.pop(key, None)
        if times is None:
            times = deque(maxlen=self._most)
        times.append(self._clock.monotonic())
        self._attempts[key] = times  # the latest key last
        if len(self._attempts) > _MOST_KEYS:
            self._attempts.pop(next(iter(self._attempts)))

    def give_back(self, key: str) -> None:
        """Do not count the last attempt: it was no guess."""
        times = self._attempts.get(key)
        if times:
            times.pop()


class LoginAttempts:
    """The budgets of those who log in: one for each address, whatever is tried from it, and one for each user."""

    def __init__(self, clock: Clock, *, window: float = 300.0, from_address: int = 10, for_user: int = 20) -> None:
        self._addresses = AttemptLimit(clock, most=from_address, window=window)
        self._users = AttemptLimit(clock, most=for_user, window=window)

    def take(self, address: str, user: str | None = None) -> None:
        """Count an attempt from the address, for the user if there is one.

        Raises Refused with the placeholder ``retry_after`` in seconds if there were too many; it is not counted then.
        """
        address = canonical_address(address)
        wait = max(self._addresses.wait(address), self._users.wait(user) if user is not None else 0.0)
        if wait > 0:
            seconds = math.ceil(wait)
            raise Refused(f"Expected fewer attempts to log in: try again in {seconds} seconds", retry_after=seconds)
        self._addresses.take(address)
        if user is not None:
            self._users.take(user)

    def give_back(self, address: str, user: str | None = None) -> None:
        """Do not count the last attempt: it succeeded."""
        self._addresses.give_back(canonical_address(address))
        if user is not None:
            self._users.give_back(user)


def canonical_address(address: str) -> str:
    """Return one name for all addresses of one machine, as far as can be known.

    IPv4 inside IPv6 is IPv4, all of loopback is one, and an IPv6 network of 64 bits is one, because it has one owner.

    >>> canonical_address("::ffff:192.0.2.7"), canonical_address("::1"), canonical_address("2001:db8::5")
    ('192.0.2.7', '127.0.0.1', '2001:db8::/64')
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return LOOPBACK
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
