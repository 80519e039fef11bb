"""The latest warnings and errors, for those who look after the hub from afar."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

MAX_RECORDS = 500
MAX_CHARACTERS = 10_000
_FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s (%(threadName)s) [%(name)s] %(message)s"


class RecentLog(logging.Handler):
    """Keeps the newest 500 records of WARNING and above, each of at most 10,000 characters."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter(_FORMAT, "%Y-%m-%d %H:%M:%S"))
        self._lines: deque[str] = deque(maxlen=MAX_RECORDS)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record)[:MAX_CHARACTERS])

    def text(self) -> str:
        """Return what is kept, one record a line but for tracebacks."""
        return "".join(f"{line}\n" for line in self._lines)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear everything that is logged for the time of the block."""
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield
        finally:
            root.removeHandler(self)
