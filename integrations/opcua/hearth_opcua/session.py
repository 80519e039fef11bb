"""A session at a server: let in as configured, with errors in words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256, SecurityPolicyNone
from asyncua.crypto.uacrypto import CertProperties
from asyncua.ua import uaerrors
from asyncua.ua.uaerrors import UaError, UaStatusCodeError

from hearth_opcua.config import Security, Settings
from hearth_opcua.identity import Identity, fingerprint
from hub import ActionTimeout, ConnectionLost, DeviceRefused

logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)  # what it logs is reported as the entry's health

_PATIENCE = 8.0  # seconds that one request may take
_LOOK_EVERY = 5.0  # seconds between looks whether a silent server still answers
_GOODBYE = 3.0
_MODES = {
    Security.NONE: ua.MessageSecurityMode.None_,
    Security.SIGN: ua.MessageSecurityMode.Sign,
    Security.SIGN_AND_ENCRYPT: ua.MessageSecurityMode.SignAndEncrypt,
}
_LOGIN_ERRORS = (
    uaerrors.BadIdentityTokenInvalid,
    uaerrors.BadIdentityTokenRejected,
    uaerrors.BadUserAccessDenied,
)
_TRUST_ERRORS = (
    uaerrors.BadCertificateUntrusted,
    uaerrors.BadCertificateInvalid,
    uaerrors.BadCertificateUriInvalid,
    uaerrors.BadSecurityChecksFailed,
)


class LoginRefused(ConnectionLost):
    """The server answered, and does not let this user in."""


class NotTrusted(ConnectionLost):
    """The server does not trust the hub's certificate yet."""


