"""Passwords: hashed with argon2, off the event loop."""

from __future__ import annotations

import asyncio
import base64
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.errors import InvalidInput

LEAST_CHARACTERS = 8
_MOST_CHARACTERS = 1024
_AT_ONCE = 2  # each takes 64 MiB and a core for a while


class Passwords:
    """Hashes and checks passwords. ``hasher`` sets the cost; hashes of another cost are still understood."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = asyncio.Semaphore(_AT_ONCE)
        self.nobody = _impossible(self._hasher)

    async def hash(self, password: str) -> str:
        """Return the hash to keep.

        Raises InvalidInput if the password is too short or too long.
        """
        if not LEAST_CHARACTERS <= len(password) <= _MOST_CHARACTERS:
            raise InvalidInput(
                f"Expected a password of {LEAST_CHARACTERS} to {_MOST_CHARACTERS} characters, got {len(password)}",
                path=("password",),
            )
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, _bytes(password))

    async def check(self, hash_: str, password: str) -> bool:
        """Say whether the password belongs to the hash. It takes as long where it does not."""
        if len(password) > _MOST_CHARACTERS:
            return False
        async with self._room:
            return await asyncio.to_thread(self._check, hash_, password)

    def is_outdated(self, hash_: str) -> bool:
        """Say whether the hash should be made anew at the next chance, because the cost is another now."""
        return self._hasher.check_needs_rehash(hash_)

    def _check(self, hash_: str, password: str) -> bool:
        try:
            return self._hasher.verify(hash_, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")


def _impossible(hasher: PasswordHasher) -> str:
    """Return a hash that no password has: checking against it takes as long as for a user who exists."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=")
        for length in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
