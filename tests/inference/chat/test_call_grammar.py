"""The grammars for tool calls, in llguidance itself: what they let through, forbid and force."""

from __future__ import annotations

import json

import pytest

from hub.core.inference import ChatRequest, Constraint, ConstraintKind, Tool, ToolUse
from hub.errors import InferenceError
from hub.inference.chat.forms import HERMES, LLAMA3, MISTRAL, TAUGHT, CallForm
from hub.inference.chat.grammar import calls_only, closed, text_or_calls
from tests.inference.chat.models import LIGHT, chat_format, user

llguidance = pytest.importorskip(
    "llguidance", reason="the package llguidance is not installed: pip install hearth-hub[inference]"
)

FAN = Tool(
    name="fan.ä/set",
    parameters={
        "type": "object",
        "properties": {"speed": {"$ref": "#/$defs/Speed"}},
        "required": ["speed"],
        "$defs": {"Speed": {"enum": ["slow", "fast"]}},
    },
)
TOOLS = (LIGHT, FAN, Tool(name="scene.stop"))
NONE: frozenset[str] = frozenset()
SPECIALS = frozenset({"<|end|>", "<tool_call>", "</tool_call>", "[TOOL_CALLS]"})
_BYTES = llguidance.LLTokenizer("byte")


def follows(constraint: Constraint | None, text: str) -> str:
    """Return whether the grammar takes the text: no, begun, or whole."""
    assert constraint is not None
    read = llguidance.LLMatcher.grammar_from_lark
    if constraint.kind is ConstraintKind.JSON_SCHEMA:
        read = llguidance.LLMatcher.grammar_from_json_schema
    matcher = llguidance.LLMatcher(_BYTES, read(constraint.text), log_level=0)
    assert not matcher.is_error(), matcher.get_error()
    tokens = list(text.encode())
    if matcher.try_consume_tokens(tokens) < len(tokens):
        return "no"
    return "whole" if matcher.is_accepting() else "begun"


def written(form: CallForm, *objects: str) -> str:
    if form.listed:
        return f"{form.opening}[{', '.join(objects)}]"
    return ("\n" if form.closing else "; ").join(f"{form.opening}{item}{form.after}{form.closing}" for item in objects)


def on(form: CallForm, arguments: str = '{"entity": "light.hall", "level": 4}') -> str:
    return f'{{"name": "light.turn_on", "{form.arguments}": {arguments}}}'


def fan(form: CallForm, speed: str = "slow") -> str:
    return f'{{"name": "fan.ä/set", "{form.arguments}": {{"speed": "{speed}"}}}}'


FORMS = (HERMES, LLAMA3, MISTRAL, TAUGHT)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_calls_of_the_tools_may_follow_the_opening(form: CallForm) -> None:
    grammar = calls_only(form, TOOLS, NONE)
    for objects in (
        [on(form)],
        [fan(form)],
        [on(form), fan(form, "fast")],
        [f'{{"name": "scene.stop", "{form.arguments}": {{}}}}'],
    ):
        assert follows(grammar, written(form, *objects).removeprefix(form.opening)) == "whole", objects
    for bad in (
        fan(form, "slower"),
        on(form, '{"level": 4}'),
        on(form, '{"entity": "a", "colour": "red"}'),
        on(form).upper(),
        "Hi",
    ):
        assert follows(grammar, written(form, bad).removeprefix(form.opening)) == "no", bad


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_named_tool_is_called_once(form: CallForm) -> None:
    grammar = calls_only(form, (LIGHT,), NONE, one=True)
    once, twice = (written(form, *[on(form)] * times).removeprefix(form.opening) for times in (1, 2))
    assert follows(grammar, once) == "whole"
    assert follows(grammar, twice) == "no"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_an_answer_may_be_text_or_calls(form: CallForm) -> None:
    grammar = text_or_calls(form, TOOLS, NONE)
    assert follows(grammar, "It is warm, 21 °C.\nOr so.") == "whole"
    assert follows(grammar, written(form, on(form), fan(form))) == "whole"
    assert follows(grammar, written(form, fan(form, "slower"))) == "no"
    if form.marker:
        assert follows(grammar, "I will.\n" + written(form, on(form))) == "whole"
        assert follows(grammar, "I will.\n" + written(form, fan(form, "slower"))) == "no"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_an_answer_may_be_of_a_schema_or_calls(form: CallForm) -> None:
    schema = Constraint.json_schema(
        {"type": "object", "properties": {"warm": {"type": "boolean"}}, "required": ["warm"]}
    )
    for answer, said in (
        (schema, '{"warm": true}'),
        (Constraint.regex("[a/b]+"), "a/b"),
        (Constraint.choice("y", 'n"'), 'n"'),
    ):
        grammar = text_or_calls(form, TOOLS, NONE, answer)
        assert follows(grammar, said) == "whole"
        assert follows(grammar, written(form, on(form))) == "whole"
        assert follows(grammar, written(form, fan(form))) == "whole"
        assert follows(grammar, written(form, fan(form, "slower"))) == "no"
        assert follows(grammar, "Hello") == "no"


