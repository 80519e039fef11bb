"""Paths signed for a short time: a browser can then fetch them without a header, as for an ``<img>`` or a download."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import orjson

from hub.core.clock import Clock
from hub.core.ports import Principal
from hub.errors import InvalidInput

PARAMETER = "authSig"
_HEADER = {"alg": "HS256", "typ": "JWT"}


class SignedPaths:
    """Signs paths and knows whose signature it was. The key is the process's own: a restart ends all of them."""

    def __init__(self, clock: Clock, principal_of: Callable[[str], Principal | None]) -> None:
        self._clock = clock
        self._principal_of = principal_of
        self._key = secrets.token_bytes(32)

    def sign(self, path: str, session_id: str, seconds: float) -> str:
        """Return the path with a signature of that session, good for so many seconds.

        Raises InvalidInput if it is no path of the hub.
        """
        parts = urlsplit(path)
        if parts.scheme or parts.netloc or not parts.path.startswith("/"):
            raise InvalidInput(f"Expected a path of this hub such as /api/states, got {path!r}", path=("path",))
        query = parse_qsl(parts.query, keep_blank_values=True)
        now = int(self._clock.time())
        claims = {"iss": session_id, "path": unquote(parts.path), "params": query, "iat": now, "exp": now + seconds}
        signed = urlencode([*query, (PARAMETER, self._token(claims))])
        return f"{quote(unquote(parts.path))}?{signed}"

    def principal(self, path: str, query: Mapping[str, str]) -> Principal | None:
        """Return who signed this path and query, while their session lasts, or None."""
        claims = self._claims(query.get(PARAMETER, ""))
        if claims is None or claims["exp"] <= self._clock.time():
            return None
        params = [[key, value] for key, value in query.items() if key != PARAMETER]
        if claims["path"] != path or claims["params"] != params:
            return None
        return self._principal_of(claims["iss"])

    def _token(self, claims: Mapping[str, Any]) -> str:
        text = f"{_encoded(orjson.dumps(_HEADER))}.{_encoded(orjson.dumps(claims))}"
        return f"{text}.{self._signature(text)}"

    def _claims(self, token: str) -> dict[str, Any] | None:
        text, _, signature = token.rpartition(".")
        if not text or not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            return None
        try:
            claims: dict[str, Any] = orjson.loads(_decoded(text.partition(".")[2]))
        except (binascii.Error, orjson.JSONDecodeError):
            return None
        return claims

    def _signature(self, text: str) -> str:
        return _encoded(hmac.new(self._key, text.encode(errors="replace"), hashlib.sha256).digest())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
