"""Who may see whether the hub is there: whoever is paired or configured, from the moment that they ask."""

from __future__ import annotations

from typing import Protocol

from hearth_xmpp.addresses import domain
from hub import Storage

_DOCUMENT = "contacts"
_MOST_WAITING = 1000


class Granter(Protocol):
    """Grants and ends contacts: the session."""

    def grant_contact(self, address: str) -> None:
        """Let somebody see that the hub is there."""

    def end_contact(self, address: str) -> None:
        """Let somebody see no more that the hub is there."""


class Contacts:
    """Contact requests that wait for their sender to be paired, and those that were granted; kept over restarts."""

    def __init__(self, storage: Storage, welcome: frozenset[str]) -> None:
        self._storage = storage
        self._welcome = welcome
        saved = storage.load(_DOCUMENT) or {}
        self._waiting: list[str] = list(saved.get("waiting", ()))
        self._granted: set[str] = set(saved.get("granted", ()))

    def request(self, address: str, granter: Granter) -> bool:
        """Deal with a request; say whether the hub is to be asked about it. The server repeats old ones at each login."""
        if not self._welcome.isdisjoint({address, domain(address)}):
            granter.grant_contact(address)
            return False
        if address in self._waiting:
            return False
        self._waiting = [*self._waiting, address][-_MOST_WAITING:]
        self._save()
        return True

    def learn(self, address: str, *, paired: bool, granter: Granter) -> None:
        """Grant what somebody asked for who is paired now, and take it back from somebody who is not any more."""
        if paired and address in self._waiting:
            self._waiting.remove(address)
            self._granted.add(address)
            granter.grant_contact(address)
            self._save()
        elif not paired and address in self._granted:
            self._granted.discard(address)
            granter.end_contact(address)
            self._save()

    def _save(self) -> None:
        self._storage.save(_DOCUMENT, lambda: {"waiting": self._waiting, "granted": sorted(self._granted)})
