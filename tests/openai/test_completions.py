from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError

from hub.core.inference import CompletionRequest, EmbeddingRequest
from tests.openai.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_prompt_is_completed(openai: AsyncOpenAI, stage: Stage) -> None:
    answer = await openai.completions.create(model="scripted", prompt="hello", stop="x")
    assert answer.object == "text_completion"
    assert answer.choices[0].text == "Hello to you, too."
    assert answer.choices[0].finish_reason == "stop"
    (request,) = stage.requests
    assert isinstance(request, CompletionRequest)
    assert (request.prompt, request.max_tokens, request.stop) == ("hello", 16, ("x",))


async def test_several_prompts_are_completed_in_their_order(openai: AsyncOpenAI) -> None:
    answer = await openai.completions.create(model="scripted", prompt=["json", "hello"], n=2)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert [choice.text[0] for choice in answer.choices] == ["{", "{", "H", "H"]
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (2, 10)


async def test_a_completion_comes_in_parts_after_its_prompt(openai: AsyncOpenAI) -> None:
    stream = await openai.completions.create(
        model="scripted", prompt="hello", stream=True, echo=True, stream_options={"include_usage": True}
    )
    *parts, last = [part async for part in stream]
    assert "".join(part.choices[0].text for part in parts) == "helloHello to you, too."
    assert parts[-1].choices[0].finish_reason == "stop"
    assert last.usage is not None
    assert last.usage.completion_tokens == 4


async def test_an_echo_stands_before_the_answer(openai: AsyncOpenAI) -> None:
    answer = await openai.completions.create(model="scripted", prompt="hello", echo=True)
    assert answer.choices[0].text == "helloHello to you, too."


async def test_log_probabilities_are_in_four_lists(openai: AsyncOpenAI) -> None:
    answer = await openai.completions.create(model="scripted", prompt="uncertain", logprobs=2)
    told = answer.choices[0].logprobs
    assert told is not None
    assert told.tokens == ["on", "\N{REPLACEMENT CHARACTER}"]
    assert told.token_logprobs == [-0.1, -9999.0]
    assert told.text_offset == [0, 2]
    assert told.top_logprobs is not None
    assert told.top_logprobs[0]["on"] == pytest.approx(math.log(0.45))


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"prompt": 3}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": ["a"] * 65}, "prompt"),
        ({"prompt": [1, 2]}, "prompt[0]"),
        ({"suffix": "the end"}, "suffix"),
        ({"best_of": 3}, "best_of"),
        ({"echo": True, "logprobs": 1}, "echo"),
        ({"logprobs": True}, "logprobs"),
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
        ({"n": 9}, "n"),
    ],
)
async def test_what_is_wrong_with_a_completion_is_named(openai: AsyncOpenAI, wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai.completions.create(model="scripted", prompt="hello", extra_body=wrong)
    assert caught.value.param == param


async def test_texts_get_their_vectors(openai: AsyncOpenAI, stage: Stage) -> None:
    answer = await openai.embeddings.create(model="scripted", input=["place one", "place two"], dimensions=2)
    assert [row.index for row in answer.data] == [0, 1]
    assert answer.data[0].embedding == pytest.approx([0.6, 0.8], abs=1e-6)
    (request,) = stage.requests
    assert isinstance(request, EmbeddingRequest)
    assert request.texts == ("place one", "place two")


async def test_vectors_are_packed_where_that_is_asked_for(openai: AsyncOpenAI) -> None:
    for encoding, expected in (
        ("float", [0.6, 0.8]),
        ("base64", base64.b64encode(struct.pack("<2f", 0.6, 0.8)).decode()),
    ):
        raw: Any = await openai.embeddings.with_raw_response.create(
            model="scripted", input="place", encoding_format=encoding  # type: ignore[arg-type]
        )  # fmt: skip
        assert raw.http_response.json()["data"][0]["embedding"] == expected


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": [[1, 2]]}, "input[0]"),
        ({"input": ["a"] * 300}, "input"),
        ({"dimensions": 3}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
    ],
)
async def test_what_is_wrong_with_an_embedding_is_named(openai: AsyncOpenAI, wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai.embeddings.create(model="scripted", input="place", extra_body=wrong)
    assert caught.value.param == param
