from __future__ import annotations

import math
from typing import Any

import openai as client_library
import pytest
from openai import AsyncOpenAI

from hub.core.inference import ChatRequest, Priority, Sampling, Speaker
from tests.openai.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")
HELLO: Any = [{"role": "user", "content": "hello"}]


async def test_a_chat_is_answered(openai: AsyncOpenAI) -> None:
    answer = await openai.chat.completions.create(model="scripted", messages=HELLO)
    assert answer.object == "chat.completion"
    assert answer.model == "scripted"
    assert answer.id.startswith("chatcmpl-")
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content == "Hello to you, too."
    assert answer.choices[0].message.tool_calls is None
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens == 5


async def test_a_chat_comes_in_parts(openai: AsyncOpenAI) -> None:
    parts = [part async for part in await openai.chat.completions.create(model="scripted", messages=HELLO, stream=True)]
    assert parts[0].choices[0].delta.role == "assistant"
    assert "".join(part.choices[0].delta.content or "" for part in parts) == "Hello to you, too."
    assert [part.choices[0].finish_reason for part in parts] == [None] * (len(parts) - 1) + ["stop"]
    assert len({part.id for part in parts}) == 1
    assert all(part.usage is None for part in parts)


async def test_a_stream_ends_with_its_usage_where_that_is_asked_for(openai: AsyncOpenAI) -> None:
    stream = await openai.chat.completions.create(
        model="scripted",
        messages=[{"role": "user", "content": "uncertain"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    *parts, last = [part async for part in stream]
    assert all(part.usage is None and part.choices for part in parts)
    assert last.choices == []
    assert last.usage is not None
    assert (last.usage.prompt_tokens, last.usage.completion_tokens, last.usage.total_tokens) == (7, 2, 9)
    assert last.usage.prompt_tokens_details is not None
    assert last.usage.prompt_tokens_details.cached_tokens == 4


async def test_the_library_puts_a_stream_together(openai: AsyncOpenAI) -> None:
    async with openai.chat.completions.stream(model="scripted", messages=HELLO) as stream:
        answer = await stream.get_final_completion()
    assert answer.choices[0].message.content == "Hello to you, too."


async def test_every_field_reaches_the_model(openai: AsyncOpenAI, stage: Stage) -> None:
    await openai.chat.completions.create(
        model="default",
        messages=[
            {"role": "developer", "content": "Be short."},
            {"role": "user", "content": [{"type": "text", "text": "hello"}, {"type": "text", "text": "there"}]},
        ],
        max_completion_tokens=9,
        temperature=0.5,
        top_p=0.9,
        seed=-1,
        presence_penalty=1,
        frequency_penalty=-1,
        stop=["a", "b"],
        user="somebody",
        store=True,
        extra_body={"top_k": 40, "min_p": 0.1, "nobody_knows_this": {}},
    )
    (request,) = stage.requests
    assert isinstance(request, ChatRequest)
    assert [(message.speaker, message.text) for message in request.messages] == [
        (Speaker.SYSTEM, "Be short."),
        (Speaker.USER, "hello\nthere"),
    ]
    assert request.sampling == Sampling(
        temperature=0.5, top_p=0.9, top_k=40, min_p=0.1, seed=2**63 - 1, presence_penalty=1, frequency_penalty=-1
    )
    assert (request.max_tokens, request.stop, request.candidates) == (9, ("a", "b"), None)
    assert request.priority == Priority.CHAT


async def test_what_is_not_said_is_as_with_openai(openai: AsyncOpenAI, stage: Stage) -> None:
    await openai.chat.completions.create(model="", messages=HELLO, max_tokens=None, stop="end")
    (request,) = stage.requests
    assert isinstance(request, ChatRequest)
    assert request.sampling == Sampling(temperature=1.0)
    assert (request.max_tokens, request.stop) == (None, ("end",))


async def test_several_choices_are_written_at_once(openai: AsyncOpenAI, stage: Stage) -> None:
    answer = await openai.chat.completions.create(model="scripted", messages=HELLO, n=3, seed=5)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert {choice.message.content for choice in answer.choices} == {"Hello to you, too."}
    assert {request.sampling.seed for request in stage.requests if isinstance(request, ChatRequest)} == {5, 6, 7}
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1, 12)


async def test_several_choices_come_in_parts(openai: AsyncOpenAI) -> None:
    texts = {0: "", 1: ""}
    stream = await openai.chat.completions.create(model="scripted", messages=HELLO, n=2, stream=True)
    async for part in stream:
        texts[part.choices[0].index] += part.choices[0].delta.content or ""
    assert set(texts.values()) == {"Hello to you, too."}


async def test_log_probabilities_are_the_models_own(openai: AsyncOpenAI, stage: Stage) -> None:
    answer = await openai.chat.completions.create(
        model="scripted", messages=[{"role": "user", "content": "uncertain"}], logprobs=True, top_logprobs=2
    )
    (request,) = stage.requests
    assert isinstance(request, ChatRequest)
    assert request.candidates == 2
    assert answer.choices[0].finish_reason == "length"
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    first, second = logprobs.content
    assert (first.token, first.logprob, first.bytes) == ("on", -0.1, [111, 110])
    assert [top.token for top in first.top_logprobs] == ["on", "off"]
    assert first.top_logprobs[0].logprob == pytest.approx(math.log(0.45))  # half was outside the grammar
    assert (second.logprob, second.top_logprobs[0].logprob, second.bytes) == (-9999.0, -9999.0, [0xE2])


async def test_log_probabilities_come_in_parts(openai: AsyncOpenAI) -> None:
    stream = await openai.chat.completions.create(model="scripted", messages=HELLO, logprobs=True, stream=True)
    told = [part.choices[0].logprobs for part in [part async for part in stream]]
    tokens = [token.token for one in told if one and one.content for token in one.content]
    assert "".join(tokens) == "Hello to you, too."


async def test_a_model_without_chats_says_so(
    openai: AsyncOpenAI, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    able = stage.capabilities
    monkeypatch.setattr(stage, "_capabilities", type(able)(chat=False))
    with pytest.raises(client_library.BadRequestError, match="v1/completions"):
        await openai.chat.completions.create(model="scripted", messages=HELLO)
