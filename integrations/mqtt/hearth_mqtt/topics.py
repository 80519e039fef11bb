"""Topics and topic filters: what is allowed, and what matches what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from hub import InvalidInput

K = TypeVar("K")
V = TypeVar("V")

MAX_LEVELS = 200
MAX_LENGTH = 1024
"""How many levels and characters a filter, or a topic that the hub publishes to, may have: they bound the tree."""


def check_topic(topic: str) -> str:
    """Return a topic that may be published to; raises InvalidInput."""
    if not topic or "+" in topic or "#" in topic or not _is_sound(topic):
        raise InvalidInput(f"Expected a topic without wildcards of at most {MAX_LEVELS} levels, got {topic[:100]!r}")
    return topic


def check_filter(topic_filter: str) -> str:
    """Return a topic filter that may be subscribed to; raises InvalidInput."""
    if not is_filter(topic_filter):
        raise InvalidInput(
            f"Expected a topic filter in which + is a whole level and # the last one, got {topic_filter[:100]!r}"
        )
    return topic_filter


def is_filter(topic_filter: str) -> bool:
    """Say whether it is a topic filter."""
    if not topic_filter or not _is_sound(topic_filter):
        return False
    levels = topic_filter.split("/")
    return all(level in ("+", "#") or not ("+" in level or "#" in level) for level in levels) and "#" not in levels[:-1]


def is_pattern(topic_filter: str) -> bool:
    """Say whether a filter has wildcards."""
    return "+" in topic_filter or "#" in topic_filter


def matches(topic_filter: str, topic: str) -> bool:
    """Say whether a topic matches a filter. A wildcard in the first level does not match topics that begin with $."""
    if topic.startswith("$") and topic_filter[:1] in ("+", "#"):
        return False
    wanted, levels = topic_filter.split("/"), topic.split("/")
    for number, level in enumerate(wanted):
        if level == "#":
            return True
        if number == len(levels) or level not in ("+", levels[number]):
            return False
    return len(wanted) == len(levels)


def _is_sound(text: str) -> bool:
    return "\0" not in text and text.count("/") < MAX_LEVELS and len(text) <= MAX_LENGTH


class _Node(Generic[K, V]):
    __slots__ = ("children", "values")

    def __init__(self) -> None:
        self.children: dict[str, _Node[K, V]] = {}
        self.values: dict[K, V] = {}


class TopicTree(Generic[K, V]):
    """Values kept under topic filters, each filter holding one value for a key.

    Filters without wildcards are a plain dictionary; the others are a trie by level, walked along a topic's levels.
    """

    def __init__(self) -> None:
        self._exact: dict[str, dict[K, V]] = {}
        self._root: _Node[K, V] = _Node()

    def put(self, topic_filter: str, key: K, value: V) -> bool:
        """Keep ``value`` for ``key``; say whether there was none before."""
        values = self._values(topic_filter)
        is_new = key not in values
        values[key] = value
        return is_new

    def discard(self, topic_filter: str, key: K) -> bool:
        """Forget the key's value under a filter; say whether there was one."""
        if not is_pattern(topic_filter):
            values = self._exact.get(topic_filter, {})
            found = _remove(values, key)
            if not values:
                self._exact.pop(topic_filter, None)
            return found
        return self._discard(topic_filter.split("/"), key)

    def match(self, topic: str) -> list[tuple[K, V]]:
        """Return every key and value under a filter that matches; a key comes once for each of its filters."""
        found = list(self._exact.get(topic, {}).items())
        for node in self._walk(topic):
            found.extend(node.values.items())
        return found

    def __bool__(self) -> bool:
        return bool(self._exact or self._root.children)

    def _values(self, topic_filter: str) -> dict[K, V]:
        if not is_pattern(topic_filter):
            return self._exact.setdefault(topic_filter, {})
        node = self._root
        for level in topic_filter.split("/"):
            node = node.children.setdefault(level, _Node())
        return node.values

    def _discard(self, levels: list[str], key: K) -> bool:
        path = [self._root]
        for level in levels:
            child = path[-1].children.get(level)
            if child is None:
                return False
            path.append(child)
        found = _remove(path[-1].values, key)
        for parent, level in zip(path[-2::-1], reversed(levels), strict=True):
            node = parent.children[level]
            if node.values or node.children:
                break
            del parent.children[level]
        return found

    def _walk(self, topic: str) -> Iterator[_Node[K, V]]:
        """Yield the nodes of the filters with wildcards that match."""
        nodes = [self._root]
        for number, level in enumerate(topic.split("/")):
            hidden = number == 0 and level.startswith("$")
            below: list[_Node[K, V]] = []
            for node in nodes:
                below += _children(node, (level,) if hidden else (level, "+"))
                yield from _children(node, () if hidden else ("#",))
            nodes = below
            if not nodes:
                return
        for node in nodes:
            yield node
            yield from _children(node, ("#",))  # "a/#" matches "a" too


def _remove(values: dict[K, V], key: K) -> bool:
    found = key in values
    values.pop(key, None)
    return found


def _children(node: _Node[K, V], levels: tuple[str, ...]) -> list[_Node[K, V]]:
    return [node.children[level] for level in levels if level in node.children]
