"""Requests that wait to be admitted, the most urgent first."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from operator import attrgetter

from hub.inference.engine.request import Request


class Waiting:
    """Requests in the order of their rank."""

    def __init__(self) -> None:
        self._requests: list[Request] = []

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[Request]:
        return iter(tuple(self._requests))

    def enter(self, request: Request) -> None:
        """Wait for one's turn."""
        insort(self._requests, request, key=attrgetter("rank"))

    def leave(self, request: Request) -> None:
        """Stop waiting."""
        self._requests.remove(request)
