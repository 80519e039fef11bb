"""Who may talk to the hub through a channel, and as which user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from hub.agent.channels.inbound import Chat, Origin
from hub.core.ids import new_id
from hub.core.ports import Store
from hub.errors import NotFound

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedSender:
    """An address that was let in. Its authority is that of the user at the time of each message."""

    sender_id: str
    integration: str
    entry_id: str
    address: str
    user_id: str
    conversation: str
    paired_at: float
    paired_by: str | None = None

    @property
    def origin(self) -> Origin:
        """The address at its config entry."""
        return Origin(integration=self.integration, entry_id=self.entry_id, address=self.address)

    @property
    def chat(self) -> Chat:
        """Where they asked to be let in."""
        return Chat(entry_id=self.entry_id, conversation=self.conversation)


class Senders:
    """All paired senders, kept over restarts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        rows: list[dict[str, Any]] = (store.load(VERSION, lambda data, _: data) or {}).get("senders", [])
        self._by_origin = {sender.origin: sender for sender in (PairedSender(**row) for row in rows)}

    def __iter__(self) -> Iterator[PairedSender]:
        return iter(list(self._by_origin.values()))

    def find(self, origin: Origin) -> PairedSender | None:
        """Return who this address is, or None."""
        return self._by_origin.get(origin)

    def get(self, sender_id: str) -> PairedSender:
        """Return a paired sender.

        Raises NotFound.
        """
        sender = next((sender for sender in self if sender.sender_id == sender_id), None)
        if sender is None:
            raise NotFound(f"Expected the id of a paired sender, got {sender_id!r}")
        return sender

    def add(self, origin: Origin, chat: Chat, *, user_id: str, now: float, by: str | None) -> PairedSender:
        """Let an address in, in place of what it was before."""
        sender = PairedSender(
            sender_id=new_id(),
            integration=origin.integration,
            entry_id=origin.entry_id,
            address=origin.address,
            user_id=user_id,
            conversation=chat.conversation,
            paired_at=now,
            paired_by=by,
        )
        self._by_origin[origin] = sender
        self._save()
        return sender

    def remove(self, sender_id: str) -> PairedSender:
        """Let an address in no more.

        Raises NotFound.
        """
        sender = self.get(sender_id)
        del self._by_origin[sender.origin]
        self._save()
        return sender

    def _save(self) -> None:
        self._store.save(VERSION, lambda: {"senders": [asdict(sender) for sender in self]})
