"""What the command line asks about users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.errors import InvalidInput, NotFound
from hub.security import Accounts, Auth, Role, User, parse_grants
from hub.server.control import Answer
from hub.server.user_rows import user_row

_CHANGES = ("name", "role", "active", "capabilities")


class UserAnswers:
    """Users listed, added and changed by whoever owns the configuration folder, the owner's account included."""

    def __init__(self, auth: Auth, accounts: Accounts) -> None:
        self._auth = auth
        self._accounts = accounts

    def routes(self) -> Mapping[str, Answer]:
        """Return what answers each path."""
        return {
            "/users": self._list,
            "/users/add": self._add,
            "/users/update": self._update,
            "/users/password": self._password,
            "/users/token": self._token,
        }

    async def _list(self, data: Mapping[str, Any]) -> Any:
        return [self._row(user) for user in self._auth.users]

    async def _add(self, data: Mapping[str, Any]) -> Any:
        name = str(data.get("name", ""))
        user = await self._accounts.create(
            name=name,
            role=_role(data.get("role", Role.USER)),
            username=data.get("username"),
            password=data.get("password"),
            capabilities=parse_grants(data.get("capabilities")),
            by=None,
        )
        return self._row(user)

    async def _update(self, data: Mapping[str, Any]) -> Any:
        changes = {key: data[key] for key in _CHANGES if key in data}
        if "role" in changes:
            changes["role"] = _role(changes["role"])
        if "capabilities" in changes:
            changes["capabilities"] = parse_grants(changes["capabilities"])
        return self._row(await self._accounts.update(self._user(data).user_id, None, **changes))

    async def _password(self, data: Mapping[str, Any]) -> Any:
        user = self._user(data)
        await self._accounts.set_password(user.user_id, str(data.get("password", "")), None)
        return self._row(user)

    async def _token(self, data: Mapping[str, Any]) -> Any:
        user = self._user(data)
        name, days = str(data.get("name", "")), float(data.get("days", 3650))
        return {"name": name, "token": await self._accounts.create_token(user.user_id, name, days, None)}

    def _user(self, data: Mapping[str, Any]) -> User:
        """Return the user named by username, or where there is none by name or id."""
        wanted = str(data.get("user", ""))
        users = self._auth.users
        known = users.named(wanted) or users.get(wanted)
        found = [known] if known else [user for user in users if user.username is None and user.name == wanted]
        if len(found) != 1:
            names = ", ".join(user.label for user in users)
            raise NotFound(f"Expected one user ({names}), got {wanted!r}, which {len(found)} are called")
        return found[0]

    def _row(self, user: User) -> dict[str, Any]:
        return user_row(user, has_password=self._auth.users.has_password(user.user_id))


def _role(value: Any) -> Role:
    if value not in [str(role) for role in Role]:
        raise InvalidInput(f"Expected a role among {', '.join(Role)}, got {value!r}", path=("role",))
    return Role(value)
