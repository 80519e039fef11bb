"""The authority's certificate for whoever is about to trust it, and another certificate for the command line that asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from aiohttp import web

from hub.security.certificates import Certificates
from hub.server.control import Answer

CA_PATH = "/ca.crt"


class Trust(Protocol):
    """The authority that clients have to trust."""

    def authority_pem(self) -> bytes | None:
        """Return its certificate; None if clients trust what is shown already."""

    def fingerprint(self) -> str | None:
        """Return the SHA-256 of that as browsers show it."""


class CertificateRoutes:
    """``/ca.crt``."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust

    def routes(self) -> Iterable[web.RouteDef]:
        """Return the route; it is no part of the API."""
        return (web.get(CA_PATH, self._certificate),)

    async def _certificate(self, _: web.Request) -> web.Response:
        pem = self._trust.authority_pem()
        if pem is None:
            raise web.HTTPNotFound(text="404: clients need no certificate of this hub's")
        return web.Response(
            body=pem,
            content_type="application/x-x509-ca-cert",
            headers={"Content-Disposition": 'attachment; filename="hearth-ca.crt"', "Cache-Control": "no-store"},
        )


class CertificateAnswers:
    """What the command line may ask of certificates."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates

    def routes(self) -> Mapping[str, Answer]:
        """Return what answers each path."""
        return {"/certificate/renew": self._renew}

    async def _renew(self, data: Mapping[str, Any]) -> Any:
        await self._certificates.renew(new_authority=data.get("authority") is True)
        return {"fingerprint": self._certificates.fingerprint()}
