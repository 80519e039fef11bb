"""Attributes, each distinct set stored once."""

from __future__ import annotations

import hashlib
import itertools
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from hub.core.state import State
from hub.database import BulkInsert
from hub.recorder.encoding import to_json
from hub.recorder.schema import attributes

MOST_CHARACTERS = 16_384
_REMEMBERED = 16_384
_HASHES_PER_QUERY = 500
_OF_PICTURES = frozenset({"access_token", "entity_picture"})
_OF_AUTOMATIONS = frozenset({"last_triggered", "current"})

_log = logging.getLogger(__name__)


class AttributeSets:
    """Gives each set of attributes its number: from memory where it was seen lately, else by its hash from the database.

    There is one writer, so new numbers are counted here.
    """

    def __init__(self) -> None:
        self._insert = BulkInsert(attributes, ("id", "hash", "json"))
        self._numbers: dict[str, int] = {}
        self._latest: dict[str, tuple[Mapping[str, Any], int]] = {}
        self._next = 1
        self._too_large: set[str] = set()

    def load(self, connection: Connection) -> None:
        """Forget what was given out and continue from what the database holds."""
        self._numbers.clear()
        self._latest.clear()
        self._next = (connection.execute(select(func.max(attributes.c.id))).scalar_one() or 0) + 1

    def forget(self, numbers: Collection[int]) -> None:
        """Give these numbers out no more: their rows are being deleted."""
        self._numbers = {text: number for text, number in self._numbers.items() if number not in numbers}
        self._latest = {key: known for key, known in self._latest.items() if known[1] not in numbers}

    def numbers(self, connection: Connection, states: Sequence[State | None]) -> list[int | None]:
        """Return the number of each state's attributes, None where there is no state; new sets are stored."""
        keys = [None if state is None else self._key(state) for state in states]
        unknown = dict.fromkeys(key for key in keys if isinstance(key, str))
        if not unknown:
            return [key for key in keys if not isinstance(key, str)]
        self._resolve(connection, unknown)
        return [self._number(state, key) for state, key in zip(states, keys, strict=True)]

    def _key(self, state: State) -> int | str:
        """Return the number where it is known, else the attributes as JSON."""
        latest = self._latest.get(state.entity_id)
        if latest is not None and latest[0] is state.attributes:  # mostly only the state's text changes
            return latest[1]
        return self._encoded(state)

    def _encoded(self, state: State) -> str:
        text = to_json(_lasting(state))
        if len(text) <= MOST_CHARACTERS:
            return text
        if state.entity_id not in self._too_large:
            self._too_large.add(state.entity_id)
            _log.warning(
                "Attributes of %s are not recorded: expected at most %s characters as JSON, got %s",
                state.entity_id,
                MOST_CHARACTERS,
                len(text),
            )
        return "{}"

    def _number(self, state: State | None, key: int | str | None) -> int | None:
        if state is None or not isinstance(key, str):
            return key if isinstance(key, int) else None
        number = self._numbers[key]
        self._latest[state.entity_id] = (state.attributes, number)
        return number

    def _resolve(self, connection: Connection, texts: Iterable[str]) -> None:
        """Learn the numbers of these sets, storing those that are new."""
        unknown = {text: _hash(text) for text in texts if text not in self._numbers}
        if len(self._numbers) + len(unknown) > _REMEMBERED:
            self._numbers = dict(itertools.islice(self._numbers.items(), len(self._numbers) // 2, None))
            unknown = {text: _hash(text) for text in texts if text not in self._numbers}
        self._numbers.update(_stored(connection, unknown))
        rows: list[Any] = []
        for text, hash_ in unknown.items():
            if text not in self._numbers:
                self._numbers[text] = self._next
                rows += (self._next, hash_, text)
                self._next += 1
        self._insert(connection, rows)


def _lasting(state: State) -> Mapping[str, Any]:
    """Return the attributes that tell something later.

    A picture's token, and the address with it, is good for minutes and nobody's affair later. What an automation counts is
    in its runs, and would make a new set of every one of them.
    """
    if "access_token" in state.attributes:
        passing = _OF_PICTURES
    elif state.entity_id.startswith("automation."):
        passing = _OF_AUTOMATIONS
    else:
        return state.attributes
    return {key: value for key, value in state.attributes.items() if key not in passing}


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _stored(connection: Connection, unknown: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    hashes = iter(set(unknown.values()))
    while some := list(itertools.islice(hashes, _HASHES_PER_QUERY)):
        query = select(attributes.c.json, attributes.c.id).where(attributes.c.hash.in_(some))
        found.update((text, number) for text, number in connection.execute(query) if text in unknown)
    return found
