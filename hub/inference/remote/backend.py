"""A model on another server: an InferenceBackend over OpenAI's API."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from hub.core.clock import Clock, SystemClock
from hub.core.inference import (
    BackendCapabilities,
    ChatDelta,
    ChatRequest,
    Completion,
    CompletionRequest,
    Constraint,
    ConstraintKind,
    DecisionRequest,
    Delta,
    EmbeddingRequest,
    Embeddings,
    Piece,
    Prompt,
    Ranking,
    collect,
)
from hub.errors import InferenceError, ModelUnavailable, WorkerDied
from hub.inference.remote.decoding import AnswerReader, read_embeddings
from hub.inference.remote.dialects import DIALECTS, Body, limited
from hub.inference.remote.encoding import WirePrompt, chat_body, completion_body, embedding_body
from hub.inference.remote.names import ToolNames
from hub.inference.remote.ranking import OptionWalk, settled
from hub.inference.remote.watch import INTERVAL, Line, ServerWatch

_MARK = re.compile(r"<[^\s<>]+>|\[[^\s\[\]]+\]")
_NO_ANSWER = (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError)
"""What comes of reading JSON that is no answer."""
_log = logging.getLogger(__name__)


class RemoteBackend:
    """Asks the OpenAI-compatible server at ``url``: implements ``hub.core.inference.InferenceBackend``.

    ``run`` must be running for requests to be answered. ``model`` None takes the first that the server lists, ``dialect``
    None finds out what kind of server it is. Decisions need log-probabilities of the server; one that gives none
    (``capabilities.candidates`` 0) names an option, and its ranking says that no probability is known by ``outside`` 1.
    Of a prompt's special pieces only llama-server is told exactly; other servers look for special tokens everywhere.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        model: str | None = None,
        dialect: str | None = None,
        clock: Clock | None = None,
        interval: float = INTERVAL,
    ) -> None:
        spoken = DIALECTS[dialect] if dialect else None
        self._watch = ServerWatch(url, token, model, spoken, clock=clock or SystemClock(), interval=interval)

    @property
    def watch(self) -> ServerWatch:
        """How the server is."""
        return self._watch

    @property
    def model(self) -> str | None:
        """The model's id on the server, or None while the server is away."""
        return self._watch.served.model if self._watch.served and self._watch.ready else None

    @property
    def capabilities(self) -> BackendCapabilities:
        """What can be asked of the server, as far as is known yet."""
        served = self._watch.served
        dialect = served.dialect if served else DIALECTS["openai"]
        return BackendCapabilities(
            constraints=frozenset(dialect.chat) | frozenset(dialect.completion),
            decide=dialect.candidates > 0 or ConstraintKind.CHOICE in dialect.completion,
            candidates=dialect.candidates,
            context=served.context if served else None,
        )

    def status(self) -> Mapping[str, Any]:
        """Return how the server is, and why."""
        return {
            "state": self._watch.state.value,
            "model": self.model,
            "reason": self._watch.reason,
            "memory_mb": None,
            "server": self._watch.root,
            "kind": self._watch.served.dialect.name if self._watch.served else None,
            "in_flight": self._watch.in_flight,
        }

    async def run(self) -> None:
        """Look after the server until cancelled."""
        await self._watch.run()

    async def generate(self, request: CompletionRequest) -> AsyncGenerator[Delta]:
        """Yield the answer to a prompt as it is written; closing the iterator closes the connection."""
        async with self._watch.line(request.timeout) as line, aclosing(_generated(line, request)) as deltas:
            async for delta in deltas:
                yield delta

    async def complete(self, request: CompletionRequest) -> Completion:
        """Return the whole answer to a prompt."""
        return await collect(self.generate(request))

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """Yield the next message of a chat as it is written; closing the iterator closes the connection."""
        async with self._watch.line(request.timeout) as line:
            names = ToolNames(tool.name for tool in request.tools)
            body = chat_body(request, line.served.model, line.served.dialect, names)
            async with aclosing(_answer(line, "chat/completions", body, names)) as deltas:
                async for delta in deltas:
                    yield delta

    async def decide(self, request: DecisionRequest) -> Ranking:
        """Return how likely each option is, as far as the server tells."""
        async with self._watch.line(request.timeout) as line:
            if line.served.dialect.candidates > 0:
                walk = OptionWalk(request.options, lambda begun: self._likely(line, request, begun))
                if (ranking := await walk.rank()) is not None:
                    return ranking
            return await _chosen(line, request)

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        """Return the texts' vectors."""
        async with self._watch.line(request.timeout) as line, asyncio.timeout_at(line.deadline):
            data = await line.connection.post("embeddings", embedding_body(request, line.served.model))
            try:
                return read_embeddings(data, len(request.texts))
            except _NO_ANSWER as error:
                raise _no_answer("embeddings", error) from None

    async def _likely(self, line: Line, request: DecisionRequest, begun: str) -> tuple[tuple[str, float], ...]:
        """Return what may follow the prompt and the beginning of an option."""
        dialect = line.served.dialect
        prompt = _continued(request.prompt, begun)
        asked = CompletionRequest(prompt=prompt, max_tokens=1, candidates=dialect.candidates, timeout=request.timeout)
        tokens = (await collect(_generated(line, asked))).tokens
        if not tokens and not begun:
            _log.info("The inference server %s tells no log-probabilities", self._watch.root)
            self._watch.served = replace(line.served, dialect=limited(dialect, 0))
        return tokens[0].candidates if tokens else ()


