"""The tables of ``history.db``. Times are UTC epoch seconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, Table, Text

from hub.database import Schema

tables = MetaData()

entities = Table(
    "entities",
    tables,
    Column("id", Integer, primary_key=True),
    Column("entity_id", Text, nullable=False, unique=True),
)

attributes = Table(
    "attributes",
    tables,
    Column("id", Integer, primary_key=True),
    Column("hash", BigInteger, nullable=False, index=True),
    Column("json", Text, nullable=False),
)

# `state` is null where the entity was removed, `number` where the state is no finite number, `changed` where it equals
# `updated`: the state's text changed, not only its attributes.
states = Table(
    "states",
    tables,
    Column("id", Integer, primary_key=True),
    Column("entity", Integer, nullable=False),
    Column("state", Text),
    Column("number", Float),
    Column("updated", Float, nullable=False),
    Column("changed", Float),
    Column("attributes", Integer),
    Column("context_id", Text),
    Column("parent_id", Text),
    Index("states_by_entity_and_time", "entity", "updated"),
)

events = Table(
    "events",
    tables,
    Column("id", Integer, primary_key=True),
    Column("type", Text, nullable=False),
    Column("time", Float, nullable=False, index=True),
    Column("data", Text, nullable=False),
    Column("context_id", Text),
    Column("parent_id", Text),
    Column("user_id", Text),
    Column("origin", Text),
    Index("events_by_type_and_time", "type", "time"),
)

runs = Table(
    "runs",
    tables,
    Column("id", Integer, primary_key=True),
    Column("run_id", Text, nullable=False, unique=True),
    Column("automation_id", Text, nullable=False),
    Column("started", Float, nullable=False),
    Column("finished", Float),
    Column("outcome", Text),
    Column("json", Text, nullable=False),
    Index("runs_by_automation_and_time", "automation_id", "started"),
    Index("runs_by_outcome_and_time", "outcome", "started"),
    Index("runs_by_time", "started"),
)

SCHEMA = Schema(tables=tables)
