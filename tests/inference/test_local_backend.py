from __future__ import annotations

import asyncio
import importlib.util
import math
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.core.clock import SimulatedClock
from hub.core.ports import CompletionRequest
from hub.errors import InferenceError, ModelUnavailable, QueueFull, WorkerDied
from hub.inference import DEFAULT_MODEL, LocalBackend
from tests.inference.conftest import running, until

PROMPT = "light: bedroom lamp\nlock: front door\n> turn on the bedroom lamp\n="
GRAMMAR = r"""
start: "[{\"tool\":\"" ("on" | "off" | "lock") "\",\"name\":\"" (" bedroom lamp" | " front door") "\"}]"
"""
ANSWER = '[{"tool":"on","name":" bedroom lamp"}]'
ENDLESS = 'start: /[a-z ]{350}/ "."'
"""An answer that takes as long as the context allows."""


def ask(prompt: str = PROMPT, **options: Any) -> CompletionRequest:
    return CompletionRequest(prompt=prompt, **{"grammar": GRAMMAR, "timeout": 30.0, **options})


async def held(backend: LocalBackend, request: CompletionRequest) -> asyncio.Task[Any]:
    """Stop the worker in its tracks with this request in its hands."""
    await backend.complete(ask())
    os.kill(backend.status()["worker"], signal.SIGSTOP)
    task = asyncio.create_task(backend.complete(request), name="held")
    await until(backend, lambda status: status["in_flight"] == 1)
    return task


async def test_answers_within_the_grammar_and_tells_the_probabilities(backend: LocalBackend) -> None:
    completion = await backend.complete(ask())

    assert completion.text == ANSWER
    assert "".join(text for text, _ in completion.tokens) == ANSWER
    assert len(completion.tokens) == len(completion.alternatives) == len(completion.outside)
    chosen = next(i for i, (text, _) in enumerate(completion.tokens) if text == "on")
    names = [name for name, _ in completion.alternatives[chosen]]
    assert names[0] == "on"
    assert {"off", "lock"} <= set(names)
    assert sum(share for _, share in completion.alternatives[chosen]) == pytest.approx(1.0, abs=0.01)
    assert 0.5 < math.exp(completion.tokens[chosen][1]) <= 1.0
    assert all(0.0 <= share <= 1.0 for share in completion.outside)
    assert completion.prompt_tokens > 10
    assert completion.duration > 0


async def test_skips_what_the_grammar_forces(backend: LocalBackend) -> None:
    completion = await backend.complete(ask(grammar='start: "[{\\"tool\\":\\"none\\"}]"'))

    assert completion.text == '[{"tool":"none"}]'
    assert all(log_probability == 0.0 for _, log_probability in completion.tokens)


async def test_answers_freely_without_a_grammar_up_to_the_limit(backend: LocalBackend) -> None:
    whole = await backend.complete(ask(grammar=None))
    cut = await backend.complete(ask(grammar=None, max_tokens=3))

    assert whole.text == ANSWER
    assert len(cut.tokens) == 3
    assert ANSWER.startswith(cut.text)


async def test_the_answer_is_the_same_when_the_prompt_is_known(backend: LocalBackend) -> None:
    first, other, again = [await backend.complete(ask(p)) for p in (PROMPT, PROMPT.replace(" on ", " off "), PROMPT)]

    assert first.text == again.text == ANSWER
    assert other.text == ANSWER.replace('"on"', '"off"')


async def test_text_that_looks_like_a_special_token_is_text(backend: LocalBackend) -> None:
    plain = await backend.complete(ask("> a\n=", grammar=None, max_tokens=1))
    special = await backend.complete(ask("<|eos|>> a\n=", grammar=None, max_tokens=1))

    assert special.prompt_tokens > plain.prompt_tokens + 2


async def test_a_killed_worker_fails_the_request_in_flight_alone(backend: LocalBackend) -> None:
    task = await held(backend, ask())
    waiting = asyncio.create_task(backend.complete(ask()), name="waiting")
    await until(backend, lambda status: status["waiting"] == 1)
    os.kill(backend.status()["worker"], signal.SIGKILL)

    with pytest.raises(WorkerDied):
        await task
    assert (await waiting).text == ANSWER
    assert backend.status()["restarts"] == 1
    assert (await backend.complete(ask())).text == ANSWER


async def test_a_request_that_takes_too_long_fails_and_frees_the_model(backend: LocalBackend) -> None:
    task = await held(backend, ask(timeout=0.05))

    with pytest.raises(InferenceError, match=r"within 0\.05 s"):
        await task
    os.kill(backend.status()["worker"], signal.SIGCONT)
    assert (await backend.complete(ask())).text == ANSWER
    assert backend.status()["restarts"] == 0


