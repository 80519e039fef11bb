from __future__ import annotations

from typing import Any

import pytest
from openai import AsyncOpenAI, BadRequestError

from hub.core.inference import CallDelta, ChatDelta, ChatRequest, FinishReason, Message, RequestedCall, Speaker, ToolUse
from hub.core.inference import Usage as Took
from tests.openai.conftest import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")
LAMP: Any = [{"role": "user", "content": "Switch on the lamp"}]
SCHEMA = {"type": "object", "properties": {"entity": {"type": "string"}}, "required": ["entity"]}
TOOLS: Any = [
    {"type": "function", "function": {"name": "turn_on", "description": "Switch on", "parameters": SCHEMA}},
    {"type": "function", "function": {"name": "wait"}},
]


async def test_a_tool_is_called(openai: AsyncOpenAI, stage: Stage) -> None:
    answer = await openai.chat.completions.create(model="scripted", messages=LAMP, tools=TOOLS)
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert choice.message.tool_calls is not None
    (call,) = choice.message.tool_calls
    assert call.type == "function"
    assert (call.id, call.function.name) == ("call_1", "turn_on")
    assert call.function.arguments == '{"entity":"light.kitchen"}'
    (request,) = stage.requests
    assert isinstance(request, ChatRequest)
    assert [(tool.name, tool.description) for tool in request.tools] == [("turn_on", "Switch on"), ("wait", "")]
    assert request.tools[0].parameters == SCHEMA
    assert request.tools[1].parameters == {"type": "object", "properties": {}}


async def test_a_call_comes_in_parts(openai: AsyncOpenAI) -> None:
    async with openai.chat.completions.stream(model="scripted", messages=LAMP, tools=TOOLS) as stream:
        answer = await stream.get_final_completion()
    calls = answer.choices[0].message.tool_calls
    assert calls is not None
    assert (calls[0].id, calls[0].function.name) == ("call_1", "turn_on")
    assert answer.choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("choice", "use", "named"),
    [
        ("auto", ToolUse.AUTO, None),
        ("none", ToolUse.NONE, None),
        ("required", ToolUse.REQUIRED, None),
        ({"type": "function", "function": {"name": "wait"}}, ToolUse.REQUIRED, "wait"),
    ],
)
async def test_it_may_be_said_which_tool(
    openai: AsyncOpenAI, stage: Stage, choice: Any, use: ToolUse, named: str | None
) -> None:
    await openai.chat.completions.create(model="scripted", messages=LAMP, tools=TOOLS, tool_choice=choice)
    (request,) = stage.requests
    assert isinstance(request, ChatRequest)
    assert (request.tool_use, request.tool) == (use, named)


async def test_what_a_tool_answered_goes_back_to_the_model(openai: AsyncOpenAI, stage: Stage) -> None:
    call = {"id": "call_9", "type": "function", "function": {"name": "wait", "arguments": ""}}
    messages: Any = [
        *LAMP,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_9", "content": [{"type": "text", "text": "done"}]},
        {"role": "assistant", "content": "I waited."},
        {"role": "user", "content": "hello"},
    ]
    await openai.chat.completions.create(model="scripted", messages=messages, tools=TOOLS)
    (request,) = stage.requests
    assert isinstance(request, ChatRequest)
    asked = RequestedCall(call_id="call_9", name="wait", arguments="{}")
    assert request.messages[1:4] == (
        Message(speaker=Speaker.ASSISTANT, calls=(asked,)),
        Message(speaker=Speaker.TOOL, text="done", call_id="call_9"),
        Message(speaker=Speaker.ASSISTANT, text="I waited."),
    )


TWICE = (
    ChatDelta(text="Both.", calls=(CallDelta(index=0, call_id="a", name="turn_on"),)),
    ChatDelta(calls=(CallDelta(index=0, arguments='{"entity":'), CallDelta(index=1, call_id="b", name="wait"))),
    ChatDelta(calls=(CallDelta(index=0, arguments='"x"}'), CallDelta(index=1, arguments="{}"))),
    ChatDelta(finish=FinishReason.TOOL_CALLS, usage=Took(prompt_tokens=1, output_tokens=9)),
)


@pytest.mark.parametrize("several", [True, False])
async def test_tools_are_called_side_by_side_unless_that_is_not_wanted(
    openai: AsyncOpenAI, stage: Stage, monkeypatch: pytest.MonkeyPatch, several: bool
) -> None:
    asked_for: list[ChatRequest] = []

    async def twice(request: ChatRequest) -> Any:
        asked_for.append(request)
        for delta in TWICE:
            yield delta

    monkeypatch.setattr(stage, "chat", twice)
    asked: dict[str, Any] = {"model": "scripted", "messages": LAMP, "tools": TOOLS, "parallel_tool_calls": several}
    whole = (await openai.chat.completions.create(**asked)).choices[0].message
    async with openai.chat.completions.stream(**asked) as stream:
        streamed = (await stream.get_final_completion()).choices[0].message
    assert [one.several for one in asked_for] == [several, several]
    for message in (whole, streamed):
        calls = [(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()]
        assert calls == [("a", "turn_on", '{"entity":"x"}'), ("b", "wait", "{}")][: 2 if several else 1]
        assert message.content == "Both."


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"tools": [{"type": "function"}]}, "tools[0].function"),
        ({"tools": [{"type": "retrieval"}]}, "tools[0].type"),
        ({"tools": [{"type": "function", "function": {"name": "no spaces"}}]}, "tools[0].function.name"),
        ({"tools": [TOOLS[1], TOOLS[1]]}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "x", "parameters": 3}}]}, "tools[0].function.parameters"),
        ({"tools": TOOLS, "tool_choice": "perhaps"}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "other"}}}, "tool_choice"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tools": TOOLS, "parallel_tool_calls": "yes"}, "parallel_tool_calls"),
        ({"tools": TOOLS * 100}, "tools"),
        ({"functions": [{"name": "x"}]}, "functions"),
    ],
)
async def test_what_is_wrong_with_tools_is_named(openai: AsyncOpenAI, wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        await openai.chat.completions.create(model="scripted", messages=LAMP, extra_body=wrong)
    assert caught.value.param == param
