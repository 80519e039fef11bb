"""Tokens: random texts of which only the hash is kept."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from hub.core.clock import Clock
from hub.core.ids import new_id
from hub.database import Database
from hub.security.auth_tables import tokens

Unlisten = Callable[[], None]
Revoked = Callable[[], None]

_log = logging.getLogger(__name__)


class TokenKind(StrEnum):
    """What a token is for, and only for that; the value is in its prefix."""

    ACCESS = "access"
    REFRESH = "refresh"
    LONG_LIVED = "long_lived"


_PREFIXES = {TokenKind.ACCESS: "hearth_a_", TokenKind.REFRESH: "hearth_r_", TokenKind.LONG_LIVED: "hearth_l_"}


@dataclass(slots=True, kw_only=True)
class Token:
    """What is known of a token; not the token. ``parent_id`` is the refresh token that an access token came from."""

    token_id: str
    user_id: str
    kind: TokenKind
    name: str
    client_id: str | None
    parent_id: str | None
    created: float
    expires: float
    last_used: float | None = None
    last_address: str | None = None

    @property
    def session_id(self) -> str:
        """What a revocation names: the refresh token behind an access token, else the token itself."""
        return self.parent_id or self.token_id


class Tokens:
    """All tokens by their hash, in memory and in the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._by_hash: dict[bytes, Token] = {}
        self._used: dict[str, Token] = {}
        self._listeners: dict[str, tuple[Revoked, ...]] = {}
        self._version = -1

    async def load(self) -> None:
        """Read the tokens from the database; those that are gone from it are revoked here too."""
        rows = await self._database.call(lambda connection: connection.execute(select(tokens)).mappings().all())
        before = {token.session_id for token in self._by_hash.values()}
        self._by_hash = {row["hash"]: self._used.get(row["token_id"]) or _token(dict(row)) for row in rows}
        self._tell(before - {token.session_id for token in self._by_hash.values()})

    async def follow(self) -> bool:
        """Load again if another program has changed the database; say whether it had."""
        version = await self._database.call(_data_version)
        changed = self._version not in (-1, version)
        self._version = version
        if changed:
            await self.load()
        return changed

    async def issue(
        self,
        kind: TokenKind,
        user_id: str,
        *,
        lifespan: float,
        name: str = "",
        client_id: str | None = None,
        parent_id: str | None = None,
    ) -> tuple[Token, str]:
        """Make a token for so many seconds; return it and its text, which can never be shown again."""
        secret = _PREFIXES[kind] + secrets.token_urlsafe(32)
        now = self._clock.time()
        token = Token(
            token_id=new_id(),
            user_id=user_id,
            kind=kind,
            name=name,
            client_id=client_id,
            parent_id=parent_id,
            created=now,
            expires=now + lifespan,
        )
        row = {**asdict(token), "hash": _hash(secret)}
        await self._database.call(lambda connection: connection.execute(insert(tokens).values(row)))
        self._by_hash[row["hash"]] = token
        return token, secret

    def find(self, secret: str, *kinds: TokenKind) -> Token | None:
        """Return the token with this text if it is one of ``kinds`` and neither expired nor revoked."""
        token = self._by_hash.get(_hash(secret))  # what this takes tells of the hash at most, never of the token
        if token is None or token.kind not in kinds or token.expires <= self._clock.time():
            return None
        return token

    def session(self, session_id: str) -> Token | None:
        """Return the refresh or long-lived token of this id while it is good, or None."""
        now = self._clock.time()
        good = (token for token in self._by_hash.values() if token.token_id == session_id and token.expires > now)
        return next(good, None)

    def of_user(self, user_id: str) -> list[Token]:
        """Return the user's refresh and long-lived tokens that are still good."""
        now = self._clock.time()
        mine = (token for token in self._by_hash.values() if token.user_id == user_id and token.expires > now)
        return [token for token in mine if token.kind is not TokenKind.ACCESS]

    def touch(self, token: Token, *, address: str | None = None, lifespan: float | None = None) -> None:
        """Note that the token was used; ``lifespan`` lets it live on for so many seconds."""
        token.last_used = self._clock.time()
        if address is not None:
            token.last_address = address
        if lifespan is not None:
            token.expires = token.last_used + lifespan
        self._used[token.token_id] = token

    async def revoke(self, token_ids: Iterable[str]) -> None:
        """End these tokens and those that came from them: at once here, for good when this returns.

        Raises StorageError; they are ended in this process even then.
        """
        gone = set(token_ids)
        self._by_hash = {
            hash_: token
            for hash_, token in self._by_hash.items()
            if token.token_id not in gone and token.parent_id not in gone
        }
        for token_id in gone:
            self._used.pop(token_id, None)
        self._tell(gone)
        statement = delete(tokens).where(tokens.c.token_id.in_(gone))
        await self._database.call(lambda connection: connection.execute(statement))

    def on_revoked(self, session_id: str, callback: Revoked) -> Unlisten:
        """Call ``callback`` once, to close what the session holds open: it was revoked, expired or interrupted."""
        self._listeners[session_id] = (*self._listeners.get(session_id, ()), callback)

        def unlisten() -> None:
            left = tuple(item for item in self._listeners.get(session_id, ()) if item is not callback)
            if left:
                self._listeners[session_id] = left
            else:
                self._listeners.pop(session_id, None)

        return unlisten

    def interrupt(self, session_ids: Iterable[str]) -> None:
        """Close what these sessions hold open, without ending them."""
        self._tell(session_ids)

    async def tidy(self) -> None:
        """Write down which tokens were used, and delete those that have expired."""
        used, self._used = list(self._used.values()), {}
        await self._database.call(lambda connection: _save_use(connection, used))
        now = self._clock.time()
        expired = [token.token_id for token in self._by_hash.values() if token.expires <= now]
        if expired:
            await self.revoke(expired)

    def _tell(self, session_ids: Iterable[str]) -> None:
        for session_id in session_ids:
            for callback in self._listeners.pop(session_id, ()):
                try:
                    callback()
                except Exception:  # noqa: BLE001 - boundary: one socket's failure must not keep others open
                    _log.exception("Closing what a revoked token held open failed")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def _token(row: dict[str, Any]) -> Token:
    del row["hash"]
    return Token(**{**row, "kind": TokenKind(row["kind"])})


def _data_version(connection: Connection) -> int:
    """Return a number that changes when another connection has written."""
    return int(connection.execute(text("PRAGMA data_version")).scalar_one())


def _save_use(connection: Connection, used: Iterable[Token]) -> None:
    rows = [
        {"id": token.token_id, "used": token.last_used, "address": token.last_address, "until": token.expires}
        for token in used
    ]
    if rows:
        statement = update(tokens).where(tokens.c.token_id == bindparam("id"))
        values: dict[str, Any] = {
            "last_used": bindparam("used"),
            "last_address": bindparam("address"),
            "expires": bindparam("until"),
        }
        connection.execute(statement.values(values), rows)