def test_a_lark_grammar_beside_tools_is_refused() -> None:
    with pytest.raises(InferenceError, match="got both"):
        text_or_calls(HERMES, TOOLS, NONE, Constraint.lark('start: "a"'))


def test_special_markers_are_named_where_llguidance_can() -> None:
    grammar = text_or_calls(HERMES, TOOLS, SPECIALS)
    assert grammar is not None
    assert "opened: <tool_call> " in grammar.text
    assert text_or_calls(MISTRAL, TOOLS, SPECIALS) is None
    assert '"[TOOL_CALLS]"' not in calls_only(MISTRAL, TOOLS, SPECIALS).text


def test_schemas_are_closed_where_they_leave_it_open() -> None:
    inner = {"type": "object", "properties": {"a": {"type": "integer"}}}
    made = closed({"type": "object", "properties": {"x": inner, "y": {"type": "array", "items": inner}}})
    assert made["additionalProperties"] is made["properties"]["x"]["additionalProperties"] is False
    assert made["properties"]["y"]["items"]["additionalProperties"] is False
    free = {"type": "object", "additionalProperties": {"type": "string"}}
    assert closed(free) == free


def test_twenty_tools_and_two_hundred_entities_are_a_grammar() -> None:
    entities = {"enum": [f"light.room_{number}" for number in range(200)]}
    tools = tuple(
        Tool(
            name=f"tool_{number}",
            parameters={"type": "object", "properties": {"entity": entities}, "required": ["entity"]},
        )
        for number in range(20)
    )
    grammar = calls_only(HERMES, tools, NONE)
    call = json.dumps({"name": "tool_7", "arguments": {"entity": "light.room_77"}})
    assert follows(grammar, f"{call}\n</tool_call>") == "whole"


def test_a_request_that_must_call_has_the_opening_in_its_prompt() -> None:
    chats = chat_format("qwen")
    asked = ChatRequest(messages=(user("on"),), tools=TOOLS, tool_use=ToolUse.REQUIRED)
    request = chats.request(asked, max_tokens=9)
    assert [piece.text for piece in request.prompt[-2:] if not isinstance(piece, str)] == ["<tool_call>", "\n"]
    assert request.constraint is not None
    assert request.constraint.text.startswith("start: calls")


def test_a_tool_that_is_not_there_cannot_be_named() -> None:
    with pytest.raises(InferenceError, match="among those of the request"):
        chat_format("qwen").request(ChatRequest(messages=(user("on"),), tools=TOOLS, tool="x"), max_tokens=9)
    with pytest.raises(InferenceError, match="got none"):
        chat_format("qwen").request(ChatRequest(messages=(user("on"),), tool_use=ToolUse.REQUIRED), max_tokens=9)
