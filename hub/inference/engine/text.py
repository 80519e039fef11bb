"""The text of an answer as it is written: whole characters only, and nothing of a text that ends it. Pure."""

from __future__ import annotations

import codecs

_decoder = codecs.getincrementaldecoder("utf-8")


class Text:
    """Takes the bytes of tokens and gives text. What may yet become one of ``stops`` is held back.

    ``written`` and ``given`` count the characters; ``stopped`` is set once one of the stops came, and nothing follows it.
    """

    def __init__(self, stops: tuple[str, ...] = ()) -> None:
        self.written = 0
        self.given = 0
        self.stopped = False
        self._decoder = _decoder("replace")
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""

    def add(self, raw: bytes) -> str:
        """Return the text that can be given out now."""
        return self._pass(self._decoder.decode(raw))

    def end(self) -> str:
        """Return what was held back: no stop came, and no more bytes will."""
        if self.stopped:
            return ""
        text = self._pass(self._decoder.decode(b"", final=True))
        held = self._held
        self._held = ""  # empty too where that made a stop whole
        self.given += len(held)
        return text + held

    def _pass(self, text: str) -> str:
        self.written += len(text)
        if self._stops:
            text = self._unstopped(self._held + text)
        self.given += len(text)
        return text

    def _unstopped(self, text: str) -> str:
        found = [place for stop in self._stops if (place := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        keep = max(_begun(text, stop) for stop in self._stops)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _begun(text: str, stop: str) -> int:
    """Return how many characters at the end of a text could be the beginning of a stop."""
    most = min(len(text), len(stop) - 1)
    return next((count for count in range(most, 0, -1) if stop.startswith(text[-count:])), 0)
