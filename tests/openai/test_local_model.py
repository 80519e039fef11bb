"""The official client and the model that comes with Hearth, in its worker process."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import openai as library
import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from pydantic import BaseModel

from hub.testing import RunningHub, running_hub
from tests.inference.conftest import NATIVE

MISSING = [name for name in NATIVE if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        bool(MISSING), reason=f"{', '.join(MISSING)} is not installed, so there is no local model to test"
    ),
]
SECONDS = 60
HELLO: Any = [{"role": "user", "content": "turn on the kitchen light"}]
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "turn_on",
            "description": "Switch on",
            "parameters": {
                "type": "object",
                "properties": {"entity": {"enum": ["light.kitchen", "light.hall"]}},
                "required": ["entity"],
                "additionalProperties": False,
            },
        },
    }
]


class Lamp(BaseModel):
    room: Literal["kitchen", "hall"]
    on: bool


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("home") / "config") as running:
        async with asyncio.timeout(SECONDS):
            await running.hub.backend.loaded()
        yield running


async def test_the_model_is_listed_with_its_window(openai: AsyncOpenAI) -> None:
    (model,) = (await openai.models.list()).data
    assert model.id == "home-6m-q8_0"
    assert (model.model_extra or {})["max_model_len"] == 512


async def test_a_chat_is_answered_the_same_whole_and_in_parts(openai: AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"model": "home-6m-q8_0", "messages": HELLO, "max_tokens": 12, "temperature": 0}
    whole = await openai.chat.completions.create(**asked)
    text, usage = "", None
    async for part in await openai.chat.completions.create(
        **asked, stream=True, stream_options={"include_usage": True}
    ):
        text += "".join(choice.delta.content or "" for choice in part.choices)
        usage = part.usage or usage
    assert text == whole.choices[0].message.content
    assert usage is not None
    assert whole.usage is not None
    assert usage.total_tokens == whole.usage.total_tokens
    assert usage.prompt_tokens_details is not None
    assert (usage.prompt_tokens_details.cached_tokens or 0) > 0


async def test_an_answer_fits_its_model_of_pydantic(openai: AsyncOpenAI) -> None:
    answer = await openai.chat.completions.parse(model="", messages=HELLO, response_format=Lamp, max_tokens=60)
    assert answer.choices[0].message.parsed is not None
    async with openai.chat.completions.stream(model="", messages=HELLO, response_format=Lamp, max_tokens=60) as stream:
        streamed = await stream.get_final_completion()
    assert streamed.choices[0].message.parsed is not None


async def test_a_schema_holds_as_it_is_written(openai: AsyncOpenAI) -> None:
    schema = {"type": "object", "properties": {"n": {"enum": [1, 2]}}, "required": ["n"], "additionalProperties": False}
    form: Any = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": True}}
    answer = await openai.chat.completions.create(model="", messages=HELLO, response_format=form, max_tokens=30)
    assert json.loads(answer.choices[0].message.content or "")["n"] in (1, 2)


async def test_a_choice_is_one_of_the_options(openai: AsyncOpenAI) -> None:
    for form in ({"guided_choice": ["on", "off"]}, {"structured_outputs": {"regex": "on|off"}}):
        answer = await openai.completions.create(model="", prompt="The light is", extra_body=form)
        assert answer.choices[0].text in ("on", "off")


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "turn_on"}}])
@pytest.mark.parametrize("stream", [True, False])
async def test_a_tool_that_must_be_called_is_called_as_it_says(openai: AsyncOpenAI, choice: Any, stream: bool) -> None:
    asked: dict[str, Any] = {
        "model": "", "messages": HELLO, "tools": TOOLS, "tool_choice": choice, "max_tokens": 80, "parallel_tool_calls": False
    }  # fmt: skip
    if stream:
        async with openai.chat.completions.stream(**asked) as parts:
            answer: Any = await parts.get_final_completion()
    else:
        answer = await openai.chat.completions.create(**asked)
    (call,) = answer.choices[0].message.tool_calls
    assert (call.function.name, answer.choices[0].finish_reason) == ("turn_on", "tool_calls")
    assert json.loads(call.function.arguments)["entity"] in ("light.kitchen", "light.hall")


async def test_log_probabilities_add_up(openai: AsyncOpenAI) -> None:
    answer = await openai.chat.completions.create(
        model="", messages=HELLO, max_tokens=4, temperature=0, logprobs=True, top_logprobs=5
    )
    told = answer.choices[0].logprobs
    assert told is not None
    assert told.content
    for token in told.content:
        assert token.logprob <= 0
        assert len(token.top_logprobs) == 5
        assert token.top_logprobs[0].logprob == pytest.approx(token.logprob, abs=1e-3)  # the most likely was taken
    completion = await openai.completions.create(model="", prompt="turn on", max_tokens=4, temperature=0, logprobs=2)
    in_lists = completion.choices[0].logprobs
    assert in_lists is not None
    assert len(in_lists.tokens or ()) == len(in_lists.token_logprobs or ()) > 0


async def test_a_seed_repeats_an_answer(openai: AsyncOpenAI) -> None:
    asked: dict[str, Any] = {"model": "", "prompt": "the", "max_tokens": 8, "temperature": 1.5, "seed": 7}
    first, second = [await openai.completions.create(**asked) for _ in range(2)]
    assert first.choices[0].text == second.choices[0].text


async def test_vectors_have_length_one(openai: AsyncOpenAI) -> None:
    answer = await openai.embeddings.create(model="", input=["the light", "the door"])
    for row in answer.data:
        assert sum(value * value for value in row.embedding) == pytest.approx(1.0, abs=1e-3)


FAILURES: list[tuple[dict[str, Any], type[library.APIStatusError], str]] = [
    ({"prompt": "light " * 2000}, library.BadRequestError, "context_length_exceeded"),
    ({"prompt": "x", "max_tokens": 5000}, library.BadRequestError, "context_length_exceeded"),
    ({"prompt": "x", "extra_body": {"guided_regex": "("}}, library.BadRequestError, "unanswerable"),
    ({"prompt": "x", "extra_body": {"guided_grammar": "no grammar"}}, library.BadRequestError, "unanswerable"),
    ({"prompt": ""}, library.BadRequestError, "unanswerable"),
    ({"prompt": "x", "model": "gpt-4o"}, library.NotFoundError, "model_not_found"),
]


@pytest.mark.parametrize(("wrong", "kind", "code"), FAILURES)
async def test_each_failure_is_an_error_of_the_client(
    openai: AsyncOpenAI, wrong: dict[str, Any], kind: type[library.APIStatusError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        await openai.completions.create(**{"model": "", **wrong})
    assert caught.value.code == code


async def free(home: RunningHub) -> None:
    """Wait until the model has nothing to do; it tells nobody when."""
    async with asyncio.timeout(SECONDS):
        while home.hub.backend.status()["in_flight"]:  # noqa: ASYNC110 - a status is asked for, it is no event
            await asyncio.sleep(0.01)


async def test_a_client_that_goes_away_frees_the_model(home: RunningHub, openai: AsyncOpenAI) -> None:
    stream = await openai.completions.create(
        model="", prompt="the", max_tokens=400, stream=True, extra_body={"guided_regex": "[a-z ]{2000,}"}
    )
    await anext(stream)
    assert home.hub.backend.status()["in_flight"] == 1
    await stream.close()
    await free(home)
    asking = asyncio.create_task(
        openai.completions.create(
            model="", prompt="the", max_tokens=400, n=4, extra_body={"guided_regex": "[a-z ]{2000,}"}
        )
    )
    async with asyncio.timeout(SECONDS):
        while not home.hub.backend.status()["in_flight"]:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.005)
    asking.cancel()
    await free(home)
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_eight_streams_are_written_at_once(home: RunningHub, openai: AsyncOpenAI) -> None:
    async def whole(number: int) -> tuple[str, str | None]:
        text, finish = "", None
        stream = await openai.completions.create(
            model="", prompt=f"room {number}", max_tokens=24, stream=True, extra_body={"guided_regex": "[a-z ]{200,}"}
        )
        async for part in stream:
            text += part.choices[0].text
            finish = part.choices[0].finish_reason or finish
        return text, finish

    async with asyncio.timeout(SECONDS):
        answers = await asyncio.gather(*map(whole, range(8)))
    assert all(text and finish == "length" for text, finish in answers)
    await free(home)
