"""The tables of ``auth.db``: users with what they were granted, and the hashes of their tokens."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Connection, Float, ForeignKey, LargeBinary, MetaData, Table, Text, text

from hub.database import Schema

tables = MetaData()

users = Table(
    "users",
    tables,
    Column("user_id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created", Float, nullable=False),
    Column("password", Text),
    Column("capabilities", JSON(none_as_null=True)),
)

tokens = Table(
    "tokens",
    tables,
    Column("token_id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.user_id", ondelete="CASCADE"), nullable=False),
    Column("parent_id", Text, ForeignKey("tokens.token_id", ondelete="CASCADE")),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("client_id", Text),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("last_used", Float),
    Column("last_address", Text),
)


def _add_capabilities(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE users ADD COLUMN capabilities JSON"))


SCHEMA = Schema(tables=tables, upgrades=(_add_capabilities,))
PRAGMAS = {"foreign_keys": "ON", "secure_delete": "ON", "synchronous": "FULL"}  # a revocation outlives a power cut
