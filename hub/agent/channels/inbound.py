"""What a channel hands over: a message of its adapter, read once and carefully.

An adapter's ``Message.data`` may hold these keys; whatever else is there is left alone:

- ``group``: true where others read the chat too; ``addressed``: true where the hub was spoken to in it.
- ``verified``: false where nobody vouches for the sender's address, as for a mere nickname. Default true.
- ``sent``: when it was written, in UTC epoch seconds, if that was not just now.
- ``contact_request``: true where somebody asks to have the hub among their contacts; there is no text then.

What the hub sends has one key, ``paired``: whether whoever reads it may know more of the hub than strangers (its presence).
Its text is empty where only that matters: the answer to the contact request of somebody who is paired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.adapters.interfaces import ConfigEntry, Message

MOST_ADDRESS = 320
"""Characters of an address; longer ones are nobody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who wrote: an address at a config entry. Display names are no part of it, for anybody can choose theirs."""

    integration: str
    entry_id: str
    address: str

    def __str__(self) -> str:
        """Return it as the audit log names it: ``xmpp:ada@example.org``."""
        return f"{self.integration}:{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """Where an answer goes: a conversation at a config entry."""

    entry_id: str
    conversation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A message from somebody whom the channel vouches for."""

    origin: Origin
    chat: Chat
    text: str
    group: bool = False
    addressed: bool = True
    sent: float | None = None
    contact_request: bool = False

    @staticmethod
    def read(entry: ConfigEntry, message: Message) -> Inbound | None:
        """Return what an adapter handed over, or None where there is nothing to say or nobody to answer."""
        data = message.data
        contact_request = data.get("contact_request") is True
        text = message.text.strip()
        known = data.get("verified") is not False and _is_address(message.sender) and _is_address(message.conversation)
        if not known or not (text or contact_request):
            return None
        group = data.get("group") is True
        return Inbound(
            origin=Origin(integration=entry.integration, entry_id=entry.entry_id, address=message.sender),
            chat=Chat(entry_id=entry.entry_id, conversation=message.conversation),
            text="" if contact_request else text,
            group=group,
            addressed=not group or data.get("addressed") is True,
            sent=_time(data.get("sent")),
            contact_request=contact_request,
        )


def _is_address(text: str) -> bool:
    return 0 < len(text) <= MOST_ADDRESS and text.isprintable()


def _time(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
