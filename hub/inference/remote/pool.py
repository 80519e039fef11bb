"""Several servers as one back end: the least busy that is well answers, another one if it fails, and the local model at last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar, cast

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
    InferenceBackend,
    Ranking,
    collect,
)
from hub.errors import InferenceError, ModelUnavailable, QueueFull, WorkerDied
from hub.inference.remote.backend import RemoteBackend
from hub.inference.remote.watch import ServerState

_PASSING = (ModelUnavailable, QueueFull, WorkerDied)
"""What another server may do better."""

_Request = TypeVar("_Request", ChatRequest, CompletionRequest, DecisionRequest, EmbeddingRequest)
_Part = TypeVar("_Part", bound=Delta)
_Answer = TypeVar("_Answer")


class BackendPool:
    """Implements ``hub.core.inference.InferenceBackend`` over servers, and a ``local`` back end where all of them fail.

    A request goes to another server only while nothing of its answer was given out. ``run`` must be running; it does not
    run ``local``.
    """

    def __init__(self, servers: Sequence[RemoteBackend], local: InferenceBackend | None = None) -> None:
        self._servers = tuple(servers)
        self._local = local

    @property
    def model(self) -> str | None:
        """The model of the first back end that has one."""
        return next((backend.model for backend in self._all() if backend.model), None)

    @property
    def capabilities(self) -> BackendCapabilities:
        """What all servers that are well can do; while there are none, what the local model can."""
        offered = [server.capabilities for server in self._servers if server.watch.ready]
        if not offered:
            return (
                self._local.capabilities
                if self._local
                else BackendCapabilities(chat=False, tools=False, decide=False, embed=False)
            )
        windows = [one.context for one in offered if one.context is not None]
        return BackendCapabilities(
            constraints=frozenset.intersection(*(one.constraints for one in offered)),
            decide=all(one.decide for one in offered),
            candidates=min(one.candidates for one in offered),
            context=min(windows, default=None),
        )

    def status(self) -> Mapping[str, Any]:
        """Return how the best of them is, and each one's status."""
        statuses = [backend.status() for backend in self._all()]
        best = next((status for status in statuses if status["state"] == "ready"), statuses[0] if statuses else {})
        return {
            "state": best.get("state", "missing"),
            "model": self.model,
            "reason": best.get("reason"),
            "memory_mb": self._local.status().get("memory_mb") if self._local else None,
            "servers": [dict(server.status()) for server in self._servers],
            "local": dict(self._local.status()) if self._local else None,
        }

    async def run(self) -> None:
        """Look after the servers until cancelled."""
        async with asyncio.TaskGroup() as group:
            for server in self._servers:
                group.create_task(server.run(), name=f"inference:{server.watch.root}")

    async def generate(self, request: CompletionRequest) -> AsyncGenerator[Delta]:
        """Yield the answer to a prompt as it is written."""
        async with aclosing(self._streamed(request, lambda backend, asked: backend.generate(asked))) as deltas:
            async for delta in deltas:
                yield delta

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the whole answer to a prompt."""
        return await collect(self.generate(request))

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """Yield the next message of a chat as it is written."""
        async with aclosing(self._streamed(request, lambda backend, asked: backend.chat(asked))) as deltas:
            async for delta in deltas:
                yield delta

    async def decide(self, request: DecisionRequest) -> Ranking:
        """Return how likely each option is."""
        return await self._answered(request, lambda backend, asked: backend.decide(asked))

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the texts' vectors."""
        return await self._answered(request, lambda backend, asked: backend.embed(asked))

    async def _streamed(
        self, request: _Request, ask: Callable[[InferenceBackend, _Request], AsyncIterator[_Part]]
    ) -> AsyncGenerator[_Part]:
        failed: InferenceError | None = None
        for backend, asked in self._attempts(request):
            begun = False
            try:
                # Every iterator of a back end is a generator: only those can be closed.
                async with aclosing(cast("AsyncGenerator[_Part]", ask(backend, asked))) as parts:
                    async for part in parts:
                        begun = True
                        yield part
            except _PASSING as error:
                if begun:
                    raise
                failed = error
            else:
                return
        raise failed or self._nobody()

    async def _answered(
        self, request: _Request, ask: Callable[[InferenceBackend, _Request], Awaitable[_Answer]]
    ) -> _Answer:
        failed: InferenceError | None = None
        for backend, asked in self._attempts(request):
            try:
                return await ask(backend, asked)
            except _PASSING as error:
                failed = error
        raise failed or self._nobody()

    def _attempts(self, request: _Request) -> Iterator[tuple[InferenceBackend, _Request]]:
        """Yield whom to ask next, with the time that is left; the least busy is chosen when its turn comes."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + request.timeout
        tried: set[int] = set()
        while (backend := self._next(request, tried)) is not None:
            left = deadline - loop.time()
            if left <= 0:
                raise InferenceError(
                    f"Expected an answer within {request.timeout:g} s, got none of {len(tried)} back ends"
                )
            tried.add(id(backend))
            yield backend, replace(request, timeout=left)

    def _next(self, request: object, tried: set[int]) -> InferenceBackend | None:
        able = [server for server in self._servers if id(server) not in tried and _able(server, request)]
        ready = [server for server in able if server.watch.ready]
        if ready:
            return min(ready, key=lambda server: server.watch.load)
        if self._local is not None:
            return None if id(self._local) in tried else self._local
        return next((server for server in able if server.watch.state is ServerState.LOADING), None)

    def _all(self) -> tuple[InferenceBackend, ...]:
        return (*self._servers, self._local) if self._local else self._servers

    def _nobody(self) -> ModelUnavailable:
        reasons = "; ".join(str(server.status()["reason"]) for server in self._servers if server.status()["reason"])
        return ModelUnavailable(
            f"No inference server can take the request. {reasons or 'None of them knows its constraint'}"
        )


def _able(server: RemoteBackend, request: object) -> bool:
    constraint = getattr(request, "constraint", None)
    return constraint is None or constraint.kind in server.capabilities.constraints
