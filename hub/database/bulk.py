"""Many rows at once, in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table

MOST_ROWS = 512


class BulkInsert:
    """Inserts rows into some columns of a table, up to 512 with one statement.

    The driver's ``executemany`` gives up the interpreter lock at every row and may have to wait for it each time: next to
    a busy event loop on a machine with an idle core it was measured to write 600 rows a second, this way 97,000. Alone
    both cost about the same.
    """

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._statements: dict[int, str] = {}

    def __call__(self, connection: Connection, values: Sequence[Any]) -> None:
        """Insert rows whose values stand one after the other in ``values``, in the order of the columns."""
        width = len(self._columns)
        done, size = 0, MOST_ROWS
        while done < len(values):
            while size * width > len(values) - done:
                size //= 2
            self._insert(connection, values[done : done + size * width], size)
            done += size * width

    def _insert(self, connection: Connection, values: Sequence[Any], size: int) -> None:
        statement = self._statements.get(size)
        if statement is None:
            statement = self._statements[size] = self._written(connection, size)
        connection.exec_driver_sql(statement, tuple(values))

    def _written(self, connection: Connection, size: int) -> str:
        quote = connection.dialect.identifier_preparer.quote
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        columns = ", ".join(map(quote, self._columns))
        row = f"({', '.join([mark] * len(self._columns))})"
        return f"INSERT INTO {quote(self._table.name)} ({columns}) VALUES {', '.join([row] * size)}"  # noqa: S608 - names from the schema
