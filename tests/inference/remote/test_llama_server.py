"""llama-server itself, with the model that comes with Hearth."""

from __future__ import annotations

import asyncio
import math
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.core.inference import (
    ChatRequest,
    CompletionRequest,
    Constraint,
    DecisionRequest,
    EmbeddingRequest,
    FinishReason,
    Piece,
    ToolUse,
)
from hub.errors import InferenceError, PromptTooLong
from hub.inference import DEFAULT_MODEL
from hub.inference.remote import RemoteBackend
from tests.inference.chat.models import LIGHT, user
from tests.inference.remote.peers import running, until

PROGRAM = Path(__file__).parents[3] / ".build" / "peers" / "llama-server" / "bin" / "llama-server"
pytestmark = pytest.mark.skipif(
    not PROGRAM.exists() and os.environ.get("HEARTH_REQUIRE_PEERS") != "1",
    reason="llama-server is not built: python3 script peers llama-server",
)


@asynccontextmanager
async def served(*options: str) -> AsyncIterator[RemoteBackend]:
    """Run llama-server on a free port, and a back end over it."""
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "-m", DEFAULT_MODEL, "--host", "127.0.0.1", "--port", "0", "-np", "2", "-t", "1", "--jinja", "--no-webui",
        "--api-key", "secret", *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            port = await _port(process.stderr)
        drain = asyncio.create_task(process.stderr.read(), name="llama-server:log")
        backend = RemoteBackend(f"http://127.0.0.1:{port}", token="secret", interval=0.1)
        async with running(backend):
            await until(lambda: backend.model is not None)
            yield backend
    finally:
        process.kill()
        await process.wait()
    await drain


async def _port(log: asyncio.StreamReader) -> int:
    while line := await log.readline():
        if found := re.search(rb"listening on http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError("llama-server ended before it listened")


@pytest.fixture
async def backend() -> AsyncIterator[RemoteBackend]:
    async with served() as backend:
        yield backend


async def test_it_is_recognised_and_tells_its_window(backend: RemoteBackend) -> None:
    assert backend.status()["kind"] == "llama-server"
    assert backend.capabilities.context == 512
    assert backend.capabilities.candidates == 100


async def test_it_chats(backend: RemoteBackend) -> None:
    request = ChatRequest(messages=(user("hello"),), max_tokens=4, candidates=3)
    deltas = [delta async for delta in backend.chat(request)]
    tokens = [token for delta in deltas for token in delta.tokens]
    assert len(tokens) == 4
    assert all(len(token.candidates) == 3 and token.log_probability <= 0 for token in tokens)
    assert deltas[-1].finish is FinishReason.LENGTH
    assert deltas[-1].usage is not None
    assert deltas[-1].usage.output_tokens == 4


async def test_it_keeps_to_a_choice_and_a_schema(backend: RemoteBackend) -> None:
    chosen = await backend.complete(CompletionRequest(prompt="turn it ", constraint=Constraint.choice('"on"', "öff")))
    assert chosen.text in ('"on"', "öff")
    assert chosen.finish is FinishReason.STOP
    schema = Constraint.json_schema({"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]})
    written = await backend.complete(CompletionRequest(prompt="state: ", constraint=schema))
    assert re.fullmatch(r'\{\s*"on"\s*:\s*(true|false)\s*\}', written.text)
    deltas = [
        delta.text
        async for delta in backend.chat(ChatRequest(messages=(user("on"),), constraint=schema, max_tokens=64))
    ]
    assert re.fullmatch(r'\s*\{\s*"on"\s*:\s*(true|false)\s*\}\s*', "".join(deltas))


async def test_it_ranks_options(backend: RemoteBackend) -> None:
    ranking = await backend.decide(DecisionRequest(prompt="turn on the", options=(" cellar", " en", "er")))
    assert sum(option.probability for option in ranking.options) == pytest.approx(1)
    assert ranking.best.unmasked > 0
    assert ranking.outside == pytest.approx(1 - sum(option.unmasked for option in ranking.options))
    answer = await backend.complete(CompletionRequest(prompt="turn on the", max_tokens=1, candidates=3))
    assert math.exp(answer.tokens[0].log_probability) >= ranking.best.unmasked * 0.99


async def test_it_must_call_a_tool(backend: RemoteBackend) -> None:
    request = ChatRequest(messages=(user("on"),), tools=(LIGHT,), tool_use=ToolUse.REQUIRED, max_tokens=200)
    deltas = [delta async for delta in backend.chat(request)]
    names = {part.name for delta in deltas for part in delta.calls if part.name}
    assert names <= {LIGHT.name}
    assert names or deltas[-1].finish is FinishReason.LENGTH


async def test_text_is_not_taken_for_special_tokens(backend: RemoteBackend) -> None:
    def asked(*pieces: Piece) -> CompletionRequest:
        return CompletionRequest(prompt=pieces, max_tokens=1)

    special = await backend.complete(asked(Piece(text="<|eos|>", special=True)))
    plain = await backend.complete(asked(Piece(text="<|eos|>")))
    assert special.usage.prompt_tokens == 1
    assert plain.usage.prompt_tokens > 1


async def test_a_prompt_that_is_too_long_is_told(backend: RemoteBackend) -> None:
    with pytest.raises(PromptTooLong, match="context size"):
        await backend.complete(CompletionRequest(prompt="turn it on " * 400))
    assert backend.status()["state"] == "ready"


async def test_an_answer_that_is_left_is_not_written_on(backend: RemoteBackend) -> None:
    stream = backend.generate(CompletionRequest(prompt="turn", max_tokens=400))
    await anext(stream)
    await stream.aclose()
    for _ in range(3):
        answer = await backend.complete(CompletionRequest(prompt="turn", max_tokens=2))
        assert answer.usage.output_tokens == 2


async def test_it_has_no_embeddings_unless_it_was_told_to(backend: RemoteBackend) -> None:
    with pytest.raises(InferenceError, match="does not support embeddings"):
        await backend.embed(EmbeddingRequest(texts=("a",)))
    assert backend.status()["state"] == "ready"
    async with served("--embeddings", "--pooling", "mean") as embedding:
        vectors = (await embedding.embed(EmbeddingRequest(texts=("light on", "light on", "cellar")))).vectors
    assert [round(math.hypot(*vector), 4) for vector in vectors] == [1.0, 1.0, 1.0]
    assert vectors[0] == pytest.approx(vectors[1])


async def test_a_wrong_token_is_told(backend: RemoteBackend) -> None:
    stranger = RemoteBackend(backend.status()["server"], token="wrong")
    async with running(stranger):
        await until(lambda: stranger.status()["reason"] is not None)
    assert "refuses the token" in stranger.status()["reason"]
