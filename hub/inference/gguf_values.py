"""The values in a GGUF file's header, from bytes in memory."""

from __future__ import annotations

import struct
from dataclasses import dataclass

Value = bool | int | float | str

WHOLE = frozenset({0, 1, 2, 3, 4, 5, 10, 11})
"""The types of whole numbers, by the numbers that files use."""

_FORMS = {
    number: struct.Struct(f"<{form}")
    for number, form in {
        0: "B",
        1: "b",
        2: "H",
        3: "h",
        4: "I",
        5: "i",
        6: "f",
        7: "B",
        10: "Q",
        11: "q",
        12: "d",
    }.items()
}
_BOOL, _TEXT, _ARRAY = 7, 8, 9
_MOST_ITEMS = 1 << 26
_LONGEST_TEXT = 64 << 20
_SHORT, _LONG = _FORMS[4], _FORMS[10]


class Malformed(Exception):
    """The bytes are no GGUF header; the message says what was expected."""


class Truncated(Exception):
    """The bytes end too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """An array that was only skimmed: ``length`` items of ``type`` from ``begin`` to ``end`` of the file."""

    type: int
    length: int
    begin: int
    end: int


class Reader:
    """Reads values from ``data``, at ``place`` and on. Raises Malformed or Truncated."""

    def __init__(self, data: bytes, *, place: int = 0) -> None:
        self._data = data
        self.place = place

    def short(self) -> int:
        """Read a number of 4 bytes."""
        return int(self._number(_SHORT))

    def long(self) -> int:
        """Read a number of 8 bytes."""
        return int(self._number(_LONG))

    def count(self, what: str, most: int) -> int:
        """Read how many of something follow."""
        count = self.long()
        if count > most:
            raise Malformed(f"expected at most {most} {what}, got {count}")
        return count

    def name(self, what: str, longest: int) -> str:
        """Read a short text that is valid UTF-8."""
        try:
            return self._bytes(what, longest).decode()
        except UnicodeDecodeError:
            raise Malformed(f"expected {what} in UTF-8, got other bytes") from None

    def value(self) -> Value | Array:
        """Read a type and a value of it."""
        kind = self.short()
        return self._skimmed() if kind == _ARRAY else self._single(kind)

    def items(self, array: Array) -> list[Value]:
        """Read the items of an array that begins here."""
        return [self._single(array.type) for _ in range(array.length)]

    def _single(self, kind: int) -> Value:
        if kind == _TEXT:
            return self._bytes("a text", _LONGEST_TEXT).decode(errors="replace")
        value = self._number(_form(kind))
        return bool(value) if kind == _BOOL else value

    def _number(self, form: struct.Struct) -> int | float:
        try:
            (value,) = form.unpack_from(self._data, self.place)
        except struct.error:
            raise Truncated from None
        self.place += form.size
        return value  # type: ignore[no-any-return]

    def _bytes(self, what: str, longest: int) -> bytes:
        length = self.long()
        if length > longest:
            raise Malformed(f"expected {what} of at most {longest} bytes, got {length}")
        begin = self.place
        self._skip(length)
        return self._data[begin : self.place]

    def _skip(self, length: int) -> None:
        self.place += length
        if self.place > len(self._data):
            raise Truncated

    def _skimmed(self) -> Array:
        kind = self.short()
        length = self.count("items of an array", _MOST_ITEMS)
        begin = self.place
        if kind == _TEXT:
            self._skim_texts(length)
        else:
            self._skip(length * _form(kind).size)
        return Array(type=kind, length=length, begin=begin, end=self.place)

    def _skim_texts(self, count: int) -> None:
        """Go past texts: a vocabulary has some 100,000 of them, so nothing else happens in this loop."""
        place, data, unpack = self.place, self._data, _LONG.unpack_from
        try:
            for _ in range(count):
                place += 8 + unpack(data, place)[0]
        except (struct.error, OverflowError):
            raise Truncated from None
        self.place = place
        self._skip(0)


def _form(kind: int) -> struct.Struct:
    if kind not in _FORMS:
        raise Malformed(f"expected a type of value from 0 to 12 that is no array of arrays, got {kind}")
    return _FORMS[kind]
