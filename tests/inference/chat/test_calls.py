"""Tool calls in streamed answers."""

from __future__ import annotations

import json
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.inference.chat.calls import CallParser, Parsed
from hub.inference.chat.forms import HERMES, LLAMA3, MISTRAL, TAUGHT, CallForm

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(st.text(max_size=4), items, max_size=3),
    max_leaves=6,
)
_ARGUMENTS = st.dictionaries(st.text(max_size=6), _JSON, max_size=3)
_FORMS = (HERMES, LLAMA3, MISTRAL, TAUGHT)

Call = tuple[str, str]


def parser(form: CallForm, *, opened: bool = False) -> CallParser:
    numbers = count()
    return CallParser(form, ("on", "off"), opened=opened, new_id=lambda: f"id{next(numbers)}")


def gathered(parts: list[Parsed]) -> tuple[str, list[Call]]:
    """Return the text and the calls that the parts make."""
    calls: dict[int, tuple[str, str]] = {}
    for part in parts:
        for delta in part.calls:
            name, arguments = calls.get(delta.index, ("", ""))
            assert (delta.name is None) == (delta.index in calls), (
                "the name comes with the first part, and only with it"
            )
            assert (delta.call_id is None) == (delta.index in calls)
            calls[delta.index] = (delta.name or name, arguments + delta.arguments)
    assert list(calls) == list(range(len(calls)))
    return "".join(part.text for part in parts), list(calls.values())


def read(form: CallForm, text: str, cuts: list[int] | None = None, *, opened: bool = False) -> tuple[str, list[Call]]:
    reader = parser(form, opened=opened)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts or ())})
    parts = [reader.feed(text[start:end]) for start, end in pairwise(places)]
    return gathered([*parts, reader.end()])


def written(form: CallForm, calls: list[Call]) -> str:
    objects = [f'{{"name": {json.dumps(name)}, "{form.arguments}": {arguments}}}' for name, arguments in calls]
    if form.listed:
        return f"{form.opening}[{', '.join(objects)}]{form.after}{form.closing}"
    return ("\n" if form.closing else "; ").join(f"{form.opening}{item}{form.after}{form.closing}" for item in objects)


@settings(deadline=None)
@given(
    form=st.sampled_from(_FORMS),
    calls=st.lists(st.tuples(st.sampled_from(["on", "off"]), _ARGUMENTS.map(json.dumps)), min_size=1, max_size=3),
    cuts=st.lists(st.integers(min_value=0), max_size=20),
)
def test_calls_are_found_wherever_the_stream_is_cut(form: CallForm, calls: list[Call], cuts: list[int]) -> None:
    assert read(form, written(form, calls), cuts) == ("", calls)


@settings(deadline=None)
@given(
    form=st.sampled_from(_FORMS),
    text=st.lists(
        st.sampled_from(
            ["<tool_call>", "</tool_call>", "<tool_", '{"name": "on"', '"arguments": {"a": 1}', "}", "{", "[TOOL_CALLS]", "[", "]", ",",
             ":", '"x"', "\n", " ", "hello", '\\"', "null", '{"name": "on", "arguments": {}}', '{"name": "on", "parameters": {"b": []}}']
        ),
        max_size=10,
    ).map("".join),
    cuts=st.lists(st.integers(min_value=0), max_size=20),
)  # fmt: skip
def test_anything_reads_the_same_wherever_it_is_cut(form: CallForm, text: str, cuts: list[int]) -> None:
    assert read(form, text, cuts) == read(form, text)


@settings(deadline=None)
@given(form=st.sampled_from(_FORMS), text=st.text(), cuts=st.lists(st.integers(min_value=0), max_size=9))
def test_text_without_calls_is_passed_on_whole(form: CallForm, text: str, cuts: list[int]) -> None:
    assert read(form, f"Well. {text}", cuts) == (f"Well. {text}", [])


