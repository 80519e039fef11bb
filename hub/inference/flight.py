"""Requests on their way: each with its number, its time, and whoever waits for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

import msgspec

from hub.core.inference import Delta, Embeddings, FinishReason, Ranking, Token, Usage
from hub.errors import InferenceError, ModelUnavailable, PromptTooLong, QueueFull, Unanswerable, WorkerDied
from hub.inference.protocol import (
    Count,
    Counted,
    Decide,
    Embed,
    Embedded,
    Event,
    Failed,
    Generate,
    Ranked,
    Wrote,
)

Request = Generate | Decide | Embed | Count

_ERRORS = {error.key: error for error in (ModelUnavailable, WorkerDied, PromptTooLong, Unanswerable, QueueFull)}
Answer = TypeVar("Answer", Ranking, Embeddings, int)


def _stay() -> None:
    return


class Flight:
    """A request until its answer, or the reason why there is none, has come. ``leave`` says that nobody waits any more."""

    def __init__(self, request: Request, deadline: float) -> None:
        self.number = request.id
        self.deadline = deadline
        self.leave: Callable[[], None] = _stay
        self._request = request
        self._error: InferenceError | None = None
        self._woken = asyncio.Event()

    @property
    def over(self) -> bool:
        """True once nothing more will come."""
        return self._error is not None

    def request(self, left: float) -> Request:
        """Return what the worker is sent when that many seconds are left."""
        request = self._request
        if isinstance(request, Count):
            return request
        return msgspec.structs.replace(request, request=replace(request.request, timeout=left))

    def hear(self, event: Event) -> bool:
        """Take what the worker says of it; return True if that was the last.

        Raises InferenceError for an answer to something else.
        """
        if not isinstance(event, Failed):
            raise InferenceError(f"Expected an answer to request {self.number}, got {type(event).__name__}")
        self.fail(_ERRORS.get(event.key, InferenceError)(event.reason))
        return True

    def fail(self, error: InferenceError) -> None:
        """End it without an answer; nothing happens if it is over."""
        if not self.over:
            self._error = error
            self._woken.set()


class Reply(Flight, Generic[Answer]):
    """A request that is answered at once, by an answer of one kind."""

    def __init__(self, request: Request, deadline: float, kind: type[Answer]) -> None:
        super().__init__(request, deadline)
        self._kind: type[Answer] = kind
        self._answer: Answer | None = None

    @property
    def over(self) -> bool:
        return self._answer is not None or super().over

    def hear(self, event: Event) -> bool:
        answer = _answer(event)
        if not isinstance(answer, self._kind):
            return super().hear(event)
        self._answer = answer
        self._woken.set()
        return True

    async def answer(self) -> Answer:
        """Return the answer; raises InferenceError."""
        await self._woken.wait()
        if self._answer is None:
            raise self._error or InferenceError("Expected an answer, got none")
        return self._answer


class Stream(Flight):
    """A request that is answered in parts.

    What comes while nobody looks is merged into one part: a slow reader costs no more than the answer's text.
    """

    def __init__(self, request: Request, deadline: float) -> None:
        super().__init__(request, deadline)
        self._text: list[str] = []
        self._tokens: list[Token] = []
        self._finish: FinishReason | None = None
        self._usage: Usage | None = None

    @property
    def over(self) -> bool:
        return self._finish is not None or super().over

    def hear(self, event: Event) -> bool:
        if not isinstance(event, Wrote):
            return super().hear(event)
        delta = event.delta
        if not self.over:
            self._text.append(delta.text)
            self._tokens += delta.tokens
            self._finish, self._usage = delta.finish, delta.usage
            self._woken.set()
        return delta.finish is not None

    async def part(self) -> Delta | None:
        """Return what came since the last part, as soon as there is something; None at the end. Raises InferenceError."""
        while not self._text:
            if self._error is not None:
                raise self._error
            if self._finish is not None:
                return None
            self._woken.clear()
            await self._woken.wait()
        text, tokens = "".join(self._text), tuple(self._tokens)
        self._text.clear()
        self._tokens.clear()
        return Delta(text=text, tokens=tokens, finish=self._finish, usage=self._usage)


def _answer(event: Event) -> Ranking | Embeddings | int | None:
    match event:
        case Ranked():
            return event.ranking
        case Embedded():
            return event.embeddings
        case Counted():
            return event.tokens
    return None
