"""Users: who may log in, and as what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from hub.core.callers import Capability
from hub.core.clock import Clock
from hub.core.ids import new_id
from hub.database import Database
from hub.errors import InvalidInput, NotFound
from hub.security.auth_tables import users
from hub.security.grants import parse_grants, write_grants
from hub.security.passwords import Passwords

_MOST_CHARACTERS = 100


class Role(StrEnum):
    """What a user is to the house; ``service`` is a program."""

    OWNER = "owner"
    ADMIN = "admin"
    USER = "user"
    GUEST = "guest"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may log in while ``active``; without a username and password only by tokens.

    ``capabilities`` is what they were granted: None leaves what the role gives without a grant.
    """

    user_id: str
    username: str | None
    name: str
    role: Role
    language: str = "en"
    active: bool = True
    created: float = 0.0
    capabilities: tuple[Capability, ...] | None = None

    @property
    def label(self) -> str:
        """What the audit log calls them."""
        return self.username or self.name

    @property
    def is_admin(self) -> bool:
        """True for those who may change the house: owner and admins."""
        return self.role in (Role.OWNER, Role.ADMIN)


class Users:
    """All users, in memory and in the database."""

    def __init__(self, database: Database, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock
        self._users: dict[str, User] = {}
        self._hashes: dict[str, str | None] = {}

    async def load(self) -> None:
        """Read the users from the database."""
        rows = await self._database.call(lambda connection: connection.execute(select(users)).mappings().all())
        self._users = {row["user_id"]: _user(dict(row)) for row in rows}
        self._hashes = {row["user_id"]: row["password"] for row in rows}

    def get(self, user_id: str | None) -> User | None:
        """Return the user, or None."""
        return self._users.get(user_id) if user_id is not None else None

    def require(self, user_id: str) -> User:
        """Return the user.

        Raises NotFound.
        """
        user = self._users.get(user_id)
        if user is None:
            raise NotFound(f"Expected the id of a user, got {user_id!r}")
        return user

    def named(self, username: str) -> User | None:
        """Return the user with this username, in any case, or None."""
        return next((user for user in self if user.username == normalized(username)), None)

    def owner(self) -> User | None:
        """Return the owner, or None before there is one."""
        return next((user for user in self if user.role is Role.OWNER), None)

    def __iter__(self) -> Iterator[User]:
        return iter(list(self._users.values()))

    async def add(
        self,
        *,
        name: str,
        username: str | None,
        password: str | None,
        role: Role = Role.USER,
        language: str = "en",
        capabilities: tuple[Capability, ...] | None = None,
    ) -> User:
        """Add a user.

        Raises InvalidInput for a name that is taken or empty, a weak password, grants that do not fit the role, or a second
        owner.
        """
        username = None if username is None else normalized(username)
        self._check_new(name, username, role)
        _check_grants(role, capabilities)
        hash_ = None if password is None else await self._passwords.hash(password)
        self._check_new(name, username, role)  # somebody may have been quicker
        user = User(
            user_id=new_id(),
            username=username,
            name=name.strip(),
            role=role,
            language=language,
            created=self._clock.time(),
            capabilities=capabilities,
        )
        self._users[user.user_id], self._hashes[user.user_id] = user, hash_
        try:
            row = {
                **_row({field.name: getattr(user, field.name) for field in dataclasses.fields(user)}, user.user_id),
                "password": hash_,
            }
            await self._database.call(lambda connection: connection.execute(insert(users).values(row)))
        except BaseException:
            self._forget(user.user_id)
            raise
        return user

    async def verify(self, username: str, password: str) -> User | None:
        """Return the active user with this name and password, or None; it takes as long either way."""
        user = self.named(username)
        hash_ = self._hashes.get(user.user_id) if user else None
        right = await self._passwords.check(hash_ or self._passwords.nobody, password)
        user = self.named(username)  # what may have changed meanwhile
        if not right or user is None or not user.active or self._hashes.get(user.user_id) != hash_ or hash_ is None:
            return None
        if self._passwords.is_outdated(hash_):
            await self.set_password(user.user_id, password)
        return user

    def has_password(self, user_id: str) -> bool:
        """Say whether the user can log in by a password."""
        return self._hashes.get(user_id) is not None

    async def set_password(self, user_id: str, password: str | None) -> None:
        """Give the user another password, or none.

        Raises NotFound, or InvalidInput for a weak password.
        """
        self.require(user_id)
        hash_ = None if password is None else await self._passwords.hash(password)
        await self._write(user_id, password=hash_)
        self._hashes[user_id] = hash_

    async def update(self, user_id: str, **changes: Any) -> User:
        """Change ``name``, ``username``, ``role``, ``language``, ``active`` or ``capabilities``.

        Raises NotFound; InvalidInput for changing the owner's role, putting the owner out of action, a name that will not
        do, or grants that do not fit the role.
        """
        if changes.get("username") is not None:
            changes["username"] = normalized(changes["username"])
        self._check_names(changes.get("name"), changes.get("username"), but=user_id)
        user = dataclasses.replace(self.require(user_id), **changes)
        _check_grants(user.role, user.capabilities)
        if (self.require(user_id).role is Role.OWNER) != (user.role is Role.OWNER) or not self._may_rest(user):
            raise InvalidInput("Expected the owner to stay the owner and active: there is exactly one")
        await self._write(user_id, **_row(changes, user_id))
        self._users[user_id] = user
        return user

    async def remove(self, user_id: str) -> None:
        """Remove a user with all tokens.

        Raises NotFound; InvalidInput for the owner.
        """
        if self.require(user_id).role is Role.OWNER:
            raise InvalidInput("Expected a user other than the owner, who stays")
        self._forget(user_id)
        await self._database.call(
            lambda connection: connection.execute(delete(users).where(users.c.user_id == user_id))
        )

    def _check_names(self, name: str | None, username: str | None, *, but: str | None = None) -> None:
        for field, value in (("name", name and name.strip()), ("username", username)):
            if value is not None and (not 0 < len(value) <= _MOST_CHARACTERS or not value.isprintable()):
                raise InvalidInput(
                    f"Expected 1 to {_MOST_CHARACTERS} printable characters, got {value!r}", path=(field,)
                )
        taken = None if username is None else self.named(username)
        if taken is not None and taken.user_id != but:
            raise InvalidInput(f"Expected a username that is not taken, got {username!r}", path=("username",))

    def _check_new(self, name: str, username: str | None, role: Role) -> None:
        self._check_names(name, username)
        if role is Role.OWNER and self.owner() is not None:
            raise InvalidInput("Expected no owner yet: there is exactly one", path=("role",))

    def _may_rest(self, user: User) -> bool:
        return user.active or user.role is not Role.OWNER

    async def _write(self, user_id: str, **values: Any) -> None:
        statement = update(users).where(users.c.user_id == user_id).values(values)
        await self._database.call(lambda connection: connection.execute(statement))

    def _forget(self, user_id: str) -> None:
        self._users.pop(user_id, None)
        self._hashes.pop(user_id, None)


def normalized(username: str) -> str:
    """Return the form in which usernames are compared."""
    return username.strip().casefold()


def _check_grants(role: Role, grants: tuple[Capability, ...] | None) -> None:
    if grants is not None and role in (Role.OWNER, Role.ADMIN):
        raise InvalidInput(
            f"Expected no capabilities for the role {role}, which may do everything", path=("capabilities",)
        )


def _row(values: Mapping[str, Any], user_id: str) -> dict[str, Any]:
    """Return values as the table holds them: where there is no username, the id, which nobody else can have."""
    row = dict(values)
    if "username" in row and row["username"] is None:
        row["username"] = user_id
    if row.get("capabilities") is not None:
        row["capabilities"] = write_grants(row["capabilities"])
    return row


def _user(row: dict[str, Any]) -> User:
    del row["password"]
    username = None if row["username"] == row["user_id"] else row["username"]
    grants = parse_grants(row["capabilities"])
    return User(**{**row, "role": Role(row["role"]), "username": username, "capabilities": grants})
