"""The tables of ``auth.db``: users and the hashes of their tokens."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, LargeBinary, MetaData, Table, Text

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

SCHEMA = Schema(tables=tables)
PRAGMAS = {"foreign_keys": "ON", "secure_delete": "ON", "synchronous": "FULL"}  # a revocation outlives a power cut
