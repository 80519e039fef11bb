"""Codes that are good once: to exchange for tokens, and to create the owner."""

from __future__ import annotations

import hmac
import secrets

from hub.core.clock import Clock

_LIFESPAN = 600.0
_MOST = 1000


class AuthCodes:
    """Codes that a user got by logging in, bound to the client that will exchange them; each for 10 minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, tuple[str, str, float]] = {}

    def issue(self, user_id: str, client_id: str) -> str:
        """Return a new code."""
        now = self._clock.monotonic()
        self._codes = {code: known for code, known in self._codes.items() if known[2] > now}
        if len(self._codes) >= _MOST:
            self._codes.pop(next(iter(self._codes)))
        code = secrets.token_urlsafe(32)
        self._codes[code] = (user_id, client_id, now + _LIFESPAN)
        return code

    def redeem(self, code: str, client_id: str) -> str | None:
        """Return the user's id if the code is good and was made for this client; it is used up in any case."""
        user_id, made_for, expires = self._codes.pop(code, ("", "", 0.0))
        good = expires > self._clock.monotonic() and made_for == client_id
        return user_id if good else None


class WelcomeCode:
    """The code that creates the owner: shown on the console, good once, gone with the process."""

    def __init__(self) -> None:
        self._code: str | None = None

    def show(self) -> str:
        """Return the code, made at the first call."""
        if self._code is None:
            self._code = secrets.token_urlsafe(24)
        return self._code

    def fits(self, code: str) -> bool:
        """Say whether this is the code."""
        return self._code is not None and hmac.compare_digest(self._code.encode(), code.encode(errors="replace"))

    def use_up(self) -> None:
        """Accept the code no more."""
        self._code = None
