"""A hub whose model answers by rule, and the official client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from openai import AsyncOpenAI

from hub.core.inference import (
    ChatDelta,
    ChatRequest,
    Completion,
    CompletionRequest,
    Delta,
    EmbeddingRequest,
    Embeddings,
    FinishReason,
    RequestedCall,
    Token,
    Usage,
)
from hub.errors import InferenceError, ModelUnavailable, PromptTooLong, QueueFull, WorkerDied
from hub.inference import ScriptedBackend
from hub.security.audit_rows import AuditRecord
from hub.testing import RunningHub, running_hub

TOKENS = (
    Token(text="on", log_probability=-0.1, candidates=(("on", 0.9), ("off", 0.1)), outside=0.5),
    Token(text="\N{REPLACEMENT CHARACTER}", log_probability=float("-inf"), candidates=(("x", 0.0),), raw=b"\xe2"),
)
RULES = (
    ("hello", "Hello to you, too."),
    ("lamp", RequestedCall(call_id="call_1", name="turn_on", arguments='{"entity":"light.kitchen"}')),
    ("json", '{"name":"kitchen","lights":3}'),
    ("uncertain", Completion(text="on", tokens=TOKENS, finish=FinishReason.LENGTH, usage=Usage(prompt_tokens=7, cached_tokens=4, output_tokens=2))),
    ("fail: window", PromptTooLong("Expected at most 2048 tokens, got 9000")),
    ("fail: queue", QueueFull("64 requests wait")),
    ("fail: worker", WorkerDied("The worker died")),
    ("fail: model", ModelUnavailable("It is still loading")),
    ("fail: other", InferenceError("No answer in time")),
    ("", "Whatever."),
)  # fmt: skip


class Stage(ScriptedBackend):
    """Answers by rule, and where asked to, without end: until somebody closes it.

    ``open`` is how many endless answers there are, ``begun`` and ``ended`` tell of the first and the last; "wait" says nothing at all.
    """

    def __init__(self) -> None:
        super().__init__(RULES, model="scripted")
        self.open = 0
        self.written = 0
        self.begun, self.ended = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def chat(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        said = request.messages[-1].text
        if said.startswith("endless"):
            async for text in self._endless(said):
                yield ChatDelta(text=text)
            return
        async for delta in super().chat(request):
            yield delta
            if said.startswith("hello, then die"):
                raise WorkerDied("The worker died in the middle")

    async def embed(self, request: EmbeddingRequest) -> Embeddings:
        self.requests.append(request)
        return Embeddings(vectors=((0.6, 0.8),) * len(request.texts))

    async def generate(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        if str(request.prompt).startswith("endless"):
            async for text in self._endless(str(request.prompt)):
                yield Delta(text=text)
            return
        async for delta in super().generate(request):
            yield delta

    async def _endless(self, said: str) -> AsyncIterator[str]:
        self.open += 1
        self.ended.clear()
        self.begun.set()
        try:
            if "wait" in said:
                await asyncio.Event().wait()
            while True:
                self.written += 1
                yield "word " * (2000 if "long" in said else 1)
                await asyncio.sleep(0)
        finally:
            self.open -= 1
            if self.open == 0:
                self.ended.set()


async def newest(home: RunningHub) -> AuditRecord:
    """Return the newest row of the audit about the model, once it says how that ended."""
    async with asyncio.timeout(15):
        while True:
            row = next(row for row in await home.hub.audit.rows(100) if row.kind == "model")
            if row.outcome is not None:
                return row


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory, patch: pytest.MonkeyPatch) -> AsyncIterator[RunningHub]:
    """One hub for the tests of a module, whose model is a ``Stage``."""
    patch.setattr("hub.app.inference.LocalBackend", lambda *args, **options: Stage())
    async with running_hub(tmp_path_factory.mktemp("home") / "config") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def stage(home: RunningHub) -> AsyncIterator[Stage]:
    backend: Any = home.hub.backend
    assert isinstance(backend, Stage)
    backend.requests.clear()
    backend.written = 0
    backend.begun.clear()
    backend.ended.clear()
    yield backend
    if backend.open:  # what the test left open closes now
        async with asyncio.timeout(15):
            await backend.ended.wait()


@pytest_asyncio.fixture(loop_scope="module")
async def openai(home: RunningHub) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{home.url}/v1", api_key=home.token, max_retries=0, timeout=20) as client:
        yield client
