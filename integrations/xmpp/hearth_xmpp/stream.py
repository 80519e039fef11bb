"""slixmpp's client, kept in order: one attempt to connect, no redirects, and nothing of it outlives its end."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from aiodns import DNSResolver
from slixmpp import ClientXMPP
from slixmpp.xmlstream.resolver import resolve
from slixmpp.xmlstream.stanzabase import StanzaBase

from hearth_xmpp.config import Settings

_FAREWELL = 2.0
_DNS_TIMEOUT = 3.0


class Stream(ClientXMPP):
    """One XMPP stream. Its event ``unreachable`` says why no server could be reached.

    Left to itself slixmpp tries again for ever, follows a server that points to another before anything is encrypted, and
    keeps no account of the tasks that it starts.
    """

    def __init__(self, settings: Settings, context: ssl.SSLContext) -> None:
        super().__init__(settings.jid, settings.password, ssl_context=context)
        self._settings = settings
        self._failure: object = None
        self._begun: set[asyncio.Future[Any]] = set()
        if settings.host is not None:
            self.enable_direct_tls, self.enable_starttls = settings.direct_tls, not settings.direct_tls
        self.auto_authorize = None  # whom to have as a contact is decided elsewhere
        self.auto_subscribe = False
        self.add_event_handler("connection_failed", self._note_failure)

    def begin(self) -> None:
        """Try to connect, once."""
        before = asyncio.all_tasks()
        port = None if self._settings.host is None else self._settings.port
        attempt = self.connect(self._settings.host, port)
        self._own((asyncio.all_tasks() - before) | {attempt})

    async def close(self) -> None:
        """End the stream, politely if the server listens, with everything that belongs to it."""
        self.cancel_connection_attempt()
        if self.is_connected():
            gone = self.disconnected
            await asyncio.wait([self.disconnect(_FAREWELL)], timeout=2 * _FAREWELL)
            self.abort()
            await asyncio.wait([gone], timeout=_FAREWELL)
        for name in list(self.scheduled_events):
            self.cancel_schedule(name)
        left = [future for future in self._begun if not future.done()]
        for future in left:
            future.cancel()
        if left:
            await asyncio.wait(left)

    def disconnect(
        self, wait: float | int = _FAREWELL, reason: str | None = None, ignore_send_queue: bool = False
    ) -> asyncio.Future[Any]:
        """Close the stream, as slixmpp does by itself too when something goes wrong."""
        ending: asyncio.Future[Any] = super().disconnect(wait, reason, ignore_send_queue)
        self._own({ending})
        return ending

    async def get_dns_records(self, domain: str, port: int | None = None) -> list[tuple[str, str, str, int]]:
        """Return where the domain's servers are; the resolver's thread ends with the question."""
        resolver = DNSResolver(tries=2, timeout=_DNS_TIMEOUT)
        services = [*self.tls_services, *self.starttls_services]
        try:
            return await resolve(
                domain, port or self.default_port, services=services, resolver=resolver, loop=self.loop
            )
        finally:
            await resolver.close()

    def recv_stanza(self, stanza: StanzaBase) -> None:
        """Handle a stanza; the tasks that this starts are ours to end."""
        before = asyncio.all_tasks()
        super().recv_stanza(stanza)
        self._own(asyncio.all_tasks() - before)

    def reschedule_connection_attempt(self) -> None:
        """Give up: whether and when to try again is for the supervisor to say."""
        self._current_connection_attempt = None
        self.event("unreachable", self._failure)

    def _own(self, futures: set[Any]) -> None:
        self._begun = {future for future in self._begun if not future.done()} | futures

    def _note_failure(self, failure: object) -> None:
        self._failure = failure

    def _handle_stream_error(self, error: Any) -> None:
        """Say what went wrong, and follow no redirect: the new name would be the one that is checked against TLS."""
        self.event("stream_error", error)
