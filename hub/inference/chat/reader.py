"""Reads calls, from behind their opening to their end, out of text that comes in parts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Generator
from typing import TypeVar

from hub.core.inference import CallDelta
from hub.inference.chat.forms import CallForm
from hub.inference.chat.scanning import Nesting, value_end

_ARGUMENTS = ("arguments", "parameters")
_T = TypeVar("_T")
_Waiting = Generator[None, None, _T]
"""Something that is being read: it yields whenever it needs more text."""


class _NoCall(Exception):
    """What came is no call."""


def new_call_id() -> str:
    """Return an id that every model's template accepts: nine letters and digits."""
    return secrets.token_hex(5)[:9]


class CallReader:
    """Reads one opening's calls. ``names`` are the tools that count; None accepts every name.

    ``raw`` is the text of a call that has no name yet, since it may turn out to be none; at first it is the ``opening``.
    ``rest`` is what came after the calls. ``refused`` says that this is no call: then both are text.
    """

    def __init__(
        self,
        form: CallForm,
        names: Collection[str] | None,
        first: int,
        opening: str,
        new_id: Callable[[], str] = new_call_id,
    ) -> None:
        self._form = form
        self._names = names
        self._new_id = new_id
        self._named = self._argued = False
        self._pending = ""
        self._found: list[CallDelta] = []
        self._reading = self._calls()
        self.index = first - 1
        self.raw = opening
        self.rest = ""
        self.ended = self.refused = False

    def feed(self, text: str) -> list[CallDelta]:
        """Take more text and return what it brings."""
        self.rest += text
        try:
            next(self._reading)
        except StopIteration:
            self.ended = True
        except _NoCall:
            self.refused = True
        found, self._found = self._found, []
        return found

    @property
    def undecided(self) -> bool:
        """True while the call at hand has no name."""
        return not self._named

    def _calls(self) -> _Waiting[None]:
        if self._form.listed:
            yield from self._expect("[")
        while True:
            yield from self._call()
            self.raw = ""
            if not (yield from self._another()):
                break
        yield from self._close()

    def _call(self) -> _Waiting[None]:
        self._named = self._argued = False
        self._pending = ""
        yield from self._expect("{")
        while (yield from self._next(also=",")) != "}":
            key = yield from self._whole()
            yield from self._expect(":")
            yield from self._member(_meaning(key))
        if not self._named:
            raise _NoCall
        self._take(1)
        if not self._argued:
            self._argue("{}")

    def _member(self, key: str) -> _Waiting[None]:
        first = yield from self._next()
        if key not in _ARGUMENTS:
            value = yield from self._whole()
            if key == "name":
                self._name(value)
            return
        self._argued = True
        if first == "{":
            yield from self._stream()
        else:
            self._argue(_meaning((yield from self._whole())))

    def _stream(self) -> _Waiting[None]:
        """Pass arguments on as they come."""
        nesting = Nesting()
        while (end := nesting.end(self.rest)) is None:
            self._argue(self._take(len(self.rest)))
            yield
        self._argue(self._take(end))

    def _name(self, value: str) -> None:
        name = _meaning(value)
        if (
            self._named
            or not value.startswith('"')
            or not name
            or (self._names is not None and name not in self._names)
        ):
            raise _NoCall
        self._named = True
        self.index += 1
        self._found.append(CallDelta(index=self.index, call_id=self._new_id(), name=name, arguments=self._pending))

    def _argue(self, text: str) -> None:
        if not self._named:
            self._pending += text
        elif text:
            self._found.append(CallDelta(index=self.index, arguments=text))

    def _another(self) -> _Waiting[bool]:
        """Say whether one more call follows in the same list, or without markers that would divide them."""
        if self._form.listed:
            following = yield from self._next()
            self._take(following in ",]")
            return following == ","
        return not self._form.closing and (yield from self._next(also=";")) == "{"

    def _close(self) -> _Waiting[None]:
        closing = self._form.closing
        if closing and (yield from self._next()) == closing[0]:
            while len(self.rest) < len(closing) and closing.startswith(self.rest):
                yield
            self.rest = self.rest.removeprefix(closing)

    def _next(self, also: str = "") -> _Waiting[str]:
        """Return the next character that is no white space, nor any of ``also``, without taking it."""
        while True:
            while self.rest and (self.rest[0].isspace() or self.rest[0] in also):
                self._take(1)
            if self.rest:
                return self.rest[0]
            yield

    def _expect(self, letter: str) -> _Waiting[None]:
        if (yield from self._next()) != letter:
            raise _NoCall
        self._take(1)

    def _whole(self) -> _Waiting[str]:
        """Return a value once all of it is there."""
        while (end := value_end(self.rest)) is None:
            yield
        if not end:
            raise _NoCall
        return self._take(end)

    def _take(self, length: int) -> str:
        taken, self.rest = self.rest[:length], self.rest[length:]
        if not self._named:
            self.raw += taken
        return taken


def _meaning(value: str) -> str:
    """Return what a JSON string says; other values as they are written, and null as an empty object."""
    if value == "null":
        return "{}"
    try:
        made = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return made if isinstance(made, str) else value
