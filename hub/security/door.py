"""The door for what devices speak: who may connect to an integration that serves a protocol of its own."""

from __future__ import annotations

from collections.abc import Callable

from hub.core.callers import Caller
from hub.core.ports import Principal
from hub.errors import Refused
from hub.security.auth import Auth
from hub.security.capabilities import Policy
from hub.security.tokens import Unlisten


class Door:
    """Implements the port ``Authenticator``.

    Such a protocol reaches every device, whatever area it is in. So it takes the right to do ``<integration>.connect`` on
    the hub itself: owner and admins have it, others where a capability names it (``mqtt.connect``).
    """

    def __init__(self, auth: Auth, policy: Policy) -> None:
        self._auth = auth
        self._policy = policy

    async def authenticate(self, name: str, secret: str, integration: str) -> Principal | None:
        principal = await self._auth.authenticate(name, secret)
        if principal is not None:
            refusal = self._policy.refusal(Caller.user(principal.user_id), f"{integration}.connect", None)
            if refusal is not None:
                raise Refused(refusal)
        return principal

    def on_revoked(self, session_id: str, callback: Callable[[], None]) -> Unlisten:
        return self._auth.on_revoked(session_id, callback)
