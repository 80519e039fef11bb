"""Where configuration comes from: mappings and lists that know their file and lines, and values given by reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Place = tuple[str | None, int | None]
"""A file, as messages name it, and a line counted from 1."""


class MarkedDict(dict[Any, Any]):
    """A mapping read from a file: ``lines`` says where each key stands."""

    __slots__ = ("file", "line", "lines")

    def __init__(self, values: Mapping[Any, Any] | None = None, *, like: Mapping[Any, Any] | None = None) -> None:
        super().__init__(values or {})
        self.file: str | None = getattr(like, "file", None)
        self.line: int | None = getattr(like, "line", None)
        self.lines: dict[Any, int] = dict(getattr(like, "lines", {}))


class MarkedList(list[Any]):
    """A list read from a file: ``lines`` says where each item stands."""

    __slots__ = ("file", "line", "lines")

    def __init__(self, values: Sequence[Any] = (), *, like: Sequence[Any] | None = None) -> None:
        super().__init__(values)
        self.file: str | None = getattr(like, "file", None)
        self.line: int | None = getattr(like, "line", None)
        self.lines: list[int] = list(getattr(like, "lines", ()))


@dataclass(frozen=True, slots=True)
class Input:
    """``!input name``: the place of a blueprint's input."""

    name: str
    file: str | None = None
    line: int | None = None


class Secret(str):
    """``!secret name``: the secret's text, which shows only its name wherever it is printed."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, text: str, name: str) -> Secret:
        secret = super().__new__(cls, text)
        secret.name = name
        return secret

    def __reduce__(self) -> tuple[type[Secret], tuple[str, str]]:
        return Secret, (str(self), self.name)

    def __repr__(self) -> str:
        return f"!secret {self.name}"


def where(container: object, key: object = None) -> Place:
    """Return where a key or item of ``container`` stands, or the container itself without a key."""
    file, line = getattr(container, "file", None), getattr(container, "line", None)
    lines = getattr(container, "lines", None)
    if isinstance(lines, dict):
        return file, lines.get(key, line)
    if isinstance(lines, list) and isinstance(key, int) and 0 <= key < len(lines):
        return file, lines[key]
    return file, line


def locate(value: object, path: Sequence[object]) -> Place:
    """Return where ``path`` leads from ``value``: as far as it exists, in the last file that is known."""
    place = where(value)
    for key in path:
        found = where(value, key)
        place = found if found[1] is not None else place
        try:
            value = value[key]  # type: ignore[index]
        except (TypeError, LookupError):
            return place
        inner = where(value)
        if inner[0] is not None and inner[0] != place[0]:
            place = inner
    return place


def unmarked(value: Any) -> Any:
    """Return plain mappings and lists with secrets and inputs by reference: what may be shown and recorded."""
    if isinstance(value, Mapping):
        return {key: unmarked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [unmarked(item) for item in value]
    if isinstance(value, Secret):
        return repr(value)
    return f"!input {value.name}" if isinstance(value, Input) else value
