"""Keeps the hub's certificate good: watches what it depends on, and says when there is another."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Collection
from pathlib import Path

from hub.core.clock import Clock
from hub.errors import HubError
from hub.security.certificates.handshake import fingerprint
from hub.security.certificates.issuer import Issuer
from hub.security.certificates.owned import OwnFiles

CHECK_SECONDS = 60.0
_log = logging.getLogger(__name__)


class Certificates:
    """The certificate that the hub shows: the user's (``own``), or one of an authority that the hub made at its first start.

    ``names`` returns the host names and addresses that the latter is for; when the answer changes, or its end comes near,
    another is issued. ``changed`` is called with the context for new handshakes; open connections go on with theirs.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        names: Callable[[], Collection[str]],
        own: OwnFiles | None = None,
        changed: Callable[[ssl.SSLContext], None] = lambda _: None,
    ) -> None:
        self._issuer = Issuer(folder)
        self._clock = clock
        self._names = names
        self._own = own
        self._changed = changed
        self._issuing = asyncio.Lock()
        self._shown: ssl.SSLContext | None = None
        self._own_is_shown = False
        self._said = ""

    def authority_pem(self) -> bytes | None:
        """Return the certificate that clients have to trust; None if they trust what is shown already."""
        return None if self._own_is_shown else self._issuer.authority_pem()

    def fingerprint(self) -> str | None:
        """Return the SHA-256 of ``authority_pem`` as browsers show it."""
        try:
            pem = self.authority_pem()
            return fingerprint(pem) if pem else None
        except (ValueError, HubError):  # it is damaged, and the log says so
            return None

    async def open(self) -> None:
        """Make what is missing and show it; where that cannot be, the log says why, and there is no TLS."""
        await self._check()

    async def run(self) -> None:
        """Look every minute whether another certificate is needed, until cancelled."""
        while True:
            await self._clock.sleep(CHECK_SECONDS)
            await self._check()

    async def renew(self, *, new_authority: bool = False) -> None:
        """Issue another certificate now; ``new_authority`` makes another authority first, which clients do not trust yet.

        Raises StorageError.
        """
        async with self._issuing:
            names = await asyncio.to_thread(self._names)
            await asyncio.to_thread(self._issuer.issue, names, self._clock.time(), new_authority=new_authority)
            if not self._own_is_shown:
                self._show(self._issuer.context())

    async def _check(self) -> None:
        try:
            if self._own is not None and self._own.changed():
                await self._take_own(self._own)
            if not self._own_is_shown:
                await self._issue_if_needed()
        except HubError as error:
            self._complain(f"{error}; there is no TLS" if self._shown is None else f"{error}; the last one is used")

    async def _take_own(self, own: OwnFiles) -> None:
        """Half a renewal is no reason to stop: what was shown before goes on, or the hub's own instead."""
        try:
            context = await asyncio.to_thread(own.load)
        except HubError as error:
            instead = "the last one" if self._own_is_shown else "one of the hub's own authority"
            self._complain(f"{error}; {instead} is used")
            return
        self._own_is_shown = True
        self._show(context)
        _log.info("Using the certificate in %s", own.certificate)

    async def _issue_if_needed(self) -> None:
        async with self._issuing:
            names, now = await asyncio.to_thread(self._names), self._clock.time()
            needed = await asyncio.to_thread(self._issuer.is_needed, names, now)
            if needed:
                await asyncio.to_thread(self._issuer.issue, names, now)
            if needed or self._shown is None:
                self._show(self._issuer.context())

    def _show(self, context: ssl.SSLContext) -> None:
        self._shown, self._said = context, ""
        self._changed(context)

    def _complain(self, message: str) -> None:
        """Say it once, not every minute."""
        if message != self._said:
            _log.error("%s", message)
        self._said = message
