"""Logging in: who somebody is, and the tokens that say so afterwards."""

from __future__ import annotations

import logging
from pathlib import Path
from types import TracebackType
from typing import Self

from hub.core.clock import Clock
from hub.core.ports import Audit, Principal
from hub.database import Database
from hub.errors import AuthenticationFailed, InvalidInput, NotFound, Refused, StorageError
from hub.security.audited import audited
from hub.security.auth_tables import PRAGMAS, SCHEMA
from hub.security.codes import AuthCodes, WelcomeCode
from hub.security.limits import LoginAttempts, canonical_address
from hub.security.passwords import Passwords
from hub.security.tokens import Revoked, Token, TokenKind, Tokens, Unlisten
from hub.security.users import Role, User, Users, normalized

ACCESS_SECONDS = 1800.0
_REFRESH_SECONDS = 90 * 86_400.0
_DAY = 86_400.0
_FOLLOW_INTERVAL = 1.0
_TIDY_EVERY = 60
_MOST_NAME = 100
_MOST_CLIENT_ID = 500

_log = logging.getLogger(__name__)


class Auth:
    """Users, their tokens, and the ways to get one.

    Use it as ``async with Auth(path, clock, audit)``; ``run`` follows changes that another program makes to the file
    (``hearth token create``) and notes when tokens were used. Without ``audit`` nothing is audited: for programs that work
    beside a running hub, which audits what it finds changed.
    """

    def __init__(
        self, path: Path, clock: Clock, audit: Audit | None = None, *, passwords: Passwords | None = None
    ) -> None:
        self._clock = clock
        self._audit = audit
        self._database = Database(path, SCHEMA, pragmas=PRAGMAS)
        self._attempts = LoginAttempts(clock)
        self._codes = AuthCodes(clock)
        self._welcome = WelcomeCode()
        self.users = Users(self._database, passwords or Passwords(), clock)
        self.tokens = Tokens(self._database, clock)

    def welcome_code(self) -> str | None:
        """Return the code that creates the owner, the same for as long as the process runs; None once there is one."""
        return None if self.users.owner() else self._welcome.show()

    async def create_owner(
        self, code: str, name: str, username: str, password: str, language: str, *, client_id: str, address: str
    ) -> str:
        """Create the owner and return an auth code for ``client_id``, as ``login`` does.

        Raises Refused if there is an owner or after too many attempts, AuthenticationFailed for a wrong code, InvalidInput
        for names or a password that will not do.
        """
        if self.users.owner() is not None:
            raise Refused("Expected a house without an owner, but this one has its owner: log in instead")
        _check_client_id(client_id)
        self._attempts.take(address)
        if not self._welcome.fits(code):
            raise AuthenticationFailed("Expected the code that the hub printed when it started")
        self._attempts.give_back(address)
        with audited(self._audit, "user", normalized(username), None, {"created": Role.OWNER}):
            owner = await self.users.add(
                name=name, username=username, password=password, role=Role.OWNER, language=language
            )
        self._welcome.use_up()
        return self._codes.issue(owner.user_id, client_id)

    async def login(
        self, username: str, password: str, client_id: str, address: str, *, challenge: str | None = None
    ) -> str:
        """Return an auth code for ``client_id``, good once within 10 minutes; with a PKCE ``challenge`` bound to that too.

        Raises AuthenticationFailed; Refused with the placeholder ``retry_after`` in seconds after too many attempts from
        one address or for one user; InvalidInput for a client id that will not do.
        """
        _check_client_id(client_id)
        username = normalized(username)
        self._attempts.take(address, username)
        user = self.users.named(username)
        subject = username if user else "unknown user"  # people type passwords into the wrong field
        detail = {"address": canonical_address(address), "client": client_id}
        with audited(self._audit, "login", subject, user, detail):
            user = await self.users.verify(username, password)
            if user is None:
                raise AuthenticationFailed("Expected the name of a user and their password")
        self._attempts.give_back(address, username)
        return self._codes.issue(user.user_id, client_id, challenge)

    async def exchange(
        self, code: str, client_id: str, address: str | None = None, *, verifier: str | None = None
    ) -> tuple[str, str]:
        """Return an access token and a refresh token for an auth code; ``verifier`` is what PKCE's challenge was made of.

        Raises AuthenticationFailed.
        """
        user = self._active_user(self._codes.redeem(code, client_id, verifier))
        with audited(self._audit, "token", TokenKind.REFRESH, user, {"created": client_id}):
            token, refresh_token = await self.tokens.issue(
                TokenKind.REFRESH, user.user_id, lifespan=_REFRESH_SECONDS, client_id=client_id
            )
        self.tokens.touch(token, address=address)
        return await self._issue_access(token), refresh_token

    async def refresh(self, refresh_token: str, client_id: str, address: str | None = None) -> str:
        """Return a new access token; the refresh token lives for another 90 days.

        Raises AuthenticationFailed.
        """
        token = self.tokens.find(refresh_token, TokenKind.REFRESH)
        if token is None or token.client_id != client_id:
            raise AuthenticationFailed("Expected a refresh token of this client, neither expired nor revoked")
        self._active_user(token.user_id)
        self.tokens.touch(token, address=address, lifespan=_REFRESH_SECONDS)
        return await self._issue_access(token)

    async def create_long_lived(
        self, user_id: str, name: str, lifespan_days: float = 3650.0, *, by: User | None = None
    ) -> str:
        """Return a new token for a program; its text can never be shown again. ``by`` is who makes it, if not the user.

        Raises NotFound; InvalidInput for a name that is empty or taken, or a lifespan of less than a day.
        """
        user, name = self.users.require(user_id), name.strip()
        self._check_long_lived(user, name, lifespan_days)
        detail = {"created": name} if by is None else {"created": name, "for": user.label}
        with audited(self._audit, "token", TokenKind.LONG_LIVED, by or user, detail):
            lifespan = lifespan_days * _DAY
            _, secret = await self.tokens.issue(TokenKind.LONG_LIVED, user_id, lifespan=lifespan, name=name)
        return secret

    async def create_for_owner(self, name: str, lifespan_days: float = 3650.0) -> str:
        """Return a new token of the owner for a program, as ``create_long_lived`` does.

        Raises NotFound, with the remedy, before there is an owner.
        """
        owner = self.users.owner()
        if owner is None:
            raise NotFound("Expected an owner to be there: create it first, with the link that 'hearth run' prints")
        return await self.create_long_lived(owner.user_id, name, lifespan_days)

    def principal_for(self, token: str) -> Principal | None:
        """Return who holds this access token or long-lived token, or None."""
        known = self.tokens.find(token, TokenKind.ACCESS, TokenKind.LONG_LIVED)
        user = self.users.get(known.user_id) if known else None
        if known is None or user is None or not user.active:
            return None
        if known.kind is TokenKind.LONG_LIVED:
            self.tokens.touch(known)
        return Principal(user_id=user.user_id, name=user.name, role=user.role, token_id=known.session_id)

    def principal_of(self, session_id: str) -> Principal | None:
        """Return whose session this is (``Principal.token_id``) while it lasts, or None."""
        token = self.tokens.session(session_id)
        user = self.users.get(token.user_id) if token else None
        if user is None or not user.active:
            return None
        return Principal(user_id=user.user_id, name=user.name, role=user.role, token_id=session_id)

    async def authenticate(self, name: str, secret: str) -> Principal | None:
        """Return who has this long-lived token, whatever the name, or None."""
        return self.principal_for(secret) if self.tokens.find(secret, TokenKind.LONG_LIVED) else None

    def list_tokens(self, user_id: str) -> list[Token]:
        """Return the user's refresh and long-lived tokens, without their texts."""
        return self.tokens.of_user(user_id)

    async def revoke(self, token: str) -> None:
        """End a token given by its text, with the session that it belongs to; nothing happens if there is none."""
        known = self.tokens.find(token, *TokenKind)
        if known is not None:
            await self.revoke_session(known.session_id, by=self.users.get(known.user_id))

    async def revoke_session(self, session_id: str, by: User | None = None) -> None:
        """End a refresh or long-lived token given by its id, with what came from it; those who listen are told at once."""
        with audited(self._audit, "token", session_id, by, {"revoked": True}):
            await self.tokens.revoke([session_id])

    def on_revoked(self, session_id: str, callback: Revoked) -> Unlisten:
        """Call ``callback`` when what the session (``Principal.token_id``) holds open has to be closed.

        It was revoked, it expired, or its user has other rights from now on.
        """
        return self.tokens.on_revoked(session_id, callback)

    def interrupt(self, user_id: str) -> None:
        """Close what the user's sessions hold open; the tokens stay, so that clients come back with the rights of now."""
        self.tokens.interrupt(token.token_id for token in self.tokens.of_user(user_id))

    async def set_active(self, user_id: str, active: bool, by: User | None = None) -> None:
        """Let a user in or keep them out; keeping them out ends all their tokens.

        Raises NotFound; InvalidInput for the owner.
        """
        with audited(self._audit, "user", self.users.require(user_id).label, by, {"active": active}):
            await self.users.update(user_id, active=active)
            if not active:
                await self.tokens.revoke(token.token_id for token in self.tokens.of_user(user_id))

    async def set_password(
        self, user_id: str, password: str | None, by: User | None = None, *, keep: str | None = None
    ) -> None:
        """Change a password (None: no more logging in by it), which ends the user's sessions but ``keep``.

        Long-lived tokens stay. Raises NotFound; InvalidInput for a weak password.
        """
        with audited(self._audit, "user", self.users.require(user_id).label, by, {"changed": "password"}):
            await self.users.set_password(user_id, password)
            sessions = [token for token in self.tokens.of_user(user_id) if token.kind is TokenKind.REFRESH]
            await self.tokens.revoke(token.token_id for token in sessions if token.token_id != keep)

    async def change_password(self, user_id: str, current: str, password: str, *, session_id: str | None) -> None:
        """Change one's own password; one's other sessions end.

        Raises NotFound for somebody without one, AuthenticationFailed if ``current`` is wrong, Refused after too many
        attempts, InvalidInput for a weak password.
        """
        user = self.users.require(user_id)
        if user.username is None or not self.users.has_password(user_id):
            raise NotFound(f"Expected a user with a password, but {user.name} has none")
        self._attempts.take(f"user:{user_id}", user.username)
        if await self.users.verify(user.username, current) is None:
            raise AuthenticationFailed("Expected the current password")
        self._attempts.give_back(f"user:{user_id}", user.username)
        await self.set_password(user_id, password, user, keep=session_id)

    async def remove_user(self, user_id: str, by: User | None = None) -> None:
        """Remove a user with all their tokens.

        Raises NotFound; InvalidInput for the owner.
        """
        with audited(self._audit, "user", self.users.require(user_id).label, by, {"removed": True}):
            mine = [token.token_id for token in self.tokens.of_user(user_id)]
            await self.users.remove(user_id)
            await self.tokens.revoke(mine)

    async def open(self) -> None:
        """Open the file and read users and tokens.

        Raises StorageError. A damaged file is not replaced by a new one: anybody could become the owner then.
        """
        await self._database.open()
        try:
            await self.users.load()
            await self.tokens.load()
            await self.tokens.follow()
        except BaseException:
            await self._database.close()
            raise

    async def run(self) -> None:
        """Follow changes from outside and tidy up, until cancelled."""
        rounds = 0
        while True:
            await self._clock.sleep(_FOLLOW_INTERVAL)
            rounds += 1
            try:
                await self._follow()
                if rounds % _TIDY_EVERY == 0:
                    await self.tokens.tidy()
            except StorageError as error:
                _log.warning("Users and tokens could not be brought up to date: %s", error)

    async def close(self) -> None:
        """Note when tokens were used and close the file."""
        try:
            await self.tokens.tidy()
        except StorageError as error:
            _log.warning("The last use of tokens could not be noted: %s", error)
        finally:
            await self._database.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _follow(self) -> None:
        before = {token.token_id: token for user in self.users for token in self.tokens.of_user(user.user_id)}
        if not await self.tokens.follow():
            return
        known = {user.user_id: user for user in self.users}
        await self.users.load()
        for user in self.users:
            if user != known.get(user.user_id):
                self.interrupt(user.user_id)
        after = {token.token_id: token for user in self.users for token in self.tokens.of_user(user.user_id)}
        for token_id in before.keys() ^ after.keys():
            token = after.get(token_id) or before[token_id]
            detail = {"created" if token_id in after else "revoked": token.name, "outside": True}
            with audited(self._audit, "token", token.kind, self.users.get(token.user_id), detail):
                pass

    async def _issue_access(self, parent: Token) -> str:
        _, secret = await self.tokens.issue(
            TokenKind.ACCESS,
            parent.user_id,
            lifespan=ACCESS_SECONDS,
            client_id=parent.client_id,
            parent_id=parent.token_id,
        )
        return secret

    def _active_user(self, user_id: str | None) -> User:
        user = self.users.get(user_id)
        if user is None or not user.active:
            raise AuthenticationFailed("Expected a good auth code or token of a user who may log in")
        return user

    def _check_long_lived(self, user: User, name: str, lifespan_days: float) -> None:
        if not 0 < len(name) <= _MOST_NAME or not name.isprintable():
            raise InvalidInput(f"Expected 1 to {_MOST_NAME} printable characters, got {name!r}", path=("client_name",))
        if any(token.name == name for token in self.tokens.of_user(user.user_id)):
            raise InvalidInput(f"Expected a name that no token of {user.name} has, got {name!r}", path=("client_name",))
        if not 1 <= lifespan_days <= 36_500:
            raise InvalidInput(f"Expected a lifespan of 1 to 36500 days, got {lifespan_days}", path=("lifespan",))


def _check_client_id(client_id: str) -> None:
    if not 0 < len(client_id) <= _MOST_CLIENT_ID:
        raise InvalidInput(f"Expected a client id of 1 to {_MOST_CLIENT_ID} characters", path=("client_id",))
