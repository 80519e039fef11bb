"""Connections: SQLite set up for a hub that is written to all day and may lose its power at any time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, NullPool, create_engine, event

_BUSY_SECONDS = 5.0
_PRAGMAS: Mapping[str, str] = {
    "auto_vacuum": "INCREMENTAL",  # deleted rows give their space back in small steps, without VACUUM
    "journal_mode": "WAL",
    "synchronous": "NORMAL",  # a power cut may cost the last commits, never the file
    "journal_size_limit": "16777216",
    "cache_size": "-8000",
    "temp_store": "MEMORY",
}


def open_engine(path: Path, pragmas: Mapping[str, str] | None = None) -> Engine:
    """Return an engine for the file, made if missing, that only its owner may read. ``pragmas`` add to the usual ones.

    Each connection is a new one. Transactions are begun when SQLAlchemy says so, which makes schema changes part of them.
    """
    _private(path)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": _BUSY_SECONDS, "cached_statements": 256},
    )
    chosen = {**_PRAGMAS, **(pragmas or {})}

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would begin transactions by rules of its own
        for name, value in chosen.items():
            connection.execute(f"PRAGMA {name}={value}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _private(path: Path) -> None:
    """Make the folder (0700) and the file (0600) whatever the umask; SQLite gives its journals the file's permissions."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)
