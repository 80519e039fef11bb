"""The causal chain: what led to an event, a state or an action."""

from __future__ import annotations

from hub.core.ids import context_id, context_number

MAX_DEPTH = 8
"""Runs deeper than this are refused: a chain that long is a loop."""


class Context:
    """Why something happened: one link of a causal chain.

    ``origin`` says who began this link (``user``, ``adapter:mqtt``, ``automation.hall_light``, ``agent``);
    ``parent_id`` is the link before, ``user_id`` the user behind the whole chain, ``depth`` the number of automation runs
    in the chain so far. A plain slots class, immutable by convention: one is made per event, and its id is written out
    only where somebody reads it.
    """

    __slots__ = ("_id", "depth", "origin", "parent_id", "user_id")

    def __init__(
        self, origin: str = "system", user_id: str | None = None, parent_id: str | None = None, depth: int = 0
    ) -> None:
        self._id: int | str = context_number()
        self.origin = origin
        self.parent_id = parent_id
        self.user_id = user_id
        self.depth = depth

    @property
    def id(self) -> str:
        """26 characters shaped like a ULID, unique and ascending in this process."""
        known = self._id
        if isinstance(known, int):  # two threads that ask at once write the same text
            known = self._id = context_id(known)
        return known

    def child(self, origin: str, *, deeper: bool = False) -> Context:
        """Return the next link of the chain; ``deeper`` where it is another automation run."""
        return Context(origin, user_id=self.user_id, parent_id=self.id, depth=self.depth + deeper)

    def as_dict(self) -> dict[str, str | None]:
        """Return it as Home Assistant's API shows it."""
        return {"id": self.id, "parent_id": self.parent_id, "user_id": self.user_id}

    def __repr__(self) -> str:
        return f"Context({self.origin!r}, id={self.id!r}, parent_id={self.parent_id!r}, depth={self.depth})"
