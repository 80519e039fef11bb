"""The window: what fits is left alone, what does not is refused, summarised or dropped, and always said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.inference import ChatRequest, Message, Piece, Prompt, Speaker
from hub.core.ports import Turn
from hub.errors import PromptTooLong
from hub.inference.chat import ContextWindow, Overflow, TokenCounter, from_turns
from tests.inference.chat.models import LIGHT, assistant, call, chat_format, result, system, user

FORMAT = chat_format("qwen")
RULES = system("Be short.")


class Words:
    """A tokeniser of words: counts what it is asked, and the token that begins every prompt."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, prompt: Prompt) -> int:
        pieces = (Piece(text=prompt),) if isinstance(prompt, str) else prompt
        self.asked += [piece.text for piece in pieces if piece.text]
        return 1 + sum(1 if piece.special else len(piece.text.split()) for piece in pieces)


class Summariser:
    def __init__(self, text: str = "a short summary") -> None:
        self.text = text
        self.given: list[tuple[tuple[Message, ...], int]] = []

    async def __call__(self, messages: Sequence[Message], tokens: int) -> str:
        self.given.append((tuple(messages), tokens))
        return self.text


def window(size: int, overflow: Overflow = Overflow.REFUSE, summarise: Summariser | None = None) -> ContextWindow:
    count = partial(FORMAT.tokens, count=TokenCounter(Words()))
    return ContextWindow(size, count, overflow=overflow, summarise=summarise, answer=20)


def exchange(number: int, words: int = 20) -> tuple[Message, ...]:
    return (user(f"question {number} " + "why " * words), assistant(f"answer {number} " + "so " * words))


def conversation(exchanges: int) -> ChatRequest:
    turns = [message for number in range(exchanges) for message in exchange(number)]
    return ChatRequest(messages=(RULES, *turns, user("and now?")), max_tokens=20)


async def test_a_chat_that_fits_is_left_alone() -> None:
    chat = conversation(2)
    fitted = await window(1000).fit(chat)
    assert fitted.request == chat
    assert fitted.summarised == fitted.dropped == ()
    assert fitted.tokens == await FORMAT.tokens(chat, Words())


async def test_a_chat_that_does_not_fit_is_refused_with_the_figures() -> None:
    with pytest.raises(
        PromptTooLong, match=r"at most 80 tokens.*window has 100.*answer may take 20.*got \d+"
    ) as caught:
        await window(100).fit(conversation(9))
    assert caught.value.placeholders["context"] == 100


async def test_the_oldest_exchanges_go_where_that_was_asked_for_and_it_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chat = conversation(9)
    fitted = await window(200, Overflow.DROP_OLDEST).fit(chat)
    assert fitted.tokens <= 180
    assert (RULES, *fitted.dropped, *fitted.request.messages[1:]) == chat.messages
    assert fitted.dropped
    assert fitted.dropped[0].text.startswith("question 0")
    assert f"The oldest {len(fitted.dropped)} messages of a conversation are left out" in caplog.text


async def test_older_messages_are_summarised_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    summariser = Summariser()
    chat = conversation(9)
    fitted = await window(200, Overflow.SUMMARISE, summariser).fit(chat)
    assert fitted.tokens <= 180
    assert summariser.given == [(fitted.summarised, 25)]
    assert fitted.request.messages[:2] == (RULES, user("What we said before, in short: a short summary"))
    assert (RULES, *fitted.summarised, *fitted.request.messages[2:]) == chat.messages
    assert "are summarised" in caplog.text


async def test_a_summary_serves_the_next_turns_and_is_extended_when_it_must() -> None:
    summariser = Summariser()
    chats = window(200, Overflow.SUMMARISE, summariser)
    first = await chats.fit(conversation(9))
    again = await chats.fit(conversation(9))
    assert again.summarised == first.summarised
    assert len(summariser.given) == 1
    later = await chats.fit(conversation(14))
    assert len(summariser.given) == 2
    assert summariser.given[1][0][0] == user("What we said before, in short: a short summary")
    assert later.summarised[: len(first.summarised)] == first.summarised


async def test_a_summary_that_is_too_long_is_refused() -> None:
    with pytest.raises(PromptTooLong):
        await window(200, Overflow.SUMMARISE, Summariser("word " * 300)).fit(conversation(9))


@pytest.mark.parametrize("overflow", [Overflow.REFUSE, Overflow.DROP_OLDEST])
async def test_the_last_message_is_never_cut(overflow: Overflow) -> None:
    chat = ChatRequest(messages=(*exchange(0), user("long " * 300)))
    with pytest.raises(PromptTooLong):
        await window(200, overflow).fit(chat)


@settings(deadline=None)
@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=8), size=st.integers(60, 400))
async def test_no_result_loses_its_call_and_nothing_goes_unsaid(sizes: list[int], size: int) -> None:
    turns = [
        message
        for number, words in enumerate(sizes)
        for message in (
            user(f"do {number}"),
            assistant("", call(call_id=f"c{number}")),
            result("done " * words, f"c{number}"),
            assistant("It is done"),
        )
    ]
    chat = ChatRequest(messages=(RULES, *turns, user("thanks")), tools=(LIGHT,))
    try:
        fitted = await window(size, Overflow.DROP_OLDEST).fit(chat)
    except PromptTooLong:
        return
    kept = fitted.request.messages
    assert fitted.tokens <= size - 20
    assert (kept[0], *fitted.dropped, *kept[1:]) == chat.messages
    calls = {call.call_id for message in kept for call in message.calls}
    assert {message.call_id for message in kept if message.speaker is Speaker.TOOL} == calls
    assert kept[1].speaker is Speaker.USER


async def test_only_what_is_new_is_counted() -> None:
    words = Words()
    counter = TokenCounter(words)
    chat = conversation(3)
    tokens = await FORMAT.tokens(chat, counter)
    asked = len(words.asked)
    longer = ChatRequest(messages=(*chat.messages, assistant("later"), user("when?")))
    assert await FORMAT.tokens(longer, counter) > tokens
    assert words.asked[asked:] == ["assistant\nlater", "user\nwhen?"]
    assert await counter("later") == 2


def test_a_stored_conversation_becomes_messages() -> None:
    turns = [Turn(role="user", text="on", time=1.0), Turn(role="assistant", text="Done", time=2.0)]
    assert from_turns(turns) == (user("on"), assistant("Done"))


def test_a_window_that_summarises_needs_someone_who_does() -> None:
    with pytest.raises(ValueError, match="Expected a summariser"):
        window(100, Overflow.SUMMARISE)
