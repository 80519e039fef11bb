"""A batch that llama.cpp refuses: the request it is about is found by halving, so that the others do not suffer. Pure."""

from __future__ import annotations

from hub.inference.engine.context import Broken
from hub.inference.engine.request import Request

_MOST_FAILURES = 3


class Suspects:
    """Groups of requests that are decoded apart until the refused one is alone."""

    def __init__(self) -> None:
        self._groups: list[list[Request]] = []
        self._failures = 0

    def among(self, running: list[Request]) -> list[Request]:
        """Return those whose turn it is: all, unless one is looked for."""
        while self._groups:
            if turn := [request for request in self._groups[-1] if request in running]:
                return turn
            self._groups.pop()
        return running

    def passed(self) -> None:
        """Note that a batch was decoded."""
        self._failures = 0
        if self._groups:
            self._groups.pop()

    def refused(self, requests: list[Request], error: Broken) -> Request | None:
        """Note that a batch with these was not; return the one to fail, if it is found.

        Raises the error if it is nobody's fault: llama.cpp fails at everything.
        """
        if self._groups:
            self._groups.pop()
        if len(requests) > 1:
            middle = len(requests) // 2
            self._groups += [requests[:middle], requests[middle:]]
            return None
        self._failures += 1
        if self._failures == _MOST_FAILURES:
            raise error
        return requests[0]
