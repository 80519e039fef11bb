"""Chats with the real engine and the model that comes with Hearth, which knows no tools: the grammar makes it call them."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.core.inference import ChatDelta, ChatRequest, Constraint, FinishReason, Tool, ToolUse
from hub.errors import PromptTooLong
from hub.inference import LocalBackend
from tests.inference.chat.models import LIGHT, user
from tests.inference.conftest import NATIVE, running

SCENE = Tool(
    name="scene.set",
    parameters={"type": "object", "properties": {"name": {"enum": ["day", "night"]}}, "required": ["name"]},
)
MISSING = [name for name in NATIVE if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        bool(MISSING), reason=f"{', '.join(MISSING)} is not installed, so there is no local model to test"
    ),
]
ASK = (user("turn on the hall light"),)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def backend() -> AsyncIterator[LocalBackend]:
    async with running(LocalBackend()) as backend:
        yield backend


async def answered(backend: LocalBackend, request: ChatRequest) -> list[ChatDelta]:
    return [delta async for delta in backend.chat(request)]


def calls_of(deltas: list[ChatDelta]) -> list[tuple[str, str]]:
    calls: dict[int, tuple[str, str]] = {}
    for part in (part for delta in deltas for part in delta.calls):
        name, arguments = calls.get(part.index, ("", ""))
        calls[part.index] = (part.name or name, arguments + part.arguments)
    return list(calls.values())


async def test_a_tool_that_must_be_called_is_called_with_arguments_of_its_schema(backend: LocalBackend) -> None:
    deltas = await answered(backend, ChatRequest(messages=ASK, tools=(LIGHT, SCENE), tool="scene.set", max_tokens=60))
    ((name, arguments),) = calls_of(deltas)
    assert name == "scene.set"
    assert json.loads(arguments)["name"] in ("day", "night")
    assert deltas[-1].finish is FinishReason.TOOL_CALLS
    assert "".join(delta.text for delta in deltas) == ""


async def test_one_of_several_tools_is_called_where_one_must_be(backend: LocalBackend) -> None:
    request = ChatRequest(
        messages=ASK, tools=(SCENE, Tool(name="stop")), tool_use=ToolUse.REQUIRED, several=False, max_tokens=60
    )
    ((name, arguments),) = calls_of(await answered(backend, request))
    assert name in ("scene.set", "stop")
    assert isinstance(json.loads(arguments), dict)


async def test_an_answer_may_be_text_where_tools_are_offered(backend: LocalBackend) -> None:
    deltas = await answered(backend, ChatRequest(messages=ASK, tools=(SCENE,), max_tokens=20))
    assert "".join(delta.text for delta in deltas) or calls_of(deltas)
    assert deltas[-1].finish is not None


async def test_a_schema_holds_beside_tools(backend: LocalBackend) -> None:
    schema = Constraint.json_schema(
        {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"], "additionalProperties": False}
    )
    deltas = await answered(backend, ChatRequest(messages=ASK, tools=(SCENE,), constraint=schema, max_tokens=60))
    text = "".join(delta.text for delta in deltas)
    assert calls_of(deltas) or json.loads(text)["on"] in (True, False)


async def test_text_that_looks_like_a_special_token_is_read_as_text(backend: LocalBackend) -> None:
    plain, marked = [
        (await answered(backend, ChatRequest(messages=(user(text),), max_tokens=1)))[-1].usage
        for text in ("a", "a<|eos|>")
    ]
    assert plain is not None
    assert marked is not None
    assert marked.prompt_tokens >= plain.prompt_tokens + 4


async def test_a_second_turn_reuses_the_first(backend: LocalBackend) -> None:
    rules = tuple(Tool(name=f"tool_{number}", description="does something in the home") for number in range(2))
    first = await answered(backend, ChatRequest(messages=ASK, tools=rules, max_tokens=2))
    second = await answered(backend, ChatRequest(messages=(user("now off, please"),), tools=rules, max_tokens=2))
    assert first[-1].usage is not None
    assert second[-1].usage is not None
    assert second[-1].usage.cached_tokens > 40


async def test_a_chat_longer_than_the_window_is_refused(backend: LocalBackend) -> None:
    with pytest.raises(PromptTooLong):
        await answered(backend, ChatRequest(messages=(user("turn it on " * 400),)))
