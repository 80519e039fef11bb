"""Whatever is asked, in whatever order, cancelled whenever: every request is answered once, and nothing is left over."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.core.inference import Constraint, Piece, Priority, Sampling
from hub.errors import InferenceError
from hub.inference.protocol import Failed, Wrote
from tests.inference.engine.bench import HOME, Bench, bench, check_accounts

WORDS = st.lists(
    st.sampled_from(["> hello\n=", "turn on", " the", " lamp", "把灯", "<|bos|>", "\0", "é", HOME]), max_size=8
)
TEXTS = WORDS.map("".join) | st.text(max_size=30)
PROMPTS = TEXTS | st.lists(st.builds(Piece, text=TEXTS, special=st.booleans()), max_size=3).map(tuple)
CONSTRAINTS = st.sampled_from(
    [
        None,
        Constraint.choice("on", "off", "on and off", "大"),
        Constraint.regex("[a-f]{3,40}"),
        Constraint.lark('start: "[" /[a-z]+/ "]"'),
        Constraint.json_schema({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}),
        Constraint.regex("(("),
        Constraint.choice(),
    ]
)
SAMPLINGS = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.7, 3.0]),
    top_k=st.integers(0, 5000),
    top_p=st.floats(0.01, 1),
    min_p=st.floats(0, 1),
    seed=st.integers(0, 9),
    presence_penalty=st.floats(-2, 2),
    frequency_penalty=st.floats(-2, 2),
)
TOKENS = st.integers(-1, 60) | st.sampled_from([200, 505, 600])
COMPLETIONS = st.fixed_dictionaries(
    {
        "prompt": PROMPTS,
        "constraint": CONSTRAINTS,
        "max_tokens": TOKENS,
        "sampling": SAMPLINGS,
        "stop": st.lists(st.sampled_from(["", "a", "tool", "]"]), max_size=2).map(tuple),
        "candidates": st.sampled_from([None, 0, 1, 5000]),
        "shared": st.integers(0, 3),
        "priority": st.sampled_from(Priority),
        "timeout": st.sampled_from([30.0, 30.0, 0.0]),
    }
)
ASK = st.tuples(st.just("ask"), COMPLETIONS)
DECIDE = st.tuples(st.just("decide"), st.tuples(PROMPTS, st.lists(TEXTS, max_size=12), st.sampled_from(Priority)))
EMBED = st.tuples(st.just("embed"), st.lists(TEXTS, max_size=4))
CANCEL = st.tuples(st.just("cancel"), st.integers(1, 12))
STEP = st.tuples(st.just("step"), st.integers(1, 12))
INTERRUPT = st.tuples(st.just("interrupt"), st.integers(1, 3))
FULL = st.tuples(st.just("full"), st.none())
ACTS = st.lists(ASK | DECIDE | EMBED | CANCEL | STEP | INTERRUPT | FULL, max_size=14)


def perform(made: Bench, act: str, what: Any) -> int | None:
    match act:
        case "ask":
            return made.ask(**what)
        case "decide":
            prompt, options, priority = what
            return made.decide(*options, prompt=prompt, priority=priority)
        case "embed":
            return made.embed(*what)
        case "cancel":
            made.engine.cancel(what)
        case "step":
            made.step(what)
        case "interrupt":
            for _ in range(what):
                made.interrupting = True
                made.step()
        case "full":
            made.full = True
            made.step()
    return None


def throw(made: Bench, acts: list[tuple[str, Any]]) -> None:
    accepted = []
    for act, what in acts:
        try:
            number = perform(made, act, what)
        except InferenceError:
            continue
        accepted += [number] if number is not None else []
    made.run()
    for number in accepted:
        last = [e for e in made.events[number] if not isinstance(e, Wrote) or e.delta.finish is not None]
        assert len(last) == 1, (number, made.events[number])
        assert made.events[number][-1] is last[0]
        assert not isinstance(last[0], Failed) or any(
            word in last[0].reason for word in ("cancelled", "within 0 s", "Expected the grammar", "Expected room")
        ), last[0]


def throw_all(acts: list[tuple[str, Any]], **options: Any) -> None:
    with bench(**options) as made:
        throw(made, acts)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS, sequences=st.integers(1, 4), prefixes=st.integers(0, 2), batch=st.sampled_from([32, 512]))
def test_every_request_is_answered_once(acts: list[tuple[str, Any]], sequences: int, prefixes: int, batch: int) -> None:
    throw_all(acts, sequences=sequences, prefixes=prefixes, batch=batch)


@pytest.mark.long
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS, sequences=st.integers(1, 4), prefixes=st.integers(0, 2), batch=st.sampled_from([32, 512]))
def test_every_one_of_many_requests_is_answered_once(
    acts: list[tuple[str, Any]], sequences: int, prefixes: int, batch: int
) -> None:
    throw_all(acts, sequences=sequences, prefixes=prefixes, batch=batch)


@pytest.mark.long
def test_ten_thousand_requests_do_not_grow_the_memory() -> None:
    made = Bench(sequences=16)

    def work(count: int) -> None:
        for first in range(0, count, 20):
            for number in range(first, first + 20):
                constraint = Constraint.regex("[a-f]{3,9}") if number % 2 else None
                made.ask(f"> hello {number}\n=", max_tokens=4, constraint=constraint, shared=number % 3)
            made.engine.cancel(first + 3)
            made.run()
            made.events.clear()

    work(2000)
    gc.collect()
    before = resident()
    work(8000)
    gc.collect()
    grown = resident() - before
    check_accounts(made)
    made.engine.close()
    assert grown < 3 * 1024 * 1024


def resident() -> int:
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell a process's memory")
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
