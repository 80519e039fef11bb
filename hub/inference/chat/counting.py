"""How many tokens a prompt has, asked of the model only for what has not been counted yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import blake2b

from hub.core.inference import Piece, Prompt

Count = Callable[[Prompt], Awaitable[int]]
"""Asks the model how many tokens a prompt has, the one that begins every prompt included."""

_MOST = 4096


class TokenCounter:
    """Counts prompts piece by piece, since pieces are tokenised apart: of a chat that goes on, only what is new is counted.

    Keeps counts, not texts. Takes each special piece as one token, which it is.
    """

    def __init__(self, count: Count) -> None:
        self._count = count
        self._known: OrderedDict[bytes, int] = OrderedDict()
        self._begin: int | None = None

    async def __call__(self, prompt: Prompt) -> int:
        """Return the number of tokens."""
        pieces = (Piece(text=prompt),) if isinstance(prompt, str) else prompt
        if self._begin is None:
            self._begin = await self._count("")
        total = self._begin
        for piece in pieces:
            total += 1 if piece.special else await self._piece(piece)
        return total

    async def _piece(self, piece: Piece) -> int:
        key = blake2b(piece.text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        tokens = self._known[key] = await self._count((piece,)) - (self._begin or 0)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return tokens
