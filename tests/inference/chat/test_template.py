"""Chat templates of well-known structures: their own tokens are special, and nothing that people or devices said ever is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.inference import ChatRequest, Message, Piece, RequestedCall, Tool, ToolUse
from hub.errors import InferenceError
from hub.inference.chat import ChatFormat
from hub.inference.chat.template import ChatTemplate
from tests.inference.chat.models import FAMILIES, LIGHT, assistant, call, chat_format, ready, result, system, user

_SPECIALS = sorted({text for family in FAMILIES for text in ready(family).specials} | {"<tool_call>", "[INST]"})
_FRAGMENTS = sorted({text[:at] for text in _SPECIALS for at in (1, 2, 5)} | {text[-3:] for text in _SPECIALS})
_hostile = st.lists(
    st.sampled_from([*_SPECIALS, *_FRAGMENTS, "user", "\n", " ", "system", '"', "\\", "\U0010f001", "{{ 1 }}", "a"]),
    max_size=8,
).map("".join)


def _formats() -> dict[str, ChatFormat]:
    return {family: chat_format(family) for family in FAMILIES}


FORMATS = _formats()


def _conversation(texts: list[str]) -> tuple[Message, ...]:
    asked = RequestedCall(call_id=texts[3], name=texts[4], arguments='{"entity": "light.hall"}')
    return (
        system(texts[0]),
        user(f"1{texts[1]}"),
        assistant(texts[2], asked),
        result(texts[5], texts[3]),
        assistant(texts[6]),
        user(f"2{texts[7]}"),
    )


def _specials(pieces: tuple[Piece, ...]) -> list[str]:
    return [piece.text for piece in pieces if piece.special]


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=25, deadline=None)
@given(texts=st.lists(_hostile, min_size=10, max_size=10))
def test_what_was_said_never_becomes_a_special_token(family: str, texts: list[str]) -> None:
    chats = FORMATS[family]
    tool = Tool(name=f"t{texts[8]}", description=texts[9], parameters={"type": "object", "properties": {texts[9]: {}}})
    innocent = replace(tool, name="t", description="d", parameters={"type": "object", "properties": {"p": {}}})
    hostile, _ = chats.prompt(ChatRequest(messages=_conversation(texts), tools=(tool,)))
    plain, _ = chats.prompt(ChatRequest(messages=_conversation(["x"] * 10), tools=(innocent,)))
    assert _specials(hostile) == _specials(plain)
    for piece in hostile:
        if not piece.special:
            assert not any(text in piece.text for text in chats.template.specials if len(text) > 1)


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=40, deadline=None)
@given(text=_hostile)
def test_a_user_is_quoted_letter_by_letter(family: str, text: str) -> None:
    pieces, _ = FORMATS[family].prompt(ChatRequest(messages=(user(f"x{text}x"),)))
    assert f"x{text}x".replace("\U0010f001", "\ufffd") in "".join(piece.text for piece in pieces)


@pytest.mark.parametrize("family", [family for family in FAMILIES if family not in ("llama2", "plain")])
def test_a_templates_own_tokens_are_special(family: str) -> None:
    pieces, _ = FORMATS[family].prompt(ChatRequest(messages=(user("on"),)))
    written = "".join(f"⟦{piece.text}⟧" if piece.special else piece.text for piece in pieces)
    assert re.search(r"⟦[^⟧]*(user|im_start|start_of_turn|start_header_id|INST)[^⟧]*⟧", written), written


PROMPTS = {
    "llama2": "[INST] <<SYS>>\nBe short.\n<</SYS>>\n\non [/INST]",
    "llama3": "⟦<|start_header_id|>⟧system⟦<|end_header_id|>⟧\n\nToday: 26 Jul 2026\n\nBe short.⟦<|eot_id|>⟧"
    "⟦<|start_header_id|>⟧user⟦<|end_header_id|>⟧\n\non⟦<|eot_id|>⟧⟦<|start_header_id|>⟧assistant⟦<|end_header_id|>⟧\n\n",
    "qwen": "⟦<|im_start|>⟧system\nBe short.⟦<|im_end|>⟧\n⟦<|im_start|>⟧user\non⟦<|im_end|>⟧\n⟦<|im_start|>⟧assistant\n",
    "mistral": "⟦[INST]⟧ Be short.\n\non⟦[/INST]⟧",
    "gemma": "⟦<start_of_turn>⟧user\nBe short.\n\non⟦<end_of_turn>⟧\n⟦<start_of_turn>⟧model\n",
    "phi3": "⟦<|system|>⟧\nBe short.⟦<|end|>⟧\n⟦<|user|>⟧\non⟦<|end|>⟧\n⟦<|assistant|>⟧\n",
    "phi4": "⟦<|system|>⟧Be short.⟦<|end|>⟧⟦<|user|>⟧on⟦<|end|>⟧⟦<|assistant|>⟧",
    "chatml": "⟦<|im_start|>⟧system\nBe short.⟦<|im_end|>⟧\n⟦<|im_start|>⟧user\non⟦<|im_end|>⟧\n⟦<|im_start|>⟧assistant\n",
    "plain": "Be short.\n\nUser: on\nAssistant:",
}


@pytest.mark.parametrize("family", FAMILIES)
def test_renders_a_family_as_it_was_trained(family: str) -> None:
    pieces, _ = FORMATS[family].prompt(ChatRequest(messages=(system("Be short."), user("on"))))
    assert "".join(f"⟦{piece.text}⟧" if piece.special else piece.text for piece in pieces) == PROMPTS[family]


@pytest.mark.parametrize("family", FAMILIES)
def test_shares_the_system_message_and_the_tools_and_nothing_after_them(family: str) -> None:
    rules = system("You keep a home. " + "Be short. " * 20)
    first, shared = FORMATS[family].prompt(ChatRequest(messages=(rules, user("on")), tools=(LIGHT,)))
    second, also = FORMATS[family].prompt(ChatRequest(messages=(rules, user("Off, please")), tools=(LIGHT,)))
    assert shared == also > 0
    assert first[:shared] == second[:shared]
    beginning = "".join(piece.text for piece in first[:shared])
    assert LIGHT.name in beginning
    assert "on" not in "".join(piece.text for piece in first[shared:]).partition("on")[0]
    assert beginning.count("Be short.") == 20


def test_a_longer_conversation_shares_the_same_pieces() -> None:
    rules = system("You keep a home. " + "Be short. " * 20)
    short, shared = FORMATS["qwen"].prompt(ChatRequest(messages=(rules, user("on")), tools=(LIGHT,)))
    turns = (rules, user("on"), assistant("", call()), result("done"), user("off"))
    long, also = FORMATS["qwen"].prompt(ChatRequest(messages=turns, tools=(LIGHT,)))
    assert shared == also
    assert short[:shared] == long[:shared]


def test_a_short_beginning_is_not_worth_sharing() -> None:
    assert FORMATS["qwen"].prompt(ChatRequest(messages=(user("on"),)))[1] == 0


def test_a_template_sees_through_the_disguise_where_it_looks_into_messages() -> None:
    chats = FORMATS["qwen"]
    pieces, _ = chats.prompt(ChatRequest(messages=(user("on"), assistant("<think>hm</think>\nDone"), user("off"))))
    assert "hm" not in "".join(piece.text for piece in pieces)
    assert Piece(text="assistant\nDone") in pieces


SEEING = {
    "{{ messages[0].content is string and messages[0].content == '<a>' }}": ("<a>", "True"),
    "{{ messages[0].content.startswith('<a') and '>' in messages[0].content }}": ("<a>", "True"),
    "{{ messages[0].content.split('|')[1] }}": ("x|<a>", "<a>"),
    "{{ messages[0].content | upper }}": ("<a>", "<A>"),
    "{{ messages[0].content.title() }}": ("ab <a>", "Ab <A>"),
    "{{ {'<a>': 'known'}[messages[0].content] }}": ("<a>", "known"),
    "{{ messages[0].content in ['<a>', 'b'] }}": ("<a>", "True"),
    "{{ messages[0].content in {'<a>': 1} }}": ("<a>", "True"),
    "{{ messages | selectattr('content', 'equalto', '<a>') | list | length }}": ("<a>", "1"),
    "{{ messages[0] | tojson }}": ('"<a>"\n', '{"role": "user", "content": "\\"<a>\\"\\n"}'),
    "{{ messages[0].content | replace('<', '') | trim }}": (" <a> ", "a>"),
    "{% for key in messages[0] %}{{ key }} {% endfor %}": ("a", "role content "),
    "{{ messages[0]['name'] is defined }}": ("a", "False"),
    "{{ messages[0].content | length }}": ("<a>", "3"),
}


@pytest.mark.parametrize("source", SEEING)
def test_hidden_text_behaves_like_text(source: str) -> None:
    said, expected = SEEING[source]
    template = ChatTemplate(source, specials=("<a>", "<A>", "|"))
    pieces, _ = template.render((user(said),))
    assert not any(piece.special for piece in pieces)
    assert "".join(piece.text for piece in pieces) == expected


BROKEN = {
    "{% for %}": "compiles",
    "{{ raise_exception('no chats here') }}": "no chats here",
    "{{ messages[0].content.nothing.at.all }}": "UndefinedError",
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}": "steps",
    "{{ ''.__class__.__mro__ }}": "SecurityError",
    "{{ 'a' * 10000000 }}": "characters",
}


@pytest.mark.parametrize("source", BROKEN)
def test_a_broken_or_hostile_template_is_told_and_replaced(source: str, caplog: pytest.LogCaptureFixture) -> None:
    chats = chat_format("chatml", source)
    assert BROKEN[source] in (chats.reason or "")
    assert "is not used" in caplog.text
    pieces, _ = chats.prompt(ChatRequest(messages=(user("on"),)))
    assert pieces[0] == Piece(text="<|im_start|>", special=True)


def test_a_refusal_of_the_template_is_an_error() -> None:
    with pytest.raises(InferenceError, match="take turns"):
        FORMATS["gemma"].prompt(ChatRequest(messages=(assistant("I begin"), user("on"))))


def test_two_messages_of_the_user_become_one_where_a_template_insists() -> None:
    pieces, _ = FORMATS["gemma"].prompt(ChatRequest(messages=(user("on"), user("now"))))
    assert "user\non\n\nnow" in "".join(piece.text for piece in pieces)


@pytest.mark.parametrize("family", FAMILIES)
def test_calls_and_results_reach_the_model(family: str) -> None:
    turns = (user("on"), assistant("", call()), result("it glows"), assistant("Done"), user("off"))
    text = "".join(piece.text for piece in FORMATS[family].prompt(ChatRequest(messages=turns, tools=(LIGHT,)))[0])
    assert text.index("Turns a light on") >= 0
    assert text.index("light.hall") < text.index("it glows") < text.index("Done")


def test_tools_are_not_shown_where_none_may_be_called() -> None:
    request = ChatRequest(messages=(user("on"),), tools=(LIGHT,), tool_use=ToolUse.NONE)
    assert LIGHT.name not in "".join(piece.text for piece in FORMATS["qwen"].prompt(request)[0])


def test_a_tool_nested_without_end_is_refused() -> None:
    schema: dict[str, object] = {}
    for _ in range(5000):
        schema = {"type": "object", "properties": {"a": schema}}
    for family in ("qwen", "gemma"):
        with pytest.raises(InferenceError):
            FORMATS[family].request(
                ChatRequest(messages=(user("on"),), tools=(Tool(name="t", parameters=schema),)), max_tokens=5
            )
