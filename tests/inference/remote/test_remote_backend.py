"""One server: what it is asked, what its answers become, and what each of its failures means."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.core.inference import (
    ChatDelta,
    ChatRequest,
    CompletionRequest,
    Constraint,
    ConstraintKind,
    DecisionRequest,
    EmbeddingRequest,
    FinishReason,
    Piece,
    Sampling,
    ToolUse,
)
from hub.errors import (
    InferenceError,
    InvalidInput,
    ModelUnavailable,
    PromptTooLong,
    QueueFull,
    Unanswerable,
    WorkerDied,
)
from hub.inference.remote import RemoteBackend
from tests.inference.chat.models import LIGHT, assistant, call, result, system, user
from tests.inference.remote.peers import TOKEN, Peer, is_backend, running, until


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer().running() as peer:
        yield peer


@pytest.fixture
async def backend(peer: Peer) -> AsyncIterator[RemoteBackend]:
    backend = RemoteBackend(peer.url, token=TOKEN)
    async with running(backend):
        yield backend


async def chatted(backend: RemoteBackend, text: str, **fields: object) -> list[ChatDelta]:
    return [delta async for delta in backend.chat(ChatRequest(messages=(user(text),), **fields))]  # type: ignore[arg-type]


async def test_a_chat_streams_and_ends_with_reason_and_usage(peer: Peer, backend: RemoteBackend) -> None:
    deltas = await chatted(is_backend(backend), "hello")  # type: ignore[arg-type]
    assert [delta.text for delta in deltas] == ["It ", "is on.", ""]
    assert [delta.finish for delta in deltas] == [None, None, FinishReason.STOP]
    usage = deltas[-1].usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.cached_tokens, usage.output_tokens) == (9, 5, 4)
    assert 0 < usage.first <= usage.duration
    assert peer.tokens == {f"Bearer {TOKEN}"}


async def test_a_request_is_said_in_openais_words(peer: Peer, backend: RemoteBackend) -> None:
    request = ChatRequest(
        messages=(system("Be short."), user("on"), assistant("", call()), result("done"), user("hello")),
        tools=(LIGHT,),
        tool="light.turn_on",
        max_tokens=40,
        sampling=Sampling(temperature=0.5, top_k=7, seed=3),
        stop=("X",),
        candidates=3,
    )
    await anext(backend.chat(request))
    path, body = peer.asked[0]
    assert path == "chat/completions"
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "tool", "user"]
    assert body["messages"][2]["tool_calls"][0]["function"] == {
        "name": "light_turn_on",
        "arguments": '{"entity": "light.hall"}',
    }
    assert body["messages"][3]["tool_call_id"] == "call_4711"
    assert body["tool_choice"] == {"type": "function", "function": {"name": "light_turn_on"}}
    wanted = {
        "max_tokens": 40,
        "temperature": 0.5,
        "top_k": 7,
        "top_p": 1.0,
        "seed": 3,
        "stop": ["X"],
        "logprobs": True,
    }
    assert body | wanted | {"top_logprobs": 3, "stream": True, "model": "tiny"} == body
    assert "min_p" not in body


async def test_tool_calls_stream(backend: RemoteBackend) -> None:
    deltas = await chatted(backend, "call", tools=(LIGHT,))
    calls = [part for delta in deltas for part in delta.calls]
    assert [(part.index, part.call_id, part.name) for part in calls if part.name] == [
        (0, "call_1", "light.turn_on"),
        (1, "call1", "scene.stop"),
    ]
    assert "".join(part.arguments for part in calls if part.index == 0) == '{"entity": "light.hall"}'
    assert deltas[-1].finish is FinishReason.TOOL_CALLS


async def test_completions_carry_tokens_and_candidates(backend: RemoteBackend) -> None:
    answer = await backend.complete(CompletionRequest(prompt="turn it", candidates=3))
    assert answer.finish is FinishReason.LENGTH
    assert [(text, round(share, 3)) for text, share in answer.tokens[0].candidates] == [
        ("on", 0.6),
        ("o", 0.2),
        (" no", 0.15),
    ]
    (delta, *_) = await chatted(backend, "hello", candidates=3)
    assert delta.tokens[0].candidates == answer.tokens[0].candidates


async def test_a_decision_adds_up_the_ways_to_say_an_option(backend: RemoteBackend) -> None:
    ranking = await backend.decide(DecisionRequest(prompt="turn it ", options=("off", "on")))
    assert [option.text for option in ranking.options] == ["on", "off"]
    on, off = ranking.options
    assert on.unmasked == pytest.approx(0.6 + 0.2 * 0.1)
    assert off.unmasked == pytest.approx(0.2 * 0.7)
    assert on.probability == pytest.approx(0.6 / 0.8 + 0.2 / 0.8 * 0.1 / 0.8)
    assert on.probability + off.probability == pytest.approx(1)
    assert ranking.outside == pytest.approx(1 - on.unmasked - off.unmasked)


async def test_options_that_nobody_thinks_of_are_no_decision(backend: RemoteBackend) -> None:
    with pytest.raises(InferenceError, match="got neither"):
        await backend.decide(DecisionRequest(prompt="turn it ", options=("blue", "red")))


async def test_a_server_without_probabilities_is_held_to_the_options_and_says_so() -> None:
    async with Peer(owner="hearth", probabilities=False).running() as peer:
        backend = RemoteBackend(peer.url)
        async with running(backend):
            ranking = await backend.decide(DecisionRequest(prompt="turn it", options=("Dark.", "It is on.")))
            assert (ranking.best.text, ranking.best.probability, ranking.outside) == ("It is on.", 1.0, 1.0)
            assert peer.asked[-1][1]["structured_outputs"] == {"choice": ["Dark.", "It is on."]}
            assert backend.capabilities.candidates == 0
            assert backend.capabilities.decide


async def test_embeddings_come_in_order_and_of_length_one(backend: RemoteBackend) -> None:
    answer = await backend.embed(EmbeddingRequest(texts=("a", "b")))
    assert answer.vectors == ((1.0, 0.0), (0.6, 0.8))
    assert answer.usage.prompt_tokens == 7


CONSTRAINTS: dict[tuple[str, ConstraintKind], dict[str, Any]] = {
    ("someone", ConstraintKind.JSON_SCHEMA): {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": True},
        }
    },
    ("vllm", ConstraintKind.JSON_SCHEMA): {"guided_json": {"type": "object"}},
    ("vllm", ConstraintKind.REGEX): {"guided_regex": "a+"},
    ("hearth", ConstraintKind.LARK): {"structured_outputs": {"grammar": 'start: "a"'}},
    ("hearth", ConstraintKind.CHOICE): {"structured_outputs": {"choice": ["a", "b"]}},
    ("llamacpp", ConstraintKind.CHOICE): {"grammar": 'root ::= "a" | "b"'},
}
SAMPLES = {
    ConstraintKind.JSON_SCHEMA: Constraint.json_schema({"type": "object"}),
    ConstraintKind.REGEX: Constraint.regex("a+"),
    ConstraintKind.LARK: Constraint.lark('start: "a"'),
    ConstraintKind.CHOICE: Constraint.choice("a", "b"),
}


@pytest.mark.parametrize(("owner", "kind"), CONSTRAINTS)
async def test_a_constraint_is_said_as_this_kind_of_server_reads_it(owner: str, kind: ConstraintKind) -> None:
    async with Peer(owner=owner).running() as peer:
        backend = RemoteBackend(peer.url)
        async with running(backend):
            await chatted(backend, "hello", constraint=SAMPLES[kind])
            body = peer.asked[0][1]
            assert body | CONSTRAINTS[owner, kind] == body
            assert kind in backend.capabilities.constraints


async def test_a_constraint_that_a_server_cannot_be_told_is_refused_before_it_is_asked(
    peer: Peer, backend: RemoteBackend
) -> None:
    with pytest.raises(InferenceError, match="kind openai knows"):
        await chatted(backend, "hello", constraint=SAMPLES[ConstraintKind.REGEX])
    assert peer.asked == []


async def test_a_server_that_cannot_be_obliged_to_call_is_not_asked_to() -> None:
    async with Peer(owner="library").running() as peer:
        backend = RemoteBackend(peer.url)
        async with running(backend):
            with pytest.raises(InferenceError, match="made to call a tool"):
                await chatted(backend, "hello", tools=(LIGHT,), tool_use=ToolUse.REQUIRED)


async def test_text_that_looks_like_a_token_reaches_llama_server_as_text() -> None:
    async with Peer(owner="llamacpp").running() as peer:
        backend = RemoteBackend(peer.url)
        async with running(backend):
            await backend.complete(CompletionRequest(prompt=(Piece(text="<s>", special=True), Piece(text="hi"))))
            await backend.complete(CompletionRequest(prompt=(Piece(text="<s>", special=True), Piece(text="<s>"))))
    assert [body["prompt"] for _, body in peer.asked] == ["<s>hi", [1000, 1000, 1000, 60, 115, 62]]


FAILURES = {
    "broken": (ModelUnavailable, "it broke"),
    "busy": (QueueFull, "too many"),
    "stranger": (ModelUnavailable, "refuses the token"),
    "bad": (Unanswerable, "no such field"),
    "long": (PromptTooLong, "too long"),
    "llamalong": (PromptTooLong, "context size"),
    "moved": (InferenceError, "refuses the request"),
    "page": (ModelUnavailable, "got text/html"),
    "garbage": (ModelUnavailable, "Expected JSON"),
    "shapeless": (ModelUnavailable, "Expected a part of an answer"),
    "failing": (WorkerDied, "lost"),
    "drop": (WorkerDied, "in the middle of an answer"),
    "short": (WorkerDied, "before it was complete"),
    "endless": (ModelUnavailable, "events of at most"),
}


@pytest.mark.parametrize("word", FAILURES)
async def test_every_failure_is_told_in_the_hubs_words(
    word: str, backend: RemoteBackend, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    kind, message = FAILURES[word]
    with pytest.raises(InferenceError, match=message) as caught:
        await chatted(backend, word)
    assert type(caught.value) is kind
    assert TOKEN not in str(caught.value) + caplog.text
    answer = await _when_well(backend)
    assert answer == "It is on."


async def _when_well(backend: RemoteBackend) -> str:
    await until(lambda: backend.model is not None)
    return "".join(delta.text for delta in await chatted(backend, "hello"))


@pytest.mark.parametrize("word", ["silent", "hang"])
async def test_a_server_that_does_not_go_on_is_left_when_the_time_is_up(
    word: str, peer: Peer, backend: RemoteBackend
) -> None:
    with pytest.raises(InferenceError, match=r"within 0\.2 s"):
        await chatted(backend, word, timeout=0.2)
    async with asyncio.timeout(10):
        await peer.hung_up.wait()
    assert backend.status()["in_flight"] == 0


async def test_closing_an_answer_closes_the_connection(peer: Peer, backend: RemoteBackend) -> None:
    deltas = backend.chat(ChatRequest(messages=(user("hang"),)))
    assert (await anext(deltas)).text == "It "
    assert backend.status()["in_flight"] == 1
    await deltas.aclose()
    async with asyncio.timeout(10):
        await peer.hung_up.wait()
    assert backend.status()["in_flight"] == 0


async def test_cancelling_a_request_closes_the_connection(peer: Peer, backend: RemoteBackend) -> None:
    task = asyncio.create_task(backend.complete(CompletionRequest(prompt="hang")), name="request")
    await peer.answering.wait()
    task.cancel()
    async with asyncio.timeout(10):
        await peer.hung_up.wait()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_server_that_comes_later_is_found(caplog: pytest.LogCaptureFixture) -> None:
    async with Peer().running() as first:
        url = first.url
    backend = RemoteBackend(url)
    async with running(backend):
        await until(lambda: backend.status()["state"] == "restarting")
        with pytest.raises(ModelUnavailable, match="is away: The server cannot be reached"):
            await chatted(backend, "hello")
        async with Peer().running(int(url.rsplit(":", 1)[1])):
            await until(lambda: backend.status()["state"] == "ready")
            assert len(await chatted(backend, "hello")) == 3
    assert caplog.text.count("is away") == 1


@pytest.mark.parametrize(("behave", "reason"), [("away", "not now"), ("nonsense", "a list of models")])
async def test_a_server_that_lists_no_models_is_away(behave: str, reason: str) -> None:
    peer = Peer()
    peer.behave = behave
    async with peer.running():
        backend = RemoteBackend(peer.url)
        async with running(backend):
            await until(lambda: reason in str(backend.status()["reason"]))
            assert backend.model is None


async def test_the_wanted_model_must_be_there() -> None:
    async with Peer(models=("a", "b")).running() as peer:
        wanted, missing = RemoteBackend(peer.url, model="b"), RemoteBackend(f"{peer.url}/v1/", model="c")
        async with running(wanted), running(missing):
            await until(lambda: wanted.model == "b")
            await until(lambda: "it serves a, b" in str(missing.status()["reason"]))
            assert wanted.capabilities.context == 4096


async def test_a_backend_that_is_not_run_waits_for_it_no_longer_than_the_request() -> None:
    with pytest.raises(InferenceError, match=r"within 0\.05 s"):
        await chatted(RemoteBackend("http://127.0.0.1:9"), "hello", timeout=0.05)


@pytest.mark.parametrize(
    "url", ["box:8000", "ftp://box", "http://me:secret@box/v1", "http://", "http://box/v1?key=secret", "http://[box"]
)
def test_an_address_must_be_one(url: str) -> None:
    with pytest.raises(InvalidInput, match="Expected the address") as caught:
        RemoteBackend(url)
    assert "secret" not in str(caught.value)


def test_a_status_can_be_sent_as_json() -> None:
    assert json.loads(json.dumps(dict(RemoteBackend("http://box").status())))["server"] == "http://box/v1"
