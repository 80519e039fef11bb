"""The audit's table: rows that are added in their order, read, and deleted from the oldest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    select,
)

from hub.database import BulkInsert, Schema
from hub.security.chain import AUDIT, START, Link, Row, digest

STARTED = "started"

_tables = MetaData()
_rows = Table(
    "audit",
    _tables,
    Column("number", Integer, primary_key=True),
    Column("time", Float, nullable=False),
    Column("of", Integer, index=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("user_id", Text),
    Column("context_id", Text),
    Column("detail", Text, nullable=False),
    Column("outcome", Text),
    Column("hash", LargeBinary, nullable=False),
)
SCHEMA = Schema(tables=_tables)

_insert = BulkInsert(_rows, [column.name for column in _rows.c])
_outcomes = _rows.alias("outcomes")
_with_outcomes = (
    select(_rows, _outcomes.c.outcome, _outcomes.c.detail, _outcomes.c.time)
    .outerjoin(_outcomes, _outcomes.c.of == _rows.c.number)
    .where(_rows.c.of.is_(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """An act as it was audited: what was about to happen, and how it ended. ``outcome`` is None while it goes on."""

    number: int
    time: float
    kind: str
    subject: str
    caller: str
    user_id: str | None
    context_id: str | None
    detail: Mapping[str, Any]
    outcome: str | None
    outcome_detail: Mapping[str, Any]
    finished: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; its keys are the names here."""
        return asdict(self)


def head(connection: Connection) -> Link:
    """Return the last row's place in the chain."""
    last = connection.execute(select(_rows.c.number, _rows.c.hash).order_by(_rows.c.number.desc()).limit(1)).first()
    return START if last is None else Link(last.number, last.hash)


def holds(connection: Connection, link: Link) -> bool:
    """Say whether the row is there as it was, or is the start of the chain."""
    stored = connection.execute(select(_rows.c.hash).where(_rows.c.number == link.number)).scalar_one_or_none()
    return link == START or stored == link.hash


def add_rows(connection: Connection, rows: Sequence[Row], after: Link) -> Link:
    """Chain the rows that come after ``after`` to it and store them; return the last one's place."""
    values: list[Any] = []
    for row in rows:
        if row.number > after.number:  # the others were stored before the process was killed
            after = Link(row.number, digest(after.hash, row))
            values += (*row, after.hash)
    _insert(connection, values)
    return after


def read_chain(connection: Connection, after: int, limit: int) -> list[tuple[Row, bytes]]:
    """Return the next rows in their order, each with its hash."""
    query = select(_rows).where(_rows.c.number > after).order_by(_rows.c.number).limit(limit)
    return [(Row(*fields), hash_) for *fields, hash_ in connection.execute(query)]


def read_records(connection: Connection, limit: int, before: int | None) -> list[AuditRecord]:
    """Return the newest acts first, those with a number below ``before``."""
    query = _with_outcomes.order_by(_rows.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(_rows.c.number < before)
    return [_record(*values) for values in connection.execute(query)]


def unfinished(connection: Connection) -> list[int]:
    """Return the intents since the last start that have no outcome."""
    last_start = select(_rows.c.number).where(_rows.c.kind == AUDIT, _rows.c.subject == STARTED)
    first = connection.execute(last_start.order_by(_rows.c.number.desc()).limit(1)).scalar_one_or_none() or 0
    query = (
        select(_rows.c.number)
        .outerjoin(_outcomes, _outcomes.c.of == _rows.c.number)
        .where(_rows.c.number >= first, _rows.c.of.is_(None), _rows.c.outcome.is_(None), _outcomes.c.number.is_(None))
        .order_by(_rows.c.number)
    )
    return list(connection.execute(query).scalars())


def last_before(connection: Connection, cutoff: float) -> Link | None:
    """Return the last row of those at the beginning that are all older than ``cutoff``; None if there are none."""
    kept = connection.execute(select(func.min(_rows.c.number)).where(_rows.c.time >= cutoff)).scalar_one()
    if kept is None:
        return None  # the newest row is always kept
    query = select(_rows.c.number, _rows.c.hash).where(_rows.c.number < kept).order_by(_rows.c.number.desc()).limit(1)
    last = connection.execute(query).first()
    return None if last is None else Link(last.number, last.hash)


def delete_through(connection: Connection, number: int) -> int:
    """Delete every row up to ``number``; return how many."""
    return connection.execute(delete(_rows).where(_rows.c.number <= number)).rowcount


def _record(
    number: int,
    time: float,
    _of: int | None,
    kind: str,
    subject: str,
    caller: str,
    user_id: str | None,
    context_id: str | None,
    detail: str,
    outcome: str | None,
    _hash: bytes,
    later_outcome: str | None,
    later_detail: str | None,
    finished: float | None,
) -> AuditRecord:
    return AuditRecord(
        number=number,
        time=time,
        kind=kind,
        subject=subject,
        caller=caller,
        user_id=user_id,
        context_id=context_id,
        detail=orjson.loads(detail),
        outcome=outcome or later_outcome,
        outcome_detail=orjson.loads(later_detail or "{}"),
        finished=time if outcome else finished,
    )