class Session:
    """``async with`` logs in; ``lost`` is done when the connection breaks.

    ``pinned`` is the fingerprint that the server's certificate must have; None takes any, and ``seen`` then says which it was.
    """

    def __init__(self, settings: Settings, identity: Identity | None, pinned: str | None) -> None:
        self._settings = settings
        self._identity = identity
        self._pinned = pinned
        self.name = settings.address
        self.seen: str | None = None
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.client = Client(settings.url, timeout=_PATIENCE, watchdog_intervall=_LOOK_EVERY)

    async def __aenter__(self) -> Session:
        client = self.client
        client.name = client.description = "Hearth"
        client.session_timeout = 60_000
        client.connection_lost_callback = self._end
        try:
            await self._find_way_in(client)
            await self._log_in()
        except BaseException:
            client.disconnect_socket()  # who is cancelled while it connects is still connected: the library only sees errors
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE):
                    await self.client.disconnect()
        finally:
            self.client.disconnect_socket()  # a goodbye that was cut short leaves it open

    def node(self, node_id: str) -> Node:
        """Return the library's object for a node."""
        return self.client.get_node(node_id)

    async def _find_way_in(self, client: Client) -> None:
        try:
            async with speaking(self._settings.address):
                endpoint = self._choose(await client.connect_and_get_server_endpoints())
                self.name = endpoint.Server.ApplicationName.Text or self._settings.address
                await self._secure(endpoint)
        except _Answered as error:
            raise ConnectionLost(f"{self._settings.address} refused to talk: {error}") from error

    def _choose(self, endpoints: list[Any]) -> Any:
        """Return the endpoint with the configured security."""
        mode = _MODES[self._settings.security]
        policy = SecurityPolicyNone.URI if mode is ua.MessageSecurityMode.None_ else SecurityPolicyBasic256Sha256.URI
        for endpoint in endpoints:
            if endpoint.SecurityMode == mode and endpoint.SecurityPolicyUri == policy:
                return endpoint
        offered = ", ".join(
            sorted(
                {
                    f"{each.SecurityPolicyUri.rpartition('#')[2]} {each.SecurityMode.name.strip('_')}"
                    for each in endpoints
                }
            )
        )
        raise ConnectionLost(
            f"{self._settings.address} does not offer the security {self._settings.security}; it offers {offered}"
        )

    async def _secure(self, endpoint: Any) -> None:
        settings, client = self._settings, self.client
        if settings.username is not None:
            self._check_password_is_safe(endpoint)
            client.set_user(settings.username)
            client.set_password(settings.password or "")
        if settings.security is Security.NONE or self._identity is None:
            return
        self.seen = fingerprint(endpoint.ServerCertificate)
        if self._pinned not in (None, self.seen):
            raise ConnectionLost(
                f"The certificate of {settings.address} is another than before: its fingerprint is {self.seen}. If you "
                "have changed the server, put this as fingerprint into the settings"
            )
        client.application_uri = self._identity.uri
        await client.set_security(
            SecurityPolicyBasic256Sha256,
            CertProperties(self._identity.certificate.encode(), extension="pem"),
            CertProperties(self._identity.private_key.encode(), extension="pem"),
            server_certificate=CertProperties(endpoint.ServerCertificate),
            mode=_MODES[settings.security],
        )

    def _check_password_is_safe(self, endpoint: Any) -> None:
        """Raise ConnectionLost if everybody on the network could read the password."""
        for token in endpoint.UserIdentityTokens or ():
            if token.TokenType == ua.UserTokenType.UserName:
                policy = token.SecurityPolicyUri or endpoint.SecurityPolicyUri
                hidden = policy != SecurityPolicyNone.URI or self._settings.security is Security.SIGN_AND_ENCRYPT
                if hidden or self._settings.is_local:
                    return
        raise LoginRefused(
            f"{self._settings.address} takes no encrypted password with the security {self._settings.security}: choose another"
        )

    async def _log_in(self) -> None:
        who = self._settings.username or "anonymous users"
        try:
            async with speaking(self._settings.address):
                await self.client.connect()
        except AssertionError as error:  # how the library puts an answer that opens no channel
            raise self._distrusted() from error
        except _Answered as error:
            if isinstance(error.cause, _LOGIN_ERRORS):
                raise LoginRefused(f"{self._settings.address} does not let {who} in: {error}") from error
            if isinstance(error.cause, _TRUST_ERRORS) and self._identity is not None:
                raise self._distrusted() from error
            raise ConnectionLost(f"{self._settings.address} refused the session: {error}") from error

    def _distrusted(self) -> ConnectionLost:
        if self._identity is None:
            return ConnectionLost(f"{self._settings.address} refused to open a channel")
        return NotTrusted(
            f"{self._settings.address} does not trust the hub's certificate yet: accept the one with the fingerprint "
            f"{self._identity.fingerprint} there"
        )

    async def _end(self, error: Exception) -> None:
        if not self.lost.done():
            self.lost.set_result(str(error) or type(error).__name__)


class _Answered(DeviceRefused):
    """The server answered with a bad status."""

    def __init__(self, cause: UaError) -> None:
        super().__init__(in_words(cause))
        self.cause = cause


@asynccontextmanager
async def speaking(address: str, *, acting: bool = False) -> AsyncIterator[None]:
    """Translate the library's errors: DeviceRefused, ConnectionLost, or with ``acting`` ActionTimeout for no answer."""
    try:
        yield
    except UaError as error:
        raise _Answered(error) from error
    except TimeoutError as error:
        if acting:
            raise ActionTimeout(f"{address} does not answer") from error
        raise ConnectionLost(f"{address} does not answer") from error
    except OSError as error:
        raise ConnectionLost(f"{address} cannot be reached: {error}") from error


def in_words(error: UaError) -> str:
    """Return what a bad status means."""
    return status_in_words(error.code) if isinstance(error, UaStatusCodeError) else str(error)


def status_in_words(code: int) -> str:
    """Return a status code's sentence and name."""
    status = ua.StatusCode(ua.UInt32(code))
    return f"{status.doc.rstrip('.')} ({status.name})"
