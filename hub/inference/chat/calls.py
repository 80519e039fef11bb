"""Tells calls and text apart in an answer while it is being written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hub.core.inference import CallDelta
from hub.inference.chat.forms import CallForm
from hub.inference.chat.reader import CallReader, new_call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a part of an answer was: text for the reader, and parts of calls."""

    text: str = ""
    calls: tuple[CallDelta, ...] = ()


class CallParser:
    """Takes an answer part by part. What turns out to be no call is text: nothing that the model wrote is lost.

    ``names`` are those of the tools. ``opened`` says that the first opening stood in the prompt.
    """

    def __init__(
        self, form: CallForm, names: Iterable[str], *, opened: bool = False, new_id: Callable[[], str] = new_call_id
    ) -> None:
        self._form = form
        self._names = frozenset(names)
        self._new_id = new_id
        self._count = 0
        self._held = ""  # text that may be the beginning of a marker, or white space before one
        self._begun = False
        self._reader: CallReader | None = CallReader(form, None, 0, "", new_id) if opened else None

    @property
    def called(self) -> bool:
        """True once the answer has asked for a call."""
        return self._count > 0

    def feed(self, text: str) -> Parsed:
        """Take a part of the answer."""
        said: list[str] = []
        calls: list[CallDelta] = []
        while text:
            text = self._read(self._reader, text, said, calls) if self._reader else self._search(text, said)
        return Parsed(text="".join(said), calls=tuple(calls))

    def end(self) -> Parsed:
        """Take the end of the answer: what was held back is text, if it is no call."""
        reader, held = self._reader, self._held
        self._reader, self._held = None, ""
        if reader is not None:
            return Parsed(text=reader.raw + reader.rest if reader.undecided else "")
        return Parsed(text=held if self._begun or not self.called else "")

    def _search(self, text: str, said: list[str]) -> str:
        """Look for an opening; return what is to be read after it."""
        text, self._held = self._held + text, ""
        marker = self._form.marker
        if (bare := self._bare(text)) and not (marker and bare.startswith(marker)):
            if marker.startswith(bare):
                self._held = text
                return ""
            return self._open(text.removesuffix(bare), self._names, bare)
        before, found, after = text.partition(marker) if marker else (text, "", "")
        if found:
            self._say(before.rstrip(), said)
            return self._open(marker, None, after)
        kept = _held_back(text, marker)
        self._held = text[len(text) - kept :]
        self._say(text[: len(text) - kept], said)
        return ""

    def _bare(self, text: str) -> str:
        """Return what may be a call without its marker, at the beginning of an answer."""
        begun = text.lstrip()
        return (
            begun if self._form.bare and not self._begun and begun.startswith("[" if self._form.listed else "{") else ""
        )

    def _open(self, opening: str, names: frozenset[str] | None, text: str) -> str:
        self._reader = CallReader(self._form, names, self._count, opening, self._new_id)
        return text

    def _read(self, reader: CallReader, text: str, said: list[str], calls: list[CallDelta]) -> str:
        """Let the reader go on; return what is not its own."""
        calls += reader.feed(text)
        self._count = reader.index + 1
        if reader.refused:
            self._begun = True
            self._say(reader.raw, said)
        elif not reader.ended:
            return ""
        self._reader = None
        return reader.rest

    def _say(self, text: str, said: list[str]) -> None:
        if text:
            self._begun = True
            said.append(text)


def _held_back(text: str, marker: str) -> int:
    """Return how many of the last characters may belong to a marker that is not complete, or to the space before one."""
    for length in range(min(len(marker) - 1, len(text)), 0, -1):
        if text.endswith(marker[:length]):
            return len(text) - len(text[:-length].rstrip())
    return len(text) - len(text.rstrip())
