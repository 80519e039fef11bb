"""Conversations in a database file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
)

from hub.conversation.turns import checked, loaded
from hub.core.ports import Turn
from hub.database import BulkInsert, ReplaceableDatabase, Schema

_PAGE = 500

_tables = MetaData()
_conversations = Table(
    "conversations",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", Text, nullable=False, unique=True),
)
_turns = Table(
    "turns",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("conversation", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("time", Float, nullable=False),
    Column("data", Text, nullable=False),
    Index("turns_by_conversation", "conversation", "id"),
)
SCHEMA = Schema(tables=_tables)

_number = select(_conversations.c.id).where(_conversations.c.conversation_id == bindparam("conversation_id"))
_columns = select(_turns.c.id, _turns.c.role, _turns.c.text, _turns.c.time, _turns.c.data).where(
    _turns.c.conversation == _number.scalar_subquery()
)
_newest = _columns.order_by(_turns.c.id.desc()).limit(bindparam("limit"))
_next_page = _columns.where(_turns.c.id > bindparam("after")).order_by(_turns.c.id).limit(_PAGE)


class SqliteConversationStore:
    """The port ``ConversationStore`` in a SQLite file, for millions of turns.

    Use it as ``async with SqliteConversationStore(path)``. Deleted turns are overwritten in the file, not only unlinked.
    A file that turns out damaged is moved aside and begun anew.
    """

    def __init__(self, path: Path) -> None:
        self._database = ReplaceableDatabase(path, SCHEMA, pragmas={"secure_delete": "ON"})
        self._insert = BulkInsert(_turns, ("conversation", "role", "text", "time", "data"))

    async def append(self, conversation_id: str, turns: Sequence[Turn]) -> None:
        rows = [(turn.role, turn.text, turn.time, data) for turn, data in checked(conversation_id, turns)]
        if rows:
            await self._database.call(partial(self._append, conversation_id=conversation_id, rows=rows))

    async def history(self, conversation_id: str, limit: int = 50) -> list[Turn]:
        values = {"conversation_id": conversation_id, "limit": max(limit, 0)}
        rows = await self._database.call(partial(_read, query=_newest, values=values))
        return [turn for _, turn in reversed(rows)]

    async def delete(self, conversation_id: str) -> bool:
        if not await self._database.call(partial(_delete, conversation_id=conversation_id)):
            return False
        await self._database.checkpoint()
        return True

    async def export(self, conversation_id: str) -> AsyncIterator[Turn]:
        after = 0
        while True:
            values = {"conversation_id": conversation_id, "after": after}
            page = await self._database.call(partial(_read, query=_next_page, values=values))
            for after, turn in page:  # noqa: B007 - where the next page begins
                yield turn
            if len(page) < _PAGE:
                return

    async def __aenter__(self) -> Self:
        await self._database.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.close()

    def _append(self, connection: Connection, conversation_id: str, rows: Iterable[tuple[Any, ...]]) -> None:
        number = connection.execute(_number, {"conversation_id": conversation_id}).scalar_one_or_none()
        if number is None:
            added = connection.execute(insert(_conversations).values(conversation_id=conversation_id))
            assert added.inserted_primary_key is not None
            number = added.inserted_primary_key[0]
        self._insert(connection, [value for row in rows for value in (number, *row)])


def _read(connection: Connection, query: Select[Any], values: dict[str, Any]) -> list[tuple[int, Turn]]:
    return [
        (id_, Turn(role=role, text=text_, time=time, data=loaded(data)))
        for id_, role, text_, time, data in connection.execute(query, values)
    ]


def _delete(connection: Connection, conversation_id: str) -> bool:
    number = connection.execute(_number, {"conversation_id": conversation_id}).scalar_one_or_none()
    if number is None:
        return False
    connection.execute(delete(_turns).where(_turns.c.conversation == number))
    connection.execute(delete(_conversations).where(_conversations.c.id == number))
    return True
