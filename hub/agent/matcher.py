"""Known sentences first: what a published sentence template matches word for word needs no model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hub.agent.calls import Call
from hub.agent.home import Home, Place

if TYPE_CHECKING:
    from hub.agent.known_sentences import KnownSentences


class Matcher:
    """Matches sentences in a thread. The templates are loaded with the first sentence: the hub starts without them."""

    def __init__(self) -> None:
        self._known: KnownSentences | None = None
        self._lock = asyncio.Lock()

    async def match(self, text: str, home: Home, here: Place | None, language: str) -> Call | None:
        """Return the call that a known sentence means, or None for another sentence."""
        async with self._lock:
            return await asyncio.to_thread(self._match, text, home, here, language)

    def _match(self, text: str, home: Home, here: Place | None, language: str) -> Call | None:
        if self._known is None:
            from hub.agent.known_sentences import KnownSentences  # noqa: PLC0415 - takes a quarter of a second

            self._known = KnownSentences()
        return self._known.match(text, home, here, language)
