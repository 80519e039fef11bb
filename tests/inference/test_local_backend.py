"""The real worker process with the model that comes with Hearth."""

from __future__ import annotations

import asyncio
import importlib.util
import math
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hub.core.inference import (
    ChatRequest,
    CompletionRequest,
    Constraint,
    DecisionRequest,
    EmbeddingRequest,
    FinishReason,
    InferenceBackend,
    Message,
    Piece,
    Speaker,
)
from hub.errors import InferenceError, ModelUnavailable, PromptTooLong, WorkerDied
from hub.inference import DEFAULT_MODEL, EngineSettings, LocalBackend
from tests.inference.conftest import running, until

pytestmark = [pytest.mark.usefixtures("native"), pytest.mark.asyncio(loop_scope="module")]

PROMPT = "light: bedroom lamp\nlock: front door\n> turn on the bedroom lamp\n="
GRAMMAR = Constraint.lark(r"""
start: "[{\"tool\":\"" ("on" | "off" | "lock") "\",\"name\":\"" (" bedroom lamp" | " front door") "\"}]"
""")
ANSWER = '[{"tool":"on","name":" bedroom lamp"}]'
ENDLESS = Constraint.lark('start: /[a-z ]{400}/ "."')


def ask(prompt: str = PROMPT, **options: Any) -> CompletionRequest:
    return CompletionRequest(prompt=prompt, **{"constraint": GRAMMAR, **options})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[LocalBackend]:
    """The model that comes with Hearth: one for all tests, some of which kill its worker."""
    async with running(LocalBackend()) as backend:
        yield backend


async def answers(backend: LocalBackend) -> bool:
    """Say whether the model answers as it should."""
    return (await backend.complete(ask())).text == ANSWER


def takes_a_backend(backend: LocalBackend) -> InferenceBackend:
    return backend  # the type checker holds the class to the port


async def test_answers_within_the_grammar_and_tells_the_probabilities(backend: LocalBackend) -> None:
    completion = await backend.complete(ask(candidates=8))
    tokens = completion.tokens
    chosen = next(token for token in tokens if token.text == "on")

    assert completion.text == "".join(token.text for token in tokens) == ANSWER
    assert {"on", "off", "lock"} <= {name for name, _ in chosen.candidates}
    assert sum(share for _, share in chosen.candidates) == pytest.approx(1.0, abs=0.01)
    assert 0.5 < math.exp(chosen.log_probability) <= 1.0
    assert all(0.0 <= token.outside <= 1.0 for token in tokens)
    assert completion.usage.prompt_tokens > 10
    assert completion.usage.output_tokens >= len(tokens)
    assert completion.usage.duration > 0


async def test_streams_what_is_written(backend: LocalBackend) -> None:
    parts = [delta async for delta in backend.generate(ask())]

    assert "".join(part.text for part in parts) == ANSWER
    assert [part.finish for part in parts if part.finish] == [FinishReason.STOP]
    assert parts[-1].usage is not None


async def test_answers_freely_without_a_grammar_up_to_the_limit(backend: LocalBackend) -> None:
    cut = await backend.complete(ask(constraint=None, max_tokens=3, candidates=0))

    assert (cut.finish, len(cut.tokens)) == (FinishReason.LENGTH, 3)
    assert ANSWER.startswith(cut.text)


async def test_many_requests_at_once_are_answered_each_with_its_own(backend: LocalBackend) -> None:
    prompts = [PROMPT.replace(" on ", f" {word} ") for word in ("on", "off")] * 10
    completions = await asyncio.gather(*(backend.complete(ask(prompt)) for prompt in prompts))

    assert [completion.text for completion in completions] == [ANSWER, ANSWER.replace('"on"', '"off"')] * 10
    assert completions[-1].usage.cached_tokens > 0


async def test_text_that_looks_like_a_special_token_is_text(backend: LocalBackend) -> None:
    text, special = [await backend.count((Piece(text="<|eos|>", special=flag),)) for flag in (False, True)]

    assert text > special


async def test_says_which_option_is_likely(backend: LocalBackend) -> None:
    request = DecisionRequest(prompt=f'{PROMPT}[{{"tool":"', options=("off", "on", "lock"))
    ranking = await backend.decide(request)

    assert ranking.best.text == "on"
    assert sum(option.probability for option in ranking.options) == pytest.approx(1.0, abs=1e-3)
    assert sum(option.unmasked for option in ranking.options) + ranking.outside == pytest.approx(1.0, abs=1e-3)


async def test_places_texts(backend: LocalBackend) -> None:
    embeddings = await backend.embed(EmbeddingRequest(texts=("turn on the lamp", "switch on the lamp")))

    assert all(math.hypot(*vector) == pytest.approx(1.0, abs=1e-3) for vector in embeddings.vectors)


async def test_chats(backend: LocalBackend) -> None:
    request = ChatRequest(messages=(Message(speaker=Speaker.USER, text="turn on the lamp"),), max_tokens=8)
    parts = [delta async for delta in backend.chat(request)]

    assert parts[-1].finish is not None
    assert parts[-1].usage is not None


