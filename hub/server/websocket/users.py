"""Commands on users: Home Assistant's ``config/auth/*``, and ours for what it has none for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import voluptuous as vol

from hub.errors import InvalidInput, NotFound
from hub.security import Accounts, Auth, Role, User, parse_grants
from hub.server.needs import Needs
from hub.server.user_rows import role_in, user_row
from hub.server.websocket.command import Command, CommandFailed
from hub.server.websocket.config import token_row
from hub.server.websocket.connection import Connection

_NAME = vol.All(str, vol.Length(min=1, max=100))
_GROUPS = {"group_ids": [str], "local_only": bool}
_ROLE = vol.All(vol.In([role for role in Role if role is not Role.OWNER]), vol.Coerce(Role))
_USER = {vol.Required("user_id"): str}
_CHANGES = ("name", "role", "capabilities", "language")
_DAYS = vol.All(int, vol.Range(min=1, max=3650))


class UserCommands:
    """``config/auth/*`` and ``hearth/user/*``."""

    def __init__(self, auth: Auth, accounts: Accounts) -> None:
        self._auth = auth
        self._accounts = accounts

    def commands(self) -> Iterable[Command]:
        """Return the commands."""
        admin, token = Needs.ADMIN, "hearth/user/token"
        return (
            Command(name="config/auth/list", needs=admin, handler=self._list, summary="List the users."),
            Command(name="config/auth/create", needs=admin, handler=self._create_by_group,
                    fields={vol.Required("name"): _NAME, **_GROUPS}, summary="Add a user, who cannot log in yet."),
            Command(name="config/auth/update", needs=admin, handler=self._update_by_group,
                    fields={**_USER, "name": _NAME, "is_active": bool, **_GROUPS}, summary="Change a user."),
            Command(name="config/auth/delete", needs=admin, handler=self._delete, fields=_USER,
                    summary="Remove a user with all tokens."),
            Command(name="hearth/user/create", needs=admin, handler=self._create, summary="Add a user with a role and capabilities.",
                    fields={vol.Required("name"): _NAME, vol.Required("role"): _ROLE, "username": _NAME, "password": str,
                            "language": str, "capabilities": object}),
            Command(name="hearth/user/update", needs=admin, handler=self._update, summary="Change a user's role, capabilities and the like.",
                    fields={**_USER, "name": _NAME, "role": _ROLE, "capabilities": object, "is_active": bool, "language": str}),
            Command(name=f"{token}/create", needs=admin, handler=self._create_token, summary="Make a token for a user of the role service; it is shown this once.",
                    fields={**_USER, vol.Required("client_name"): _NAME, vol.Optional("lifespan", default=3650): _DAYS}),
            Command(name=f"{token}/list", needs=admin, handler=self._tokens, fields=_USER,
                    summary="List the tokens of a user of the role service."),
            Command(name=f"{token}/delete", needs=admin, handler=self._delete_token,
                    fields={**_USER, vol.Required("token_id"): str}, summary="End a token of a user of the role service."),
        )  # fmt: skip

    def _list(self, connection: Connection, message: dict[str, Any]) -> Any:
        return [self._row(user) for user in self._auth.users]

    async def _create_by_group(self, connection: Connection, message: dict[str, Any]) -> Any:
        _check_local(message)
        role = role_in(message.get("group_ids", ["system-users"]))
        return self._answer(await self._accounts.create(name=message["name"], role=role, by=self._by(connection)))

    async def _create(self, connection: Connection, message: dict[str, Any]) -> Any:
        given = {key: message[key] for key in ("name", "role", "username", "password", "language") if key in message}
        grants = parse_grants(message.get("capabilities"))
        return self._answer(await self._accounts.create(**given, capabilities=grants, by=self._by(connection)))

    async def _update_by_group(self, connection: Connection, message: dict[str, Any]) -> Any:
        _check_local(message)
        user = self._require(message["user_id"])
        if user.role is Role.OWNER and message.get("is_active") is False:
            raise CommandFailed("cannot_deactivate_owner", "Unable to deactivate owner.")
        role = {"role": role_in(message["group_ids"], user.role)} if "group_ids" in message else {}
        return await self._change(connection, user, {**message, **role})

    async def _update(self, connection: Connection, message: dict[str, Any]) -> Any:
        grants = {"capabilities": parse_grants(message["capabilities"])} if "capabilities" in message else {}
        return await self._change(connection, self._require(message["user_id"]), {**message, **grants})

    async def _change(self, connection: Connection, user: User, message: dict[str, Any]) -> Any:
        changes: dict[str, Any] = {key: message[key] for key in _CHANGES if key in message}
        if "is_active" in message:
            changes["active"] = message["is_active"]
        return self._answer(await self._accounts.update(user.user_id, self._by(connection), **changes))

    async def _delete(self, connection: Connection, message: dict[str, Any]) -> None:
        user = self._require(message["user_id"])
        if user.user_id == connection.principal.user_id:
            raise CommandFailed("no_delete_self", "Unable to delete your own account")
        await self._accounts.remove(user.user_id, self._by(connection))

    async def _create_token(self, connection: Connection, message: dict[str, Any]) -> Any:
        user = self._require(message["user_id"])
        name, days = message["client_name"], message["lifespan"]
        return await self._accounts.create_token(user.user_id, name, days, self._by(connection))

    def _tokens(self, connection: Connection, message: dict[str, Any]) -> Any:
        user = self._accounts.program(self._require(message["user_id"]).user_id)
        return [token_row(token, None) for token in self._auth.list_tokens(user.user_id)]

    async def _delete_token(self, connection: Connection, message: dict[str, Any]) -> None:
        await self._accounts.delete_token(message["user_id"], message["token_id"], self._by(connection))

    def _by(self, connection: Connection) -> User:
        return self._auth.users.require(connection.principal.user_id)

    def _require(self, user_id: str) -> User:
        try:
            return self._auth.users.require(user_id)
        except NotFound:
            raise CommandFailed("not_found", "User not found") from None

    def _answer(self, user: User) -> dict[str, Any]:
        return {"user": self._row(user)}

    def _row(self, user: User) -> dict[str, Any]:
        return user_row(user, has_password=self._auth.users.has_password(user.user_id))


def _check_local(message: dict[str, Any]) -> None:
    if message.get("local_only"):
        raise InvalidInput("Expected local_only to be false: nobody is kept to the local network", path=("local_only",))
