from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import openai as library
import pytest
from openai import AsyncOpenAI

from hub.core.callers import Capability
from hub.security import Role
from hub.testing import RunningHub
from tests.openai.conftest import Stage, newest

pytestmark = pytest.mark.asyncio(loop_scope="module")
HELLO: Any = [{"role": "user", "content": "hello"}]


def saying(text: str) -> Any:
    return [{"role": "user", "content": text}]


FAILURES: list[tuple[str, type[library.APIStatusError], int, str | None]] = [
    ("window", library.BadRequestError, 400, "context_length_exceeded"),
    ("queue", library.RateLimitError, 429, "rate_limit_exceeded"),
    ("worker", library.InternalServerError, 503, "worker_died"),
    ("model", library.InternalServerError, 503, "model_unavailable"),
    ("other", library.InternalServerError, 500, None),
]


@pytest.mark.parametrize(("what", "kind", "status", "code"), FAILURES)
@pytest.mark.parametrize("stream", [True, False])
async def test_each_failure_is_an_error_of_the_client(
    openai: AsyncOpenAI, what: str, kind: type[library.APIStatusError], status: int, code: str | None, stream: bool
) -> None:
    with pytest.raises(kind) as caught:
        await openai.chat.completions.create(model="scripted", messages=saying(f"fail: {what}"), stream=stream)
    assert (caught.value.status_code, caught.value.code) == (status, code)
    assert ("Retry-After" in caught.value.response.headers) == (what in {"queue", "worker"})


async def test_the_client_tries_again_where_the_queue_was_full(home: RunningHub, stage: Stage) -> None:
    async with AsyncOpenAI(base_url=f"{home.url}/v1", api_key=home.token, max_retries=1) as client:
        with pytest.raises(library.RateLimitError):
            await client.chat.completions.create(model="scripted", messages=saying("fail: queue"))
    assert len(stage.requests) == 2


async def test_a_failure_in_the_middle_of_a_stream_ends_it_with_an_error(openai: AsyncOpenAI, home: RunningHub) -> None:
    stream = await openai.chat.completions.create(model="scripted", messages=saying("hello, then die"), stream=True)
    await anext(stream)  # the role, and then the first word
    assert (await anext(stream)).choices[0].delta.content == "Hello "
    with pytest.raises(library.APIError, match="in the middle") as caught:
        await anext(stream)
    assert caught.value.code == "worker_died"
    row = await newest(home)
    assert (row.outcome, row.outcome_detail["reason"]) == ("failed", "worker_died")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"messages": []}, "messages"),
    ({"messages": "hello"}, "messages"),
    ({"messages": [3]}, "messages[0]"),
    ({"messages": [{"content": "hello"}]}, "messages[0].role"),
    ({"messages": [{"role": "wizard", "content": "hello"}]}, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "messages[0].content[0]"),
    ({"messages": [{"role": "assistant"}]}, "messages[0].content"),
    ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "a"}]}, "messages[0].tool_call_id"),
    ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "["}}]}]},
     "messages[0].tool_calls[0].function.arguments"),
    ({"messages": HELLO * 1001}, "messages"),
    ({"temperature": 3}, "temperature"),
    ({"temperature": True}, "temperature"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_tokens": "9"}, "max_tokens"),
    ({"top_p": [1]}, "top_p"),
    ({"seed": 1.5}, "seed"),
    ({"n": 9}, "n"),
    ({"stop": ["a"] * 17}, "stop"),
    ({"stop": {"a": 1}}, "stop"),
    ({"stream": "yes"}, "stream"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"top_logprobs": 3}, "top_logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"logit_bias": {"1": 5}}, "logit_bias"),
    ({"model": 3}, "model"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "param"), WRONG)
