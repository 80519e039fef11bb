"""The local model: an InferenceBackend over a worker process."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hub.core.clock import Clock, SystemClock
from hub.core.inference import (
    BackendCapabilities,
    ChatDelta,
    ChatRequest,
    Completion,
    CompletionRequest,
    DecisionRequest,
    Delta,
    EmbeddingRequest,
    Embeddings,
    Prompt,
    Ranking,
    collect,
)
from hub.errors import InferenceError
from hub.inference.chat import ChatFormat, TokenCounter
from hub.inference.exchange import Exchange
from hub.inference.flight import Answer, Flight, Reply, Stream
from hub.inference.keeper import Keeper
from hub.inference.process import WORKER
from hub.inference.protocol import Count, Decide, Embed, Generate
from hub.inference.room import fits_beside
from hub.inference.settings import EngineSettings

DEFAULT_MODEL = Path(__file__).parent / "models" / "home-6m-q8_0.gguf"
"""The command model that comes with Hearth."""

_COUNTING = 30.0
AnyFlight = TypeVar("AnyFlight", bound=Flight)


@dataclass(frozen=True, slots=True)
class _Way:
    """How a keeper's model chats."""

    keeper: Keeper
    format: ChatFormat
    count: TokenCounter


class LocalBackend:
    """Runs a GGUF model in a worker process: implements ``hub.core.inference.InferenceBackend``.

    ``run`` must be running for requests to be answered. ``command`` starts the worker.
    """

    def __init__(
        self,
        model: Path = DEFAULT_MODEL,
        settings: EngineSettings | None = None,
        *,
        clock: Clock | None = None,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._clock = clock or SystemClock()
        self._command = command
        self._numbers = itertools.count(1)
        self._way: _Way | None = None
        self._exchange = Exchange(self._keeper(model, settings or EngineSettings()), self._clock, fits_beside)

    @property
    def model(self) -> str | None:
        """The name of the model's file, or None where there is no model."""
        return self._exchange.current.name

    @property
    def path(self) -> Path:
        """The file of the model at work, whether it could be loaded or not."""
        return self._exchange.current.path

    @property
    def capabilities(self) -> BackendCapabilities:
        """What the model can do, as far as is known before it is loaded."""
        ready = self._exchange.current.ready
        if ready is None:
            return BackendCapabilities()
        return BackendCapabilities(context=ready.context, embed=ready.embeddings > 0)

    def status(self) -> Mapping[str, Any]:
        """Return how the model is, and why; ``report`` is what was chosen for this machine."""
        keeper = self._exchange.current
        traffic, ready, step = keeper.traffic, keeper.ready, keeper.step
        return {
            "state": keeper.state.value,
            "model": keeper.name,
            "reason": keeper.reason,
            "memory_mb": step.memory_mb or None,
            "waiting": traffic.waiting + step.waiting,
            "in_flight": traffic.held,
            "running": step.running,
            "restarts": keeper.restarts,
            "worker": keeper.pid,
            "context": ready.context if ready else None,
            "cells": step.cells,
            "tokens_per_second": traffic.speed,
            "report": dict(ready.report) if ready else {},
        }

    async def run(self) -> None:
        """Keep a worker running until cancelled. Why a model cannot be used is logged once, and ``status`` tells."""
        await self._exchange.run()

    async def use(self, model: Path, settings: EngineSettings | None = None) -> None:
        """Go on with another model; requests in flight are answered by the old one.

        Raises ModelUnavailable if it cannot be loaded: then the old one goes on.
        """
        await self._exchange.use(self._keeper(model, settings or self._exchange.current.settings))

    async def loaded(self) -> None:
        """Wait until the model is ready.

        Raises ModelUnavailable if it cannot be loaded.
        """
        await self._exchange.loaded()

    async def generate(self, request: CompletionRequest) -> AsyncGenerator[Delta]:
        """Yield the answer to a prompt as it is written; closing the iterator frees the model."""
        with self._flying(
            Stream(Generate(id=next(self._numbers), request=request), self._due(request.timeout))
        ) as stream:
            while (delta := await stream.part()) is not None:
                yield delta

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the whole answer to a prompt; cancelling the call frees the model."""
        return await collect(self.generate(request))

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """Yield the next message of a chat as it is written; closing the iterator frees the model."""
        way = await self._way_of_chatting(request.timeout)
        async with aclosing(way.format.chat(request, generate=self.generate, count=way.count)) as deltas:
            async for delta in deltas:
                yield delta

    async def decide(self, request: DecisionRequest) -> Ranking:
        """Return how likely each option is."""
        frame = Decide(id=next(self._numbers), request=request)
        return await self._ask(Reply(frame, self._due(request.timeout), Ranking))

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the texts' vectors."""
        frame = Embed(id=next(self._numbers), request=request)
        return await self._ask(Reply(frame, self._due(request.timeout), Embeddings))

    async def count(self, prompt: Prompt) -> int:
        """Return how many tokens a prompt is."""
        frame = Count(id=next(self._numbers), prompt=prompt)
        return await self._ask(Reply(frame, self._due(_COUNTING), int))

    async def _way_of_chatting(self, timeout: float) -> _Way:
        """Return how the model chats, which is known once it has been loaded."""
        try:
            async with asyncio.timeout(timeout):
                keeper = await self._exchange.loaded()
        except TimeoutError:
            raise InferenceError("Expected the model to be loaded in the request's time, it was not") from None
        if keeper.first is not None and (self._way is None or self._way.keeper is not keeper):
            self._way = _Way(keeper, await asyncio.to_thread(ChatFormat, keeper.first), TokenCounter(self.count))
        assert self._way is not None
        return self._way

    async def _ask(self, reply: Reply[Answer]) -> Answer:
        with self._flying(reply):
            return await reply.answer()

    @contextmanager
    def _flying(self, flight: AnyFlight) -> Iterator[AnyFlight]:
        self._exchange.traffic.enter(flight)
        try:
            yield flight
        finally:
            flight.leave()

    def _due(self, timeout: float) -> float:
        return self._clock.monotonic() + timeout

    def _keeper(self, model: Path, settings: EngineSettings) -> Keeper:
        return Keeper(model, settings, clock=self._clock, command=self._command)