async def test_a_cancelled_request_frees_the_model(backend: LocalBackend) -> None:
    await backend.complete(ask())
    task = asyncio.create_task(backend.complete(ask(grammar=ENDLESS, max_tokens=400)), name="endless")
    await until(backend, lambda status: status["in_flight"] == 1)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await backend.complete(ask())).text == ANSWER
    assert backend.status()["restarts"] == 0


async def test_a_worker_that_does_not_confirm_a_cancellation_is_replaced() -> None:
    clock = SimulatedClock()
    async with running(LocalBackend(clock=clock)) as backend:
        task = await held(backend, ask())
        pid = backend.status()["worker"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await clock.advance(11)
        await until(backend, lambda status: status["state"] == "restarting")
        await clock.advance(120)

        assert (await backend.complete(ask())).text == ANSWER
        assert backend.status()["worker"] != pid


async def test_a_full_queue_refuses_and_the_waiting_are_answered(backend: LocalBackend) -> None:
    tasks = [await held(backend, ask())]
    tasks += [asyncio.create_task(backend.complete(ask()), name=f"waiting {i}") for i in range(2)]
    await until(backend, lambda status: status["waiting"] == 2)

    with pytest.raises(QueueFull, match="Try again later"):
        await backend.complete(ask())
    os.kill(backend.status()["worker"], signal.SIGCONT)
    assert [completion.text for completion in await asyncio.gather(*tasks)] == [ANSWER] * 3


async def test_the_most_urgent_request_goes_first(backend: LocalBackend) -> None:
    order: list[str] = []

    async def one(name: str, priority: int) -> None:
        await backend.complete(ask(priority=priority))
        order.append(name)

    first = await held(backend, ask())
    tasks = [asyncio.create_task(one("idle", 20), name="idle"), asyncio.create_task(one("urgent", 1), name="urgent")]
    await until(backend, lambda status: status["waiting"] == 2)
    os.kill(backend.status()["worker"], signal.SIGCONT)
    await asyncio.gather(first, *tasks)

    assert order == ["urgent", "idle"]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (ask("word " * 600), r"prompt of 1 to \d+ tokens, got"),
        (ask("lamp \ud800"), "Expected text that can be sent"),
        (ask(""), r"prompt of 1 to \d+ tokens, got 0"),
        (ask(grammar="start: unknown_rule"), "Expected a Lark grammar"),
        (ask(grammar=ENDLESS, max_tokens=5), "at most 5 tokens"),
    ],
    ids=[
        "a prompt longer than the context",
        "a prompt that is no text",
        "an empty prompt",
        "a grammar that is none",
        "an answer that does not end",
    ],
)
async def test_what_cannot_be_answered_is_said_and_the_next_is(
    backend: LocalBackend, request_: CompletionRequest, reason: str
) -> None:
    with pytest.raises(InferenceError, match=reason):
        await backend.complete(request_)
    assert (await backend.complete(ask())).text == ANSWER


@pytest.mark.parametrize("damage", ["truncated", "garbage", "not a model", "absent"])
async def test_a_broken_model_file_is_refused_with_a_remedy(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "broken.gguf"
    whole = DEFAULT_MODEL.read_bytes()
    noise = random.Random(7).randbytes(20_000)
    content = {"truncated": whole[: len(whole) // 2], "garbage": b"GGUF" + noise, "not a model": noise}.get(damage)
    if content is not None:
        path.write_bytes(content)
    async with running(LocalBackend(path)) as backend:
        with pytest.raises(ModelUnavailable, match=r"inference: model: in hearth\.yaml"):
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


async def test_a_worker_that_sends_garbage_is_replaced() -> None:
    clock = SimulatedClock()
    script = "import socket, sys; socket.socket(fileno=int(sys.argv[1])).sendall(b'\\x00\\x00\\x00\\x05hello')"
    async with running(LocalBackend(clock=clock, command=(sys.executable, "-c", script))) as backend:
        await until(backend, lambda status: status["state"] == "restarting")
        await clock.advance(120)
        await until(backend, lambda status: status["restarts"] >= 2)
        assert "model worker ended" in backend.status()["reason"]


async def test_a_worker_that_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    clock = SimulatedClock()
    async with running(LocalBackend(clock=clock, command=(str(tmp_path / "no such program"),))) as backend:
        await until(backend, lambda status: status["state"] == "restarting")
        assert "cannot be started" in backend.status()["reason"]
        await clock.advance(120)
        await until(backend, lambda status: status["restarts"] >= 2)


async def test_those_who_wait_are_told_when_the_hub_stops() -> None:
    async with running(LocalBackend()) as backend:
        task = await held(backend, ask())
        pid = backend.status()["worker"]
    with pytest.raises(ModelUnavailable, match="stopping"):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_hub_never_loads_native_code() -> None:
    script = (
        "import sys; import hub.inference, hub.agent, hub.inference.backend, hub.agent.known_sentences; "
        "print(sorted({'llama_cpp', 'llguidance', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