async def _generated(line: Line, request: CompletionRequest) -> AsyncGenerator[ChatDelta]:
    dialect = line.served.dialect
    body = completion_body(request, "", line.served.model, dialect)
    async with asyncio.timeout_at(line.deadline):
        body["prompt"] = await _wire(line, request.prompt)
    async with aclosing(_answer(line, "completions", body, ToolNames())) as deltas:
        async for delta in deltas:
            yield delta


async def _answer(line: Line, path: str, body: Body, names: ToolNames) -> AsyncGenerator[ChatDelta]:
    loop = asyncio.get_running_loop()
    began, first = loop.time(), 0.0
    reader = AnswerReader(names=names)
    async with aclosing(line.connection.stream(path, body)) as events:
        while (chunk := await _next(events, line.deadline)) is not None:
            try:
                delta = reader.read(chunk)
            except _NO_ANSWER as error:
                raise _no_answer("a part of an answer", error) from None
            if delta is not None:
                first = first or loop.time() - began
                yield delta
    if reader.finish is None:
        raise WorkerDied("The server ended an answer before it was complete")
    yield reader.last(replace(reader.usage, first=first, duration=loop.time() - began))


async def _next(events: AsyncGenerator[Any], deadline: float) -> Any:
    """Return the next event, or None at the end."""
    async with asyncio.timeout_at(deadline):
        return await anext(events, None)


async def _wire(line: Line, prompt: Prompt) -> WirePrompt:
    """Return the prompt as text, or as tokens where text of it could be taken for special tokens."""
    pieces = (Piece(text=prompt),) if isinstance(prompt, str) else prompt
    if not line.served.dialect.tokenises or not any(_MARK.search(piece.text) for piece in pieces if not piece.special):
        return "".join(piece.text for piece in pieces)
    tokens: list[int] = []
    for number, piece in enumerate(pieces):
        asked = {"content": piece.text, "add_special": number == 0, "parse_special": piece.special}
        data = await line.connection.post("/tokenize", asked)
        try:
            tokens += [int(token) for token in data["tokens"]]
        except _NO_ANSWER as error:
            raise _no_answer("tokens", error) from None
    return tokens


async def _chosen(line: Line, request: DecisionRequest) -> Ranking:
    if ConstraintKind.CHOICE not in line.served.dialect.completion:
        raise InferenceError(
            "Expected a server that tells how likely the options are or can be held to them, got neither"
        )
    choice = Constraint.choice(*request.options)
    asked = CompletionRequest(prompt=request.prompt, constraint=choice, timeout=request.timeout)
    text = (await collect(_generated(line, asked))).text
    if text not in request.options:
        raise InferenceError(f"Expected one of the options of the server, got {text[:80]!r}")
    return settled(request.options, text)


def _continued(prompt: Prompt, begun: str) -> Prompt:
    if isinstance(prompt, str):
        return prompt + begun
    return (*prompt, Piece(text=begun)) if begun else prompt


def _no_answer(what: str, error: Exception) -> ModelUnavailable:
    return ModelUnavailable(f"Expected {what} of the server, got something else ({type(error).__name__}: {error})")
