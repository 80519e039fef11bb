"""Codes that are good once: to exchange for tokens, and to create the owner."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from hub.core.clock import Clock
from hub.errors import AuthenticationFailed, InvalidInput

_LIFESPAN = 600.0
_MOST = 1000


_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    user_id: str
    client_id: str
    challenge: str | None
    expires: float


class AuthCodes:
    """Codes that a user got by logging in, bound to the client that will exchange them; each for 10 minutes.

    With a PKCE ``challenge`` (RFC 7636, S256) only who knows the verifier behind it can exchange the code.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, _Known] = {}

    def issue(self, user_id: str, client_id: str, challenge: str | None = None) -> str:
        """Return a new code."""
        now = self._clock.monotonic()
        self._codes = {code: known for code, known in self._codes.items() if known.expires > now}
        if len(self._codes) >= _MOST:
            self._codes.pop(next(iter(self._codes)))
        code = secrets.token_urlsafe(32)
        self._codes[code] = _Known(user_id=user_id, client_id=client_id, challenge=challenge, expires=now + _LIFESPAN)
        return code

    def redeem(self, code: str, client_id: str, verifier: str | None = None) -> str | None:
        """Return the user's id if the code is good and was made for this client; it is used up in any case.

        Raises AuthenticationFailed, with OAuth's ``error``, if the verifier is not the one behind the code's challenge.
        """
        known = self._codes.pop(code, None)
        if known is None or known.expires <= self._clock.monotonic() or known.client_id != client_id:
            return None
        if (known.challenge is None) != (verifier is None):
            wanted = "a code_verifier" if known.challenge else "no code_verifier, for there was no code_challenge"
            raise AuthenticationFailed(f"Expected {wanted}: log in again", error="invalid_request")
        if known.challenge is not None and not hmac.compare_digest(known.challenge, s256(verifier or "")):
            raise AuthenticationFailed("Expected the code_verifier of this login: log in again", error="invalid_grant")
        return known.user_id


def checked_challenge(challenge: object, method: object) -> str | None:
    """Return a PKCE challenge that can be used, or None where there is none.

    Raises InvalidInput for another method than S256, or a challenge that cannot be one.
    """
    if challenge is None and method is None:
        return None
    if method != "S256":
        raise InvalidInput(f"Expected the code_challenge_method S256, got {method!r}", path=("code_challenge_method",))
    if not isinstance(challenge, str) or not _CHALLENGE.match(challenge):
        raise InvalidInput("Expected a code_challenge of 43 characters of base64url", path=("code_challenge",))
    return challenge


def s256(verifier: str) -> str:
    """Return the PKCE challenge of a verifier.

    >>> s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    digest = hashlib.sha256(verifier.encode(errors="replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


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
