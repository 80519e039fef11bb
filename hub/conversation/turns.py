"""Turns as they are kept: checked, and their data as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from hub.core.ports import Turn
from hub.errors import InvalidInput

ROLES = ("user", "assistant", "tool")
MOST_CHARACTERS = 1_000_000


def checked(conversation_id: str, turns: Sequence[Turn]) -> list[tuple[Turn, str]]:
    """Return the turns, each with its data as JSON, when all of them can be kept.

    Raises InvalidInput naming the first that cannot.
    """
    if not conversation_id:
        raise InvalidInput("Expected the id of a conversation, got an empty text")
    _check_text(conversation_id, "conversation_id")
    return [(turn, _checked(turn, index)) for index, turn in enumerate(turns)]


def loaded(text: str) -> Mapping[str, Any]:
    """Return a turn's data from its JSON."""
    data: dict[str, Any] = orjson.loads(text)
    return data


def _checked(turn: Turn, index: int) -> str:
    if turn.role not in ROLES:
        raise InvalidInput(f"Expected a role of {', '.join(ROLES)}, got {turn.role!r}", path=("turns", index, "role"))
    _check_text(turn.text, "turns", index, "text")
    try:
        data = orjson.dumps(dict(turn.data)).decode()
    except TypeError as error:
        raise InvalidInput(f"Expected data that JSON can say, got: {error}", path=("turns", index, "data")) from None
    return data


def _check_text(text: str, *path: str | int) -> None:
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"Expected at most {MOST_CHARACTERS} characters, got {len(text)}", path=path)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"Expected Unicode text, got: {error.reason}", path=path) from None
