"""What the database driver raises, as the hub's own errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, ProgrammingError, StatementError

from hub.errors import DatabaseDamaged, StorageError

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_ABOUT_DATA = (DataError, IntegrityError, InterfaceError, ProgrammingError)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise StorageError or DatabaseDamaged, naming the database, for what the driver raises inside.

    Errors about the rows that were given (``is_about_data``) pass through: they are the caller's.
    """
    try:
        yield
    except _ABOUT_DATA:
        raise
    except (DBAPIError, sqlite3.Error, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if _is_damage(cause):
            raise DatabaseDamaged(f"Expected {name} to be a sound database, got: {cause}") from error
        raise StorageError(f"Expected to read and write {name}, got: {cause}") from error


def is_about_data(error: BaseException) -> bool:
    """Say whether the error comes from the rows that were given, so that other rows would do."""
    if isinstance(error, DBAPIError):
        return isinstance(error, _ABOUT_DATA)
    return isinstance(error, (StatementError, TypeError, ValueError, OverflowError, RecursionError))


def _is_damage(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _DAMAGED