@pytest.mark.parametrize("form", [HERMES, MISTRAL, TAUGHT])
def test_text_before_a_call_is_kept_without_the_space_between(form: CallForm) -> None:
    assert read(form, "I will.\n\n" + written(form, [("on", "{}")])) == ("I will.", [("on", "{}")])


def test_arguments_stream_as_they_are_written() -> None:
    reader = parser(HERMES)
    assert reader.feed('<tool_call>\n{"name": "on", "arguments": {"ent').calls[-1].arguments == '{"ent'
    assert reader.feed('ity": "li').calls[-1].arguments == 'ity": "li'
    assert reader.feed('ght"}}\n</tool_call>').calls[-1].arguments == 'ght"}'
    assert reader.called
    assert reader.end() == Parsed()


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (HERMES, '<tool_call>{"arguments": {"a": 1}, "name": "on"}</tool_call>', ("", [("on", '{"a": 1}')])),
        (HERMES, '<tool_call>\n{"name": "on"}\n</tool_call>', ("", [("on", "{}")])),
        (HERMES, '<tool_call>{"name": "on", "arguments": null}</tool_call>', ("", [("on", "{}")])),
        (HERMES, '<tool_call>{"name": "on", "arguments": "{\\"a\\": 1}"}</tool_call>', ("", [("on", '{"a": 1}')])),
        (HERMES, '<tool_call>{"id": "7", "name": "on", "arguments": {}, "x": [1, {"y": "}"}]}', ("", [("on", "{}")])),
        (HERMES, '<tool_call>{"name": "on", "arguments": {"a": "</tool_call>"}}', ("", [("on", '{"a": "</tool_call>"}')])),
        (HERMES, "<tool_call> about calls", ("<tool_call> about calls", [])),
        (HERMES, '<tool_call>{"nam', ('<tool_call>{"nam', [])),
        (HERMES, '<tool_call>{"name": "on", "arguments": {"a": 1', ("", [("on", '{"a": 1')])),
        (HERMES, '<tool_call>{"x": 1}</tool_call>', ('<tool_call>{"x": 1}</tool_call>', [])),
        (LLAMA3, ' {"name": "on", "parameters": {"a": 1}}', ("", [("on", '{"a": 1}')])),
        (LLAMA3, '{"type": "function", "name": "off", "parameters": {}}', ("", [("off", "{}")])),
        (LLAMA3, '{"name": "stranger", "parameters": {}}', ('{"name": "stranger", "parameters": {}}', [])),
        (LLAMA3, '{"temperature": 21}', ('{"temperature": 21}', [])),
        (LLAMA3, 'Like {"name": "on", "parameters": {}}', ('Like {"name": "on", "parameters": {}}', [])),
        (MISTRAL, '[{"name": "on", "arguments": {}}]', ("", [("on", "{}")])),
        (MISTRAL, "[1, 2]", ("[1, 2]", [])),
        (MISTRAL, "[]", ("[]", [])),
        (MISTRAL, '[TOOL_CALLS][{"name": "on", "arguments": {}}, 5]', (" 5]", [("on", "{}")])),
        (MISTRAL, '[TOOL_CALLS][{"name": "on", "arguments": {}}, {"nam', (' {"nam', [("on", "{}")])),
        (LLAMA3, '\n {"temperature": 21}', ('\n {"temperature": 21}', [])),
        (MISTRAL, "[TOOL_CALLS] []", ("[TOOL_CALLS] []", [])),
    ],
)  # fmt: skip
def test_reads_what_models_write(form: CallForm, text: str, expected: tuple[str, list[Call]]) -> None:
    assert read(form, text) == expected


@pytest.mark.parametrize("form", _FORMS)
def test_goes_on_behind_an_opening_in_the_prompt(form: CallForm) -> None:
    text = written(form, [("on", '{"a": 1}')]).removeprefix(form.opening)
    assert read(form, text, opened=True) == ("", [("on", '{"a": 1}')])
