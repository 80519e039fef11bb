from __future__ import annotations

from hearth_xmpp.contacts import Contacts
from hub.testing import MemoryStorage

ADA, EVE = "ada@example.org", "eve@elsewhere.example"


class Server:
    """Keeps what is granted and ended."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def grant_contact(self, address: str) -> None:
        self.said.append(("granted", address))

    def end_contact(self, address: str) -> None:
        self.said.append(("ended", address))


def test_a_request_is_granted_when_its_sender_is_paired_and_ended_when_they_are_not_any_more() -> None:
    server, contacts = Server(), Contacts(MemoryStorage(), frozenset())
    assert contacts.request(ADA, server)
    contacts.learn(ADA, paired=False, granter=server)
    assert server.said == []
    contacts.learn(ADA, paired=True, granter=server)
    contacts.learn(ADA, paired=True, granter=server)
    assert server.said == [("granted", ADA)]
    contacts.learn(ADA, paired=False, granter=server)
    contacts.learn(ADA, paired=False, granter=server)
    assert server.said == [("granted", ADA), ("ended", ADA)]


def test_a_request_that_the_server_repeats_is_not_asked_about_again_over_restarts() -> None:
    server, storage = Server(), MemoryStorage()
    assert Contacts(storage, frozenset()).request(ADA, server)
    contacts = Contacts(storage, frozenset())
    assert not contacts.request(ADA, server)
    contacts.learn(ADA, paired=True, granter=server)
    assert Contacts(storage, frozenset()).request(ADA, server)  # they have removed the hub, and ask anew


def test_those_who_are_configured_are_granted_at_once() -> None:
    server, contacts = Server(), Contacts(MemoryStorage(), frozenset({"example.org", EVE}))
    assert not contacts.request(ADA, server)
    assert not contacts.request(EVE, server)
    assert contacts.request("eve@example.com", server)
    assert server.said == [("granted", ADA), ("granted", EVE)]


def test_requests_that_wait_are_bounded() -> None:
    server, storage = Server(), MemoryStorage()
    contacts = Contacts(storage, frozenset())
    for number in range(1100):
        contacts.request(f"stranger{number}@example.org", server)
    assert len(storage.documents["contacts"]["waiting"]) == 1000
