"""Users as the API shows them: Home Assistant's row, with our role and capabilities."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from hub.errors import InvalidInput
from hub.security import Role, User, write_grants

ADMINS, USERS, READERS = "system-admin", "system-users", "system-read-only"
_GROUPS: Mapping[Role, str] = {
    Role.OWNER: ADMINS,
    Role.ADMIN: ADMINS,
    Role.USER: USERS,
    Role.GUEST: READERS,
    Role.SERVICE: USERS,
}
_ROLES: Mapping[str, Role] = {ADMINS: Role.ADMIN, USERS: Role.USER, READERS: Role.GUEST}
"""What Home Assistant's groups make of somebody, the mightiest first."""


def user_row(user: User, *, has_password: bool) -> dict[str, Any]:
    """Return a user as ``config/auth/list`` shows them."""
    return {
        "id": user.user_id,
        "username": user.username,
        "name": user.name,
        "is_owner": user.role is Role.OWNER,
        "is_active": user.active,
        "local_only": False,
        "system_generated": user.role is Role.SERVICE,
        "group_ids": [_GROUPS[user.role]],
        "credentials": [{"type": "homeassistant"}] if has_password else [],
        "role": str(user.role),
        "capabilities": write_grants(user.capabilities),
    }


def role_in(group_ids: Collection[str], now: Role | None = None) -> Role:
    """Return the role that Home Assistant's groups mean; ``now`` where it is one of that group's already.

    Raises InvalidInput for a group that there is not.
    """
    unknown = [group for group in group_ids if group not in _ROLES]
    if unknown or not group_ids:
        raise InvalidInput(
            f"Expected groups among {', '.join(_ROLES)}, got {', '.join(unknown) or 'none'}", path=("group_ids",)
        )
    group = next(group for group in _ROLES if group in group_ids)
    return now if now is not None and _GROUPS[now] == group else _ROLES[group]
