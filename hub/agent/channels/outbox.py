"""What the hub says through a channel: plain, short, and without addresses that a messenger would fetch."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Protocol

from hub.adapters.interfaces import Message, Messenger
from hub.agent.channels.inbound import Chat
from hub.errors import HubError

MOST_CHARACTERS = 2000
SEND_TIMEOUT = 20.0
_LINK = re.compile(r"\b([a-z][a-z0-9+.-]*):(?=//)|\b(www)(?=\.)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_log = logging.getLogger(__name__)


class Messengers(Protocol):
    """Finds the running adapter of a chat channel: the supervisor."""

    def messenger(self, entry_id: str) -> Messenger | None:
        """Return the running adapter of a config entry, if it is a chat channel."""


class Outbox:
    """Sends through whatever channel a chat is at."""

    def __init__(self, messengers: Messengers) -> None:
        self._messengers = messengers

    async def send(self, chat: Chat, text: str, *, paired: bool) -> bool:
        """Send a text; say whether the channel took it."""
        messenger = self._messengers.messenger(chat.entry_id)
        message = Message(conversation=chat.conversation, sender="", text=tidy(text), data={"paired": paired})
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                return messenger is not None and await messenger.send_message(message)
        except TimeoutError:
            _log.warning("An answer could not be sent through %s in %g s", chat.entry_id, SEND_TIMEOUT)
        except HubError as error:
            _log.warning("An answer could not be sent through %s: %s", chat.entry_id, error)
        except Exception:  # noqa: BLE001 - boundary: a channel's defect costs this answer only
            _log.exception("An answer could not be sent through %s", chat.entry_id)
        return False


def tidy(text: str) -> str:
    """Return a text that shows as it is everywhere: no control characters, no links, not too long.

    Names and states come from devices. A messenger that fetches a preview of a link would carry them to wherever it points.

    >>> tidy("It says see https://example.org/x.")
    'It says see https: //example.org/x.'
    """
    plain = _LINK.sub(r"\g<0> ", _CONTROL.sub(" ", text))
    return plain if len(plain) <= MOST_CHARACTERS else plain[: MOST_CHARACTERS - 1] + "…"
