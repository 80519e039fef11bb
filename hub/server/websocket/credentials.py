"""Commands on usernames and passwords, in Home Assistant's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import voluptuous as vol

from hub.errors import AuthenticationFailed, NotFound
from hub.security import Accounts, Auth, Role, User
from hub.server.needs import Needs
from hub.server.websocket.command import Command, CommandFailed
from hub.server.websocket.connection import Connection

_USER = {vol.Required("user_id"): str}
_USERNAME, _PASSWORD = {vol.Required("username"): str}, {vol.Required("password"): str}


class CredentialCommands:
    """``config/auth_provider/homeassistant/*``."""

    def __init__(self, auth: Auth, accounts: Accounts) -> None:
        self._auth = auth
        self._accounts = accounts

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        prefix, admin = "config/auth_provider/homeassistant", Needs.ADMIN
        return (
            Command(name=f"{prefix}/create", needs=admin, handler=self._create, fields={**_USER, **_USERNAME, **_PASSWORD},
                    summary="Let a user log in by a username and a password."),
            Command(name=f"{prefix}/delete", needs=admin, handler=self._delete, fields=_USERNAME,
                    summary="Let a user log in no more by username and password."),
            Command(name=f"{prefix}/admin_change_password", needs=admin, handler=self._set_password,
                    fields={**_USER, **_PASSWORD}, summary="Give a user another password, which ends their sessions."),
            Command(name=f"{prefix}/admin_change_username", needs=admin, handler=self._rename,
                    fields={**_USER, **_USERNAME}, summary="Give a user another username."),
            Command(name=f"{prefix}/change_password", needs=Needs.LOGIN, handler=self._change_own,
                    fields={vol.Required("current_password"): str, vol.Required("new_password"): str},
                    summary="Change your own password, which ends your other sessions."),
        )  # fmt: skip

    async def _create(self, connection: Connection, message: dict[str, Any]) -> None:
        user = self._auth.users.get(message["user_id"])
        if user is None:
            raise CommandFailed("not_found", "User not found")
        if user.role is Role.SERVICE:
            raise CommandFailed("system_generated", "Cannot add credentials to a system generated user.")
        await self._accounts.set_credentials(
            user.user_id, message["username"], message["password"], self._by(connection)
        )

    async def _delete(self, connection: Connection, message: dict[str, Any]) -> None:
        with _without("auth_not_found", "Given username was not found."):
            await self._accounts.remove_credentials(message["username"], self._by(connection))

    async def _set_password(self, connection: Connection, message: dict[str, Any]) -> None:
        self._check_known(message["user_id"])
        with _without("credentials_not_found", "Credentials not found"):
            await self._accounts.set_password(message["user_id"], message["password"], self._by(connection))

    async def _rename(self, connection: Connection, message: dict[str, Any]) -> None:
        self._check_known(message["user_id"])
        with _without("credentials_not_found", "Credentials not found"):
            await self._accounts.rename_login(message["user_id"], message["username"], self._by(connection))

    async def _change_own(self, connection: Connection, message: dict[str, Any]) -> None:
        current, password = message["current_password"], message["new_password"]
        principal = connection.principal
        try:
            with _without("credentials_not_found", "Credentials not found"):
                await self._auth.change_password(principal.user_id, current, password, session_id=principal.token_id)
        except AuthenticationFailed:
            raise CommandFailed("invalid_current_password", "Invalid current password") from None

    def _check_known(self, user_id: str) -> None:
        if self._auth.users.get(user_id) is None:
            raise CommandFailed("user_not_found", "User not found")

    def _by(self, connection: Connection) -> User:
        return self._auth.users.require(connection.principal.user_id)


@contextmanager
def _without(code: str, message: str) -> Iterator[None]:
    """Answer that there is no such thing with Home Assistant's code."""
    try:
        yield
    except NotFound:
        raise CommandFailed(code, message) from None
