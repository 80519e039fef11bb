"""A chat from request to answer, as a back end runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.core.inference import (
    ChatDelta,
    ChatRequest,
    CompletionRequest,
    Delta,
    FinishReason,
    Prompt,
    Token,
    ToolUse,
    Usage,
)
from hub.errors import PromptTooLong
from hub.inference.chat import ChatFormat
from tests.inference.chat.models import FAMILIES, LIGHT, chat_format, system, user


class Model:
    """Writes what it is told to, letter by letter."""

    def __init__(self, answer: str, finish: FinishReason = FinishReason.STOP) -> None:
        self.answer = answer
        self.finish = finish
        self.requests: list[CompletionRequest] = []
        self.closed = False

    async def generate(self, request: CompletionRequest) -> AsyncIterator[Delta]:
        self.requests.append(request)
        try:
            for letter in self.answer:
                yield Delta(text=letter, tokens=(Token(text=letter),))
            yield Delta(finish=self.finish, usage=Usage(output_tokens=len(self.answer)))
        finally:
            self.closed = True


async def hundred(_: Prompt) -> int:
    return 100


async def answered(chats: ChatFormat, model: Model, request: ChatRequest) -> list[ChatDelta]:
    return [delta async for delta in chats.chat(request, generate=model.generate, count=hundred)]


ASK = ChatRequest(messages=(system("Be short."), user("on")), tools=(LIGHT,))


@pytest.mark.parametrize("family", FAMILIES)
async def test_text_streams_and_the_last_delta_has_reason_and_usage(family: str) -> None:
    model = Model("It is on.")
    deltas = await answered(chat_format(family), model, ASK)
    assert "".join(delta.text for delta in deltas) == "It is on."
    assert [delta.finish for delta in deltas if delta.finish] == [FinishReason.STOP]
    assert deltas[-1].usage == Usage(output_tokens=9)
    assert sum(len(delta.tokens) for delta in deltas) == 9


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_call_in_a_familys_own_form_is_a_call(family: str) -> None:
    chats = chat_format(family)
    form = chats.form
    call = f'{{"name": "light.turn_on", "{form.arguments}": {{"entity": "light.hall"}}}}'
    wrapped = f"[{call}]" if form.listed else call
    model = Model(f"{form.opening}{wrapped}{form.after}{form.closing}")
    deltas = await answered(chats, model, ASK)
    calls = [delta for part in deltas for delta in part.calls]
    assert calls[0].name == "light.turn_on"
    assert len(calls[0].call_id or "") == 9
    assert "".join(call.arguments for call in calls) == '{"entity": "light.hall"}'
    assert "".join(delta.text for delta in deltas) == ""
    assert deltas[-1].finish is FinishReason.TOOL_CALLS


@pytest.mark.parametrize("family", FAMILIES)
async def test_a_call_that_must_be_is_read_from_behind_the_prompts_opening(family: str) -> None:
    chats = chat_format(family)
    form = chats.form
    call = f'{{"name": "light.turn_on", "{form.arguments}": {{}}}}'
    model = Model(f"[{call}]" if form.listed else f"{call}{form.after}{form.closing}")
    request = ChatRequest(messages=ASK.messages, tools=ASK.tools, tool="light.turn_on", max_tokens=50)
    deltas = await answered(chats, model, request)
    assert [delta.name for part in deltas for delta in part.calls if delta.name] == ["light.turn_on"]
    assert model.requests[0].max_tokens == 50
    prompt = "".join(piece.text for piece in model.requests[0].prompt if not isinstance(piece, str))
    assert prompt.endswith(form.opening)


async def test_an_answer_cut_by_its_limit_says_so() -> None:
    model = Model('<tool_call>\n{"name": "light.turn_on", "arguments": {"en', FinishReason.LENGTH)
    deltas = await answered(chat_format("qwen"), model, ASK)
    assert deltas[-1].finish is FinishReason.LENGTH


async def test_what_was_held_back_comes_with_the_end() -> None:
    deltas = await answered(chat_format("qwen"), Model("5 <"), ASK)
    assert "".join(delta.text for delta in deltas) == "5 <"


async def test_without_tools_an_answer_is_passed_on_as_it_is() -> None:
    request = ChatRequest(messages=ASK.messages, tools=ASK.tools, tool_use=ToolUse.NONE)
    model = Model("<tool_call>")
    assert "".join(delta.text for delta in await answered(chat_format("qwen"), model, request)) == "<tool_call>"
    assert model.requests[0].constraint is None


async def test_an_answer_may_be_as_long_as_the_window_has_room() -> None:
    model = Model("on")
    await answered(chat_format("qwen"), model, ASK)
    assert model.requests[0].max_tokens == 4096 - 100


async def test_a_chat_that_leaves_no_room_is_refused() -> None:
    async def full(_: Prompt) -> int:
        return 4096

    with pytest.raises(PromptTooLong, match="got 4096"):
        async for _ in chat_format("qwen").chat(ASK, generate=Model("").generate, count=full):
            pass


async def test_closing_a_chat_closes_the_engines_answer() -> None:
    model = Model("It is on.")
    deltas = chat_format("qwen").chat(ASK, generate=model.generate, count=hundred)
    await anext(deltas)
    await deltas.aclose()
    assert model.closed


async def test_a_model_that_knows_no_chats_stops_before_the_next_speaker() -> None:
    model = Model("on")
    await answered(chat_format("plain"), model, ChatRequest(messages=ASK.messages, stop=("X",)))
    assert model.requests[0].stop == ("X", "\nUser:")
