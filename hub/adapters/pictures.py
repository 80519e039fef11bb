"""Tokens for pictures: an ``<img>`` cannot send a header, so a camera's state carries the address with a token in it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable

from hub.core.bus import Unlisten
from hub.core.clock import Clock

DOMAINS = frozenset({"camera", "image"})
LIFESPAN = 300.0
"""Seconds for which a token is the newest; it is accepted for as long again."""


class PictureTokens:
    """One token for each entity with a picture, another every five minutes. ``run`` tells when they are due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._listeners: list[Callable[[], None]] = []

    def attributes(self, entity_id: str) -> dict[str, str]:
        """Return the attributes that lead to the entity's picture; none for an entity that has no pictures."""
        domain = entity_id.partition(".")[0]
        if domain not in DOMAINS:
            return {}
        token = self._token(entity_id, self._period())
        return {"access_token": token, "entity_picture": f"/api/{domain}_proxy/{entity_id}?token={token}"}

    def accepts(self, entity_id: str, token: str) -> bool:
        """Say whether this is the entity's token, the newest or the one before."""
        now = self._period()
        good = [self._token(entity_id, period) for period in (now, now - 1)]
        return any(hmac.compare_digest(token.encode(errors="replace"), one.encode()) for one in good)

    def on_renewed(self, callback: Callable[[], None]) -> Unlisten:
        """Call ``callback`` whenever there are new tokens, until the returned function is called."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    async def run(self) -> None:
        """Tell those who listen of new tokens, until cancelled."""
        while True:
            await self._clock.sleep(LIFESPAN - self._clock.time() % LIFESPAN)
            for callback in tuple(self._listeners):
                callback()

    def _period(self) -> int:
        return int(self._clock.time() // LIFESPAN)

    def _token(self, entity_id: str, period: int) -> str:
        return hmac.new(self._key, f"{entity_id} {period}".encode(), hashlib.sha256).hexdigest()
