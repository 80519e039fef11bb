"""Accounts: users added, changed and removed. Audited, announced, and in force at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.core.bus import EventBus
from hub.core.callers import Capability
from hub.core.clock import Clock
from hub.core.context import Context
from hub.core.events import Event
from hub.core.ports import Audit
from hub.errors import InvalidInput, NotFound, Refused
from hub.security.audited import audited
from hub.security.auth import Auth
from hub.security.grants import write_grants
from hub.security.users import Role, User, normalized

USER_ADDED = "user_added"
USER_UPDATED = "user_updated"
USER_REMOVED = "user_removed"
_IN_FORCE = ("role", "capabilities")
"""What is looked up anew when it changes: connections made before are closed."""


class Accounts:
    """Changes users in somebody's name: ``by``, or None for whoever owns the configuration folder.

    The owner's account is changed by the owner alone.
    """

    def __init__(self, auth: Auth, audit: Audit | None, bus: EventBus, clock: Clock) -> None:
        self._auth = auth
        self._users = auth.users
        self._audit = audit
        self._bus = bus
        self._clock = clock

    async def create(
        self,
        *,
        name: str,
        role: Role,
        by: User | None,
        username: str | None = None,
        password: str | None = None,
        language: str = "en",
        capabilities: tuple[Capability, ...] | None = None,
    ) -> User:
        """Add a user: with a username and a password, or with neither.

        Raises InvalidInput.
        """
        _check_credentials(role, username, password)
        detail = {"created": role, "capabilities": write_grants(capabilities)}
        with audited(self._audit, "user", normalized(username or name), by, detail):
            user = await self._users.add(
                name=name,
                username=username,
                password=password,
                role=role,
                language=language,
                capabilities=capabilities,
            )
        self._announce(USER_ADDED, user.user_id)
        return user

    async def update(self, user_id: str, by: User | None, **changes: Any) -> User:
        """Change ``name``, ``role``, ``language``, ``active`` or ``capabilities``.

        Whoever gets another role or other capabilities has them from the next connection on, and connections that are
        open are closed; being put out of action ends all tokens. Raises NotFound, InvalidInput, Refused.
        """
        user = self._changeable(user_id, by)
        if changes.get("role") in (Role.OWNER, Role.ADMIN):
            changes.setdefault("capabilities", None)
        changes = {key: value for key, value in changes.items() if getattr(user, key) != value}
        _check_credentials(changes.get("role", user.role), user.username, user.username)
        active = changes.pop("active", None)
        if changes:
            with audited(self._audit, "user", user.label, by, {"changed": _shown(changes)}):
                await self._users.update(user_id, **changes)
        if active is not None:
            await self._auth.set_active(user_id, active, by)
        if any(key in changes for key in _IN_FORCE):
            self._auth.interrupt(user_id)
        self._announce(USER_UPDATED, user_id)
        return self._users.require(user_id)

    async def remove(self, user_id: str, by: User | None) -> None:
        """Remove a user with all tokens.

        Raises NotFound; Refused for the owner, who stays.
        """
        user = self._changeable(user_id, by)
        if user.role is Role.OWNER:
            raise Refused("Expected a user other than the owner, who stays")
        await self._auth.remove_user(user_id, by)
        self._announce(USER_REMOVED, user_id)

    async def set_credentials(self, user_id: str, username: str, password: str, by: User | None) -> None:
        """Let somebody log in who could not until now.

        Raises NotFound; InvalidInput for a program, for a name that is taken, or for somebody who has a username.
        """
        user = self._changeable(user_id, by)
        if user.username is not None:
            raise InvalidInput(f"Expected a user without a username, but {user.name} is {user.username}")
        _check_credentials(user.role, username, password)
        with audited(self._audit, "user", normalized(username), by, {"changed": {"username": normalized(username)}}):
            await self._users.update(user_id, username=username)
            try:
                await self._users.set_password(user_id, password)
            except InvalidInput:
                await self._users.update(user_id, username=None)
                raise
        self._announce(USER_UPDATED, user_id)

    async def rename_login(self, user_id: str, username: str, by: User | None) -> None:
        """Give somebody another username.

        Raises NotFound, InvalidInput, Refused.
        """
        user = self._with_credentials(user_id, by)
        with audited(self._audit, "user", user.label, by, {"changed": {"username": normalized(username)}}):
            await self._users.update(user_id, username=username)
        self._announce(USER_UPDATED, user_id)

    async def remove_credentials(self, username: str, by: User | None) -> None:
        """Let a user log in no more by name and password; sessions end, tokens of programs stay.

        Raises NotFound, Refused.
        """
        user = self._users.named(username)
        if user is None:
            raise NotFound(f"Expected the name of a user, got {username!r}")
        self._changeable(user.user_id, by)
        if user.role is Role.OWNER:
            raise Refused("Expected a user other than the owner, who has to be able to log in")
        await self._auth.set_password(user.user_id, None, by)
        await self._users.update(user.user_id, username=None)
        self._announce(USER_UPDATED, user.user_id)

    async def set_password(self, user_id: str, password: str, by: User | None) -> None:
        """Give somebody another password, which ends their sessions.

        Raises NotFound for somebody without a username, InvalidInput for a weak password, Refused.
        """
        user = self._with_credentials(user_id, by)
        await self._auth.set_password(user.user_id, password, by)

    async def create_token(self, user_id: str, name: str, days: float, by: User | None) -> str:
        """Return a new token for a program: nobody makes tokens for other people.

        Raises NotFound; InvalidInput for somebody who is no program, or for a name that will not do.
        """
        self.program(user_id)
        return await self._auth.create_long_lived(user_id, name, days, by=by)

    async def delete_token(self, user_id: str, token_id: str, by: User | None) -> None:
        """End a token of a program.

        Raises NotFound, InvalidInput.
        """
        self.program(user_id)
        if token_id not in [token.token_id for token in self._auth.list_tokens(user_id)]:
            raise NotFound(f"Expected the id of one of its tokens, got {token_id!r}")
        await self._auth.revoke_session(token_id, by)

    def program(self, user_id: str) -> User:
        """Return the user of this id, who is a program.

        Raises NotFound, InvalidInput.
        """
        user = self._users.require(user_id)
        if user.role is not Role.SERVICE:
            raise InvalidInput(f"Expected a user with the role service, but {user.name} is {user.role}")
        return user

    def _changeable(self, user_id: str, by: User | None) -> User:
        user = self._users.require(user_id)
        if user.role is Role.OWNER and by is not None and by.user_id != user_id:
            raise Refused("Expected the owner to change the owner's account: nobody else may")
        return user

    def _with_credentials(self, user_id: str, by: User | None) -> User:
        user = self._changeable(user_id, by)
        if user.username is None:
            raise NotFound(f"Expected a user with a username, but {user.name} has none: give them one first")
        return user

    def _announce(self, type_: str, user_id: str) -> None:
        self._bus.publish(Event(type_, {"user_id": user_id}, Context("security"), self._clock.time()))


def _check_credentials(role: Role, username: str | None, password: str | None) -> None:
    if (username is None) != (password is None):
        raise InvalidInput("Expected a username with a password, or neither", path=("password",))
    if role is Role.SERVICE and username is not None:
        raise InvalidInput("Expected no username for a program: it comes in by tokens", path=("username",))


def _shown(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: write_grants(value) if key == "capabilities" else value for key, value in changes.items()}