async def test_what_is_wrong_is_named(openai: AsyncOpenAI, wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(library.BadRequestError) as caught:
        await openai.chat.completions.create(model="scripted", messages=HELLO, extra_body=wrong)
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"
    assert param in str(caught.value)


async def test_a_model_that_is_not_there_is_not_found(openai: AsyncOpenAI) -> None:
    for asked in (
        openai.chat.completions.create(model="gpt-4o", messages=HELLO),
        openai.completions.create(model="gpt-4o", prompt="hello"),
        openai.embeddings.create(model="gpt-4o", input="place"),
        openai.models.retrieve("gpt-4o"),
    ):
        with pytest.raises(library.NotFoundError, match="'scripted'") as caught:
            await asked
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


async def test_the_model_is_listed(openai: AsyncOpenAI) -> None:
    models = [model async for model in openai.models.list()]
    assert [(model.id, model.owned_by) for model in models] == [("scripted", "hearth")]
    for name in ("scripted", "default", "hearth"):
        assert (await openai.models.retrieve(name)).id == "scripted"


async def test_while_there_is_no_model_none_is_listed(
    openai: AsyncOpenAI, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_model", None)
    assert (await openai.models.list()).data == []
    with pytest.raises(library.InternalServerError) as caught:
        await openai.chat.completions.create(model="scripted", messages=HELLO)
    assert (caught.value.status_code, caught.value.code) == (503, "model_unavailable")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"{", 400, "invalid_value"), (b"[]", 400, "invalid_value"), (b"x" * (1 << 21), 413, "request_too_large")],
)
async def test_a_body_that_is_none_is_refused(home: RunningHub, content: bytes, status: int, code: str) -> None:
    async with (
        aiohttp.ClientSession(home.url, headers=home.headers) as http,
        http.post("/v1/chat/completions", data=io.BytesIO(content)) as response,
    ):
        assert (response.status, (await response.json())["error"]["code"]) == (status, code)
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "unknown_url"),
        ("PUT", "/v1/models", 405, "method_not_supported"),
        ("POST", "/v1/audio/speech", 405, "method_not_supported"),
    ],
)
async def test_a_path_that_is_not_there_is_told_in_the_same_shape(
    home: RunningHub, method: str, path: str, status: int, code: str
) -> None:
    async with aiohttp.ClientSession(home.url) as http:
        async with http.request(method, path, headers=home.headers) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (status, code)
        async with http.request(method, path) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (401, "invalid_api_key")
    await asyncio.sleep(0)


async def test_a_key_that_nobody_knows_is_refused(home: RunningHub) -> None:
    async with AsyncOpenAI(base_url=f"{home.url}/v1", api_key="sk-unknown", max_retries=0) as client:
        with pytest.raises(library.AuthenticationError) as caught:
            await client.models.list()
    assert caught.value.code == "invalid_api_key"


PEOPLE = [
    (Role.GUEST, None, False),
    (Role.GUEST, (Capability(areas=("hall",)),), False),
    (Role.SERVICE, (Capability(action=""),), False),
    (Role.SERVICE, (Capability(action="model.use", domains=("model",)),), True),
    (Role.GUEST, (Capability(action="model.use", entities=("model.local",)),), True),
    (Role.USER, (Capability(areas=("kids_room",)),), False),
    (Role.USER, None, True),
]


@pytest.mark.parametrize(("role", "grants", "may"), PEOPLE)
async def test_only_who_was_granted_the_model_may_use_it(
    home: RunningHub, role: Role, grants: tuple[Capability, ...] | None, may: bool
) -> None:
    auth = home.hub.auth
    name = f"{role} {grants}"
    user = await auth.users.add(name=name, username=None, password=None, role=role, capabilities=grants)
    token = await auth.create_long_lived(user.user_id, name)
    async with AsyncOpenAI(base_url=f"{home.url}/v1", api_key=token, max_retries=0) as client:
        if may:
            assert (await client.chat.completions.create(model="", messages=HELLO)).choices
        else:
            with pytest.raises(library.PermissionDeniedError, match=r"model\.use"):
                await client.chat.completions.create(model="", messages=HELLO)
    sight = home.hub.capabilities.sight(user.user_id)
    assert sight.everything == ((grants is None and role is Role.USER) or grants == (Capability(action=""),))


async def test_the_audit_says_who_asked_and_nothing_of_what(home: RunningHub, openai: AsyncOpenAI) -> None:
    await openai.chat.completions.create(model="", messages=saying("uncertain secret"))
    row = await newest(home)
    owner = home.hub.auth.users.owner()
    assert owner is not None
    assert (row.subject, row.caller, row.user_id) == ("chat", f"user:{owner.user_id}", owner.user_id)
    assert (row.outcome, row.detail) == ("accepted", {"model": "scripted"})
    seconds = row.outcome_detail["seconds"]
    assert row.outcome_detail == {"prompt_tokens": 7, "output_tokens": 2, "seconds": seconds}