PHASES = {
    "prefilling": ask("light: bedroom lamp\n" * 60, constraint=ENDLESS, max_tokens=20),
    "streaming": ask(constraint=ENDLESS, max_tokens=380),
}


@pytest.mark.parametrize("phase", PHASES)
async def test_a_killed_worker_fails_the_request_in_flight_alone(backend: LocalBackend, phase: str) -> None:
    assert await answers(backend)
    restarts = backend.status()["restarts"]
    task = asyncio.create_task(backend.complete(PHASES[phase]), name="doomed")
    await until(backend, lambda status: status["in_flight"] == 1)
    os.kill(backend.status()["worker"], signal.SIGKILL)

    with pytest.raises(WorkerDied, match="SIGKILL"):
        await task
    assert await answers(backend)
    assert backend.status()["restarts"] == restarts + 1


async def test_a_worker_that_is_killed_while_it_loads_costs_no_request() -> None:
    async with running(LocalBackend()) as backend:
        task = asyncio.create_task(backend.complete(ask()), name="early")
        await until(backend, lambda status: status["worker"] is not None)
        os.kill(backend.status()["worker"], signal.SIGKILL)

        assert (await task).text == ANSWER
        assert backend.status()["restarts"] == 1


async def test_a_worker_that_is_killed_while_it_decides_is_replaced(backend: LocalBackend) -> None:
    assert await answers(backend)
    os.kill(backend.status()["worker"], signal.SIGSTOP)
    task = asyncio.create_task(backend.decide(DecisionRequest(prompt=PROMPT, options=("a", "b"))), name="decide")
    await until(backend, lambda status: status["in_flight"] == 1)
    os.kill(backend.status()["worker"], signal.SIGKILL)

    with pytest.raises(WorkerDied, match="SIGKILL"):
        await task
    assert await answers(backend)


async def test_a_cancelled_request_frees_the_model(backend: LocalBackend) -> None:
    assert await answers(backend)
    pid = backend.status()["worker"]
    async with aclosing(backend.generate(PHASES["streaming"])) as stream:
        await anext(stream)
    await until(backend, lambda status: status["in_flight"] == 0)

    assert await answers(backend)
    assert backend.status()["worker"] == pid


async def test_a_request_that_takes_too_long_fails_and_frees_the_model(backend: LocalBackend) -> None:
    assert await answers(backend)
    with pytest.raises(InferenceError, match="time"):
        await backend.complete(ask(constraint=ENDLESS, max_tokens=380, timeout=0.02))
    await until(backend, lambda status: status["in_flight"] == 0)
    assert await answers(backend)


@pytest.mark.parametrize(
    ("request_", "error", "reason"),
    [
        (ask("word " * 3000), PromptTooLong, "tokens"),
        (ask("lamp \ud800"), InferenceError, "Expected text that can be sent"),
        (ask(""), InferenceError, "prompt"),
        (ask(constraint=Constraint.lark("start: unknown_rule")), InferenceError, "grammar"),
    ],
    ids=["a prompt longer than the context", "a prompt that is no text", "an empty prompt", "a grammar that is none"],
)
async def test_what_cannot_be_answered_is_said_and_the_next_is(
    backend: LocalBackend, request_: CompletionRequest, error: type[InferenceError], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        await backend.complete(request_)
    assert await answers(backend)


async def test_the_status_tells_what_was_chosen(backend: LocalBackend) -> None:
    assert await answers(backend)
    status = backend.status()

    assert (status["state"], status["model"]) == ("ready", DEFAULT_MODEL.stem)
    assert status["context"] == backend.capabilities.context
    assert status["memory_mb"] > 10
    assert status["report"]


async def test_a_model_is_exchanged_under_load() -> None:
    async with running(LocalBackend()) as backend:
        tasks = [asyncio.create_task(backend.complete(ask()), name=f"{number}") for number in range(12)]
        await backend.loaded()
        await backend.use(DEFAULT_MODEL, EngineSettings(sequences=2))
        tasks += [asyncio.create_task(backend.complete(ask()), name=f"{number}") for number in range(12)]

        assert {completion.text for completion in await asyncio.gather(*tasks)} == {ANSWER}


@pytest.mark.parametrize("damage", ["truncated", "garbage", "not a model", "absent"])
async def test_a_broken_model_file_is_refused_with_a_remedy(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "broken.gguf"
    whole = DEFAULT_MODEL.read_bytes()
    noise = random.Random(7).randbytes(20_000)
    content = {"truncated": whole[: len(whole) // 2], "garbage": b"GGUF" + noise, "not a model": noise}.get(damage)
    if content is not None:
        path.write_bytes(content)
    async with running(LocalBackend(path)) as backend:
        with pytest.raises(ModelUnavailable):
            await backend.complete(ask())
        status = backend.status()
        assert status["state"] == ("missing" if damage == "absent" else "failed")
        assert str(path) in status["reason"]
        assert status["model"] is backend.model is None


async def test_a_missing_package_is_a_state_and_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "llama_cpp" else find(name))
    async with running(LocalBackend()) as backend:
        with pytest.raises(ModelUnavailable, match="llama_cpp"):
            await backend.complete(ask())
        assert backend.status()["state"] == "missing"
