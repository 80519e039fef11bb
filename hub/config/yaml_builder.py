"""From YAML events to marked values, within limits: no value is made before it is known to be harmless."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import yaml

from hub.config.marks import Input, MarkedDict, MarkedList
from hub.errors import ConfigError

MAX_DEPTH = 100
"""Mappings and lists inside each other."""
MAX_NODES = 200_000
"""Values of a file and of what it includes, aliases counted as often as they are used."""

_log = logging.getLogger(__name__)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_SCALARS = frozenset(_STANDARD + name for name in ("null", "bool", "int", "float", "str", "timestamp", "binary"))
_MERGE = _STANDARD + "merge"
_REMEDIES: Mapping[str, str] = {
    "cannot start any token": "indent with spaces, and put text with special characters in quotes",
    "mapping values are not allowed": "check the indentation, and put text with a colon in quotes",
    "did not find expected key": "check the indentation and the quotes above",
    "did not find expected '-' indicator": "check the indentation of the list",
    "while scanning a quoted scalar": "close the quotes",
    "could not find expected ':'": "write 'key: value'",
    "found undefined alias": "define it above with &",
}

Reference = Callable[[str, str, int], Any]
"""What ``!secret name`` or ``!include file`` stands for: (name, file, line) -> value."""


class Budget:
    """How many more values may be made; shared with the files that a file includes."""

    def __init__(self, nodes: int = MAX_NODES) -> None:
        self.nodes = nodes


class Builder:
    """Makes the value of one YAML document. ``references`` are the meanings of tags such as ``!secret``."""

    def __init__(self, text: str, file: str, references: Mapping[str, Reference], budget: Budget) -> None:
        self._file = file
        self._references = references
        self._budget = budget
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._text = text

    def build(self) -> Any:
        """Return the document's value, None for an empty one.

        Raises ConfigError with the line of what is wrong.
        """
        try:
            self._parser = _LOADER(self._text)
            return self._document()
        except yaml.MarkedYAMLError as error:
            last = self._text.rstrip().count("\n") + 1
            line = _problem_line(error)
            raise self._error(_problem(error), line and min(line, last)) from None
        except yaml.reader.ReaderError as error:
            raise self._strange(error.position, error.character) from None
        except UnicodeEncodeError as error:
            raise self._strange(error.start, ord(self._text[error.start])) from None
        except yaml.YAMLError as error:
            raise self._error(f"Expected YAML: {error}", None) from None

    def _document(self) -> Any:
        self._parser.get_event()  # the stream begins
        if self._parser.check_event(yaml.StreamEndEvent):
            return None
        self._parser.get_event()  # the document begins
        value, _ = self._node(self._parser.get_event(), 0)
        self._parser.get_event()  # the document ends
        event = self._parser.get_event()
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._error(
                "Expected one document in the file, got a second: remove what follows '---'", _line(event)
            )
        return value

    def _node(self, event: Any, depth: int) -> tuple[Any, int]:
        """Return the value that begins with ``event`` and how many values it holds."""
        if isinstance(event, yaml.AliasEvent):
            value, size = self._alias(event)
        else:
            if event.anchor is not None:
                self._anchors[event.anchor] = None  # inside itself it is not known yet
            value, size = self._new(event, depth), 1
            if not isinstance(event, yaml.ScalarEvent):
                size = self._fill(value, depth)
            if event.anchor is not None:
                self._anchors[event.anchor] = (value, size)
        self._spend(size if isinstance(event, yaml.AliasEvent) else 1, event)
        return value, size

    def _new(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if depth >= MAX_DEPTH:
            raise self._error(f"Expected at most {MAX_DEPTH} levels, got more: split the file", _line(event))
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag is not None and event.tag != _STANDARD + ("map" if mapping else "seq"):
            raise self._unknown_tag(event)
        value = MarkedDict() if mapping else MarkedList()
        value.file, value.line = self._file, _line(event)
        return value

    def _fill(self, value: Any, depth: int) -> int:
        return self._fill_dict(value, depth + 1) if isinstance(value, MarkedDict) else self._fill_list(value, depth + 1)

    def _fill_list(self, items: MarkedList, depth: int) -> int:
        size = 1
        while not isinstance(event := self._parser.get_event(), yaml.SequenceEndEvent):
            item, item_size = self._node(event, depth)
            items.append(item)
            items.lines.append(_line(event))
            size += item_size
        return size

    def _fill_dict(self, mapping: MarkedDict, depth: int) -> int:
        size, merged = 1, []
        while not isinstance(event := self._parser.get_event(), yaml.MappingEndEvent):
            merge = isinstance(event, yaml.ScalarEvent) and self._tag(event) == _MERGE
            key, key_size = (None, 1) if merge else self._node(event, depth)
            line = _line(event)
            value, value_size = self._node(self._parser.get_event(), depth)
            size += key_size + value_size
            if merge:
                merged.append((value, line))
            else:
                self._put(mapping, key, value, line)
        for value, line in merged:
            self._merge(mapping, value, line)
        return size

    def _put(self, mapping: MarkedDict, key: Any, value: Any, line: int) -> None:
        if not isinstance(key, Hashable) or isinstance(key, Input):
            raise self._error(f"Expected text as a key, got {type(key).__name__}", line)
        if key in mapping:
            _log.warning(
                "Expected each key once, got %r again, first in line %s: the last one counts (%s:%s)",
                key, mapping.lines[key], self._file, line,
            )  # fmt: skip
        mapping[key] = value
        mapping.lines[key] = line

    def _merge(self, mapping: MarkedDict, value: Any, line: int) -> None:
        for source in value if isinstance(value, MarkedList) else [value]:
            if not isinstance(source, MarkedDict):
                raise self._error("Expected a mapping, or a list of them, after '<<:'", line)
            for key in source:
                if key not in mapping:
                    mapping[key] = source[key]
                    mapping.lines[key] = source.lines[key]

    def _alias(self, event: Any) -> tuple[Any, int]:
        known = self._anchors.get(event.anchor, (None, 0))
        if known is None:
            raise self._error(f"Expected '*{event.anchor}' outside what it stands for", _line(event))
        if event.anchor not in self._anchors:
            raise self._error(f"Expected '*{event.anchor}' to be defined above with '&{event.anchor}'", _line(event))
        return known

    def _spend(self, nodes: int, event: Any) -> None:
        self._budget.nodes -= nodes
        if self._budget.nodes < 0:
            raise self._error(
                f"Expected at most {MAX_NODES} values, aliases and included files counted, got more: split the file",
                _line(event),
            )

    def _tag(self, event: Any) -> str:
        if event.tag is not None and event.tag != "!":
            return str(event.tag)
        return str(self._parser.resolve(yaml.ScalarNode, event.value, event.implicit))

    def _scalar(self, event: Any) -> Any:
        tag = self._tag(event)
        if tag in _SCALARS:
            return self._standard(tag, event)
        if tag == "!input":
            return Input(event.value, self._file, _line(event))
        if tag in self._references:
            return self._references[tag](event.value, self._file, _line(event))
        if event.tag is None:  # "=" and "<<" as values: plain text to everybody but YAML 1.1
            return event.value
        raise self._unknown_tag(event)

    def _standard(self, tag: str, event: Any) -> Any:
        if tag == _STANDARD + "str":
            return event.value
        node = yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark)
        try:
            return self._parser.yaml_constructors[tag](self._parser, node)
        except (ValueError, KeyError, OverflowError):
            kind = tag.removeprefix(_STANDARD)
            shown = event.value[:60]
            raise self._error(f"Expected a valid {kind}, got {shown!r}: put it in quotes", _line(event)) from None

    def _unknown_tag(self, event: Any) -> ConfigError:
        known = ", ".join(["!input", *self._references])
        shown = event.tag.replace(_STANDARD, "!!")
        return self._error(f"Expected one of the tags {known}, got {shown}: remove it", _line(event))

    def _strange(self, position: int, character: object) -> ConfigError:
        got = f"#x{character:04x}" if isinstance(character, int) else repr(character)
        line = self._text.count("\n", 0, position) + 1
        return self._error(f"Expected text, got the character {got}: remove it", line)

    def _error(self, message: str, line: int | None) -> ConfigError:
        return ConfigError(message, file=self._file, line=line)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _problem_line(error: yaml.MarkedYAMLError) -> int | None:
    """Return where to look: where quotes were opened, rather than the end of the file where they are missed."""
    unclosed = error.context_mark is not None and "end of stream" in (error.problem or "")
    mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
    return mark.line + 1 if mark is not None else None


def _problem(error: yaml.MarkedYAMLError) -> str:
    text = ", ".join(part for part in (error.context, error.problem) if part)
    remedy = next((remedy for sign, remedy in _REMEDIES.items() if sign in text), "check this line and the one above")
    return f"Expected YAML, {text}: {remedy}"
