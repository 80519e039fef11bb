"""The child's end of ``words``: what it says, and what it asks and waits for. Any thread may speak."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from typing import Any

from hub.adapters.isolation import failures
from hub.adapters.isolation.frames import Frame, encode, receive
from hub.errors import ConnectionLost


class Mouth:
    """Says frames to the hub. It blocks while the hub does not read: so the hub bounds what a child says."""

    def __init__(self, words: socket.socket) -> None:
        self._words = words
        self._speaking = threading.Lock()

    def say(self, kind: str, values: object = None, *, number: int = 0, content: bytes = b"") -> None:
        """Say something. To a hub that has gone nothing is said: this process is about to end.

        Raises InvalidInput for what is no plain value.
        """
        frame = encode(kind, values, number=number, content=content)
        with self._speaking, contextlib.suppress(OSError):
            self._words.sendall(frame)

    def ask(self, kind: str, values: object = None) -> dict[str, Any]:
        """Return the hub's answer; nothing else goes on here meanwhile.

        Raises the error with which the hub answered, or ConnectionLost if it has gone.
        """
        frame = encode("ask", {"kind": kind, "values": values or {}})
        with self._speaking:
            answer = self._exchange(frame)
        if answer is None:
            raise ConnectionLost("The hub has gone")
        if answer.kind == "failed":
            raise failures.read(answer.values)
        return dict(answer.values)

    def _exchange(self, frame: bytes) -> Frame | None:
        try:
            self._words.sendall(frame)
            return receive(self._words)
        except OSError:
            return None


class LogLines(logging.Handler):
    """Says what is logged in this process in the hub's log."""

    def __init__(self, mouth: Mouth) -> None:
        super().__init__()
        self._mouth = mouth

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = self.format(record)
            self._mouth.say("log", {"logger": record.name, "level": record.levelno, "text": text[:_LONGEST]})
        except Exception:  # noqa: BLE001 - boundary: what cannot be logged must not fail what it tells of
            self.handleError(record)


_LONGEST = 32_768
