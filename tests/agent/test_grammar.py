from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.agent import grammar, prompt
from hub.agent.calls import MOST_CALLS, TOOLS, Call, parse
from hub.agent.home import Home
from hub.agent.normalise import normalise
from hub.agent.retrieval import MOST, Retrieved, retrieve
from hub.errors import InferenceError
from tests.agent.homes import HOME, KITCHEN, homes

np = pytest.importorskip("numpy", reason="numpy is not installed, so no grammar can be tried")
llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed, so no grammar can be tried")
LONGEST = 2000


def compiled(text: str) -> Any:
    matcher = llguidance.LLMatcher(
        llguidance.LLTokenizer("byte"), llguidance.LLMatcher.grammar_from_lark(text), log_level=0
    )
    assert not matcher.is_error(), matcher.get_error()
    return matcher


def wander(text: str, seed: int) -> str:
    """Return some text that the grammar allows, byte by byte."""
    matcher, chance, written = compiled(text), random.Random(seed), bytearray()
    while not matcher.is_stopped() and len(written) < LONGEST:
        mask = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
        allowed = [int(i) for i in np.flatnonzero(np.unpackbits(mask, bitorder="little"))]
        token = chance.choice(allowed)
        matcher.consume_token(token)
        if token < 256:
            written.append(token)
    return written.decode()


def accepts(text: str, answer: str) -> bool:
    matcher = compiled(text)
    tokens = list(answer.encode())
    return bool(matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting())


@settings(deadline=None, max_examples=60)
@given(homes(), st.text(max_size=60), st.integers())
def test_any_utterance_in_any_home_has_a_grammar_whose_every_answer_is_calls(home: Home, text: str, seed: int) -> None:
    utterance = normalise(text)
    here = home.areas[0] if home.areas else None
    retrieved = retrieve(utterance, home, here)

    calls = parse(wander(grammar.build(utterance, retrieved), seed))

    known = {listed.name for listed in retrieved.listed}
    places = {*retrieved.areas, *(listed.area for listed in retrieved.listed), retrieved.here}
    assert 1 <= len(calls) <= MOST_CALLS
    for call in calls:
        assert call.tool in TOOLS
        assert call.name is None or call.name in known
        assert call.area is None or call.area in places
        assert call.floor is None or call.floor in retrieved.floors
        assert call.without is None or call.without in known | places
        for span in (call.text, call.color):
            assert span is None or f" {span} " in f" {utterance} "


@settings(deadline=None)
@given(homes(), st.text(max_size=60))
def test_no_name_can_add_a_line_to_the_prompt(home: Home, text: str) -> None:
    utterance = normalise(text)
    retrieved = retrieve(utterance, home)
    lines = prompt.build(utterance, retrieved).split("\n")

    assert lines[-1] == "="
    assert lines[-2] == f"> {utterance}"
    assert sum(line.startswith(">") for line in lines) == 1
    assert len(retrieved.listed) <= MOST
    assert len(lines) <= 2 + 3 + MOST


ALLOWED = [
    '[{"tool":"on","name":" kitchen light"}]',
    '[{"tool":"on","name":" kitchen light","area":" kitchen"}]',
    '[{"tool":"off","type":"light","all":true}]',
    '[{"tool":"off","type":"light","area":" kitchen"}]',
    '[{"tool":"brightness","type":"light","area":" kitchen","value":50}]',
    '[{"tool":"color","name":" kitchen light","color":" light blue"}]',
    '[{"tool":"temperature","value":20.5}]',
    '[{"tool":"temperature","value":-5}]',
    '[{"tool":"brightness","type":"light","value":0}]',
    '[{"tool":"mode","type":"climate","mode":"fan only"}]',
    '[{"tool":"state","type":"light","all":true,"is":"on"}]',
    '[{"tool":"timer","h":1,"m":10,"s":5,"label":" light"}]',
    '[{"tool":"cancel","of":"1h 15m"}]',
    '[{"tool":"pause","type":"timer","label":" kitchen"}]',
    '[{"tool":"search","query":" blue","kind":"song"}]',
    '[{"tool":"add","item":" blue"}]',
    '[{"tool":"none"}]',
    '[{"tool":"on","type":"light"},{"tool":"lock","type":"lock"}]',
]
FORBIDDEN = [
    '[{"tool":"on","name":" front door"}]',
    '[{"tool":"on","name":" kitchen"}]',
    '[{"tool":"off","type":"light","area":" bedroom"}]',
    '[{"tool":"format"}]',
    '[{"tool":"temperature","value":007}]',
    '[{"tool":"timer","m":05}]',
    '[{"tool":"add","item":" light kitchen"}]',
    '[{"tool":"off","type":"light","all":true,"except":" kitchen light"}]',
    "[]",
    "turn on",
    "[" + ",".join(['{"tool":"none"}'] * (MOST_CALLS + 1)) + "]",
]


def kitchen() -> tuple[str, Retrieved]:
    utterance = "turn the kitchen light blue"
    retrieved = retrieve(utterance, HOME, KITCHEN)
    return grammar.build(normalise("make the kitchen light blue"), retrieved), retrieved


@pytest.mark.parametrize("answer", ALLOWED)
def test_allows_what_the_model_was_taught(answer: str) -> None:
    assert accepts(kitchen()[0], answer)


@pytest.mark.parametrize("answer", FORBIDDEN)
def test_forbids_what_was_neither_said_nor_listed(answer: str) -> None:
    assert not accepts(kitchen()[0], answer)


def test_leaves_some_out_only_where_that_is_said() -> None:
    utterance = normalise("turn off all lights except the kitchen light")
    text = grammar.build(utterance, retrieve(utterance, HOME))
    assert accepts(text, '[{"tool":"off","type":"light","all":true,"except":" kitchen light"}]')


def test_reads_calls_from_an_answer() -> None:
    calls = parse('[{"tool":"timer","h":1,"m":5,"label":" pizza"},{"tool":"state","name":" front door","is":"locked"}]')
    assert calls == (
        Call(tool="timer", seconds=3900, text="pizza"),
        Call(tool="state", name="front door", wanted="locked"),
    )


@pytest.mark.parametrize(
    "answer", ["", "[", "[]", "{}", "[1]", '[{"tool":"format"}]', '[{"name":" x"}]', "null", '["on"]']
)
def test_refuses_an_answer_that_is_no_calls(answer: str) -> None:
    with pytest.raises(InferenceError, match="Expected an array of calls"):
        parse(answer)
