"""Known sentences first: what a published sentence template matches word for word needs no model."""

from __future__ import annotations

import asyncio

from hub.agent.calls import Call
from hub.agent.home import Home, Place


class Matcher:
    """Matches sentences in a thread. The templates are loaded with the first sentence: the hub starts without them."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def match(self, text: str, home: Home, here: Place | None, language: str) -> Call | None:
        """Return the call that a known sentence means, or None for another sentence."""
        async with self._lock:
            return await asyncio.to_thread(_match, text, home, here, language)


def _match(text: str, home: Home, here: Place | None, language: str) -> Call | None:
    from hub.agent import known_sentences  # noqa: PLC0415 - takes a quarter of a second

    return known_sentences.match(text, home, here, language)
