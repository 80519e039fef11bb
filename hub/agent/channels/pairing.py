"""Pairing: strangers get a short code, which is worth something only in the hands of those who run the house."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.agent.channels.inbound import Chat, Origin
from hub.core.clock import Clock
from hub.core.ids import new_id
from hub.errors import NotFound
from hub.security.limits import AttemptLimit

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0 and O, 1, I and L, U and V: what people confuse when they read aloud or type."""
CODE_LENGTH = 8
LIFESPAN = 600.0
MOST_PENDING = 10
"""Codes that may be out at once at one channel: the next stranger is met with silence."""
CODES_PER_SENDER, CODES_PER_CHANNEL = 3, 30
WINDOW = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A stranger who was given a code. ``created`` and ``expires`` are UTC epoch seconds; times are kept by ``deadline``."""

    pairing_id: str
    origin: Origin
    chat: Chat
    language: str
    created: float
    expires: float
    deadline: float
    code: str = field(repr=False)


class Pairings:
    """Codes that are out: one for each stranger at most, each for ten minutes, so many an hour. Gone with the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pending: dict[Origin, Pairing] = {}
        self._senders = AttemptLimit(clock, most=CODES_PER_SENDER, window=WINDOW)
        self._channels = AttemptLimit(clock, most=CODES_PER_CHANNEL, window=WINDOW)

    def __iter__(self) -> Iterator[Pairing]:
        self._tidy()
        return iter(list(self._pending.values()))

    def request(self, origin: Origin, chat: Chat, language: str) -> Pairing | None:
        """Give a stranger a code; None where they are to be left without an answer."""
        self._tidy()
        at_channel = sum(pairing.origin.entry_id == origin.entry_id for pairing in self._pending.values())
        if origin in self._pending or at_channel >= MOST_PENDING or not self._may_have_one(origin):
            return None
        self._senders.take(_key(origin))
        self._channels.take(origin.entry_id)
        now = self._clock.time()
        pairing = Pairing(
            pairing_id=new_id(),
            origin=origin,
            chat=chat,
            language=language,
            created=now,
            expires=now + LIFESPAN,
            deadline=self._clock.monotonic() + LIFESPAN,
            code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
        )
        self._pending[origin] = pairing
        return pairing

    def of_code(self, code: str) -> Pairing:
        """Return who was given a code.

        Raises NotFound.
        """
        given = normalised(code).encode()
        found = next((pairing for pairing in self if hmac.compare_digest(pairing.code.encode(), given)), None)
        if found is None:
            minutes = LIFESPAN / 60
            raise NotFound(
                f"Expected a code that somebody was given in the last {minutes:g} minutes: ask for a new one"
            )
        return found

    def get(self, pairing_id: str) -> Pairing:
        """Return who waits to be let in.

        Raises NotFound.
        """
        found = next((pairing for pairing in self if pairing.pairing_id == pairing_id), None)
        if found is None:
            raise NotFound(f"Expected the id of a pairing that waits, got {pairing_id!r}")
        return found

    def end(self, pairing: Pairing) -> None:
        """Accept a code no more."""
        self._pending.pop(pairing.origin, None)

    def reject(self, pairing: Pairing) -> None:
        """Accept a code no more, and give whoever had it no other one for an hour."""
        self.end(pairing)
        for _ in range(CODES_PER_SENDER):
            self._senders.take(_key(pairing.origin))

    def _may_have_one(self, origin: Origin) -> bool:
        return self._senders.wait(_key(origin)) <= 0 and self._channels.wait(origin.entry_id) <= 0

    def _tidy(self) -> None:
        now = self._clock.monotonic()
        self._pending = {origin: pairing for origin, pairing in self._pending.items() if pairing.deadline > now}


def normalised(code: str) -> str:
    """Return a code as it was given out, however it was typed.

    >>> normalised(" abcd-efgh ")
    'ABCDEFGH'
    """
    return "".join(character for character in code.upper() if character.isalnum())


def _key(origin: Origin) -> str:
    return f"{origin.entry_id} {origin}"
