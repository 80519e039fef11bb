"""Who may connect."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from hearth_mqtt.codec import Connect, ProtocolViolation, Reason
from hub import Principal, Refused

Authenticate = Callable[[str, str], Awaitable[Principal | None]]


class User(NamedTuple):
    """Whose client it is. ``id`` tells users of the hub and users of this endpoint alone apart.

    ``principal`` is the user of the hub, whose token may be revoked while the client is connected.
    """

    id: str
    name: str
    principal: Principal | None = None


class Doorman:
    """Knows the endpoint's own users, and asks the hub about the others.

    A user of the hub proves who they are with a long-lived token as the password. The hub lets in owner, admins and those
    who were granted ``mqtt.connect``, for MQTT reaches every device; never guests. Nobody comes in without a name and password unless ``anonymous`` allows it.
    """

    def __init__(self, authenticate: Authenticate, users: Mapping[str, str], *, anonymous: bool = False) -> None:
        self._authenticate = authenticate
        self._users = users
        self._anonymous = anonymous

    async def identify(self, connect: Connect) -> User:
        """Return whose client this is.

        Raises ProtocolViolation with what to answer.
        """
        if connect.properties.authentication_method is not None:
            raise ProtocolViolation("Expected a user name and password", Reason.BAD_AUTHENTICATION_METHOD)
        if connect.username is None and connect.password is None and self._anonymous:
            return User("anonymous", "anonymous")
        name, secret = connect.username or "", _text(connect.password)
        if not secret:
            raise ProtocolViolation("Expected a user name and password, got none", Reason.NOT_AUTHORIZED)
        if self._is_own(name, secret):
            return User(f"mqtt:{name}", name)
        try:
            return self._user(await self._authenticate(name, secret))
        except Refused as refusal:
            raise ProtocolViolation(str(refusal), Reason.NOT_AUTHORIZED) from None

    def _is_own(self, name: str, secret: str) -> bool:
        expected = self._users.get(name)
        # Compared even for an unknown name, so that the time taken does not tell which names there are.
        is_equal = hmac.compare_digest((expected or "").encode(), secret.encode())
        return is_equal and expected is not None

    def _user(self, principal: Principal | None) -> User:
        if principal is None:
            raise ProtocolViolation("Wrong user name, password or token", Reason.BAD_CREDENTIALS)
        if principal.role == "guest":
            raise ProtocolViolation("Guests may not use MQTT: it reaches every device", Reason.NOT_AUTHORIZED)
        return User(f"user:{principal.user_id}", principal.name, principal)


def _text(password: bytes | None) -> str:
    try:
        return (password or b"").decode()
    except UnicodeDecodeError:
        return ""
