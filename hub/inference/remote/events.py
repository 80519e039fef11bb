"""Server-sent events out of bytes that come in parts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from hub.errors import ModelUnavailable

MAX_EVENT = 1024 * 1024
"""Bytes of one event."""
MAX_ANSWER = 64 * 1024 * 1024
"""Bytes of all events of one answer."""


class EventReader:
    """Takes a stream part by part and gives the data of its events; other fields and comments are passed over."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._total = 0

    def feed(self, part: bytes) -> Iterator[bytes]:
        """Yield the data of each event that this part completes.

        Raises ModelUnavailable if an event, or all of them, are too long.
        """
        self._total += len(part)
        lines = (self._rest + part).splitlines(keepends=True)
        # A line end may be divided: a carriage return at the very end waits for what follows.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            if (data := self._line(line.rstrip(b"\r\n"))) is not None:
                yield data
        if self._size + len(self._rest) > MAX_EVENT or self._total > MAX_ANSWER:
            raise ModelUnavailable(f"Expected events of at most {MAX_EVENT} bytes and {MAX_ANSWER} in all, got more")

    def _line(self, line: bytes) -> bytes | None:
        if not line:
            data, self._data, self._size = b"\n".join(self._data), [], 0
            return data or None
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value)
        return None
