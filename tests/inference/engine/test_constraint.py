"""Grammars over the vocabulary of the model that comes with Hearth, and over a home's worth of tools."""

from __future__ import annotations

import json
import random
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

llama = pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")
np = pytest.importorskip("numpy", reason="numpy is not installed, so there is no local model to test")
pytest.importorskip("llguidance", reason="llguidance is not installed, so there is no local model to test")

from hub.core.inference import Constraint  # noqa: E402 - after the check that there is anything to import
from hub.errors import InferenceError, Unanswerable  # noqa: E402
from hub.inference.engine import native  # noqa: E402
from hub.inference.engine.constraint import COMPILED, Grammars, Matcher  # noqa: E402
from hub.inference.engine.vocabulary import Vocabulary  # noqa: E402

MODEL = Path(__file__).parents[3] / "hub/inference/models/home-6m-q8_0.gguf"


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[Vocabulary]:
    yield from loaded(MODEL)


@pytest.fixture(scope="module")
def grammars(vocabulary: Vocabulary) -> Grammars:
    return Grammars(vocabulary)


@pytest.fixture(scope="module")
def spaced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vocabulary]:
    """A vocabulary of SentencePiece's kind, which puts a space before every text."""
    gguf = pytest.importorskip("gguf", reason="gguf is not installed, so no other vocabulary can be made")
    words = ["▁", "▁light", "light", "▁on", "on", "▁off", ".", "_", "turn"]
    words += [letter for letter in string.ascii_lowercase if letter not in words]
    specials = ["<unk>", "<s>", "</s>"]
    tokens = [*specials, *(f"<0x{byte:02X}>" for byte in range(256)), *words]
    path = tmp_path_factory.mktemp("spaced") / "spaced.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([float(len(token)) for token in tokens])
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * len(words))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    yield from loaded(path)


def loaded(path: Path) -> Iterator[Vocabulary]:
    native.start()
    settings = llama.llama_model_default_params()
    settings.vocab_only = True
    model = llama.llama_model_load_from_file(str(path).encode(), settings)
    yield Vocabulary(llama.llama_model_get_vocab(model))
    llama.llama_model_free(model)


def allowed(matcher: Matcher, size: int) -> set[int]:
    bits = np.unpackbits(matcher.mask().view(np.uint8), count=size, bitorder="little")
    return set(np.flatnonzero(bits).tolist())


def walk(matcher: Matcher, vocabulary: Vocabulary, choices: random.Random, most: int = 300) -> bytes:
    """Answer at random, as the grammar allows, and return what was written."""
    written = b""
    for _ in range(most):
        if matcher.complete:
            break
        tokens = matcher.forced() or [choices.choice(sorted(allowed(matcher, vocabulary.size)))]
        matcher.accept(*tokens)
        written += b"".join(vocabulary.raw(token) for token in tokens)
        if tokens[-1] in vocabulary.endings:
            break
    return written


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_every_allowed_walk_is_an_answer_that_the_regular_expression_matches(
    grammars: Grammars, vocabulary: Vocabulary, seed: int
) -> None:
    pattern = r"(on|off|dim [0-9]{1,3}%)( in [a-z]{1,8})?"
    matcher = grammars.constraint(Constraint.regex(pattern))
    assert re.fullmatch(pattern, walk(matcher, vocabulary, random.Random(seed)).decode())


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_every_allowed_walk_is_json_of_the_schema(grammars: Grammars, vocabulary: Vocabulary, seed: int) -> None:
    schema = {
        "type": "object",
        "properties": {"tool": {"enum": ["on", "off"]}, "level": {"type": "integer", "minimum": 0, "maximum": 100}},
        "required": ["tool", "level"],
        "additionalProperties": False,
    }
    answer = json.loads(walk(grammars.constraint(Constraint.json_schema(schema)), vocabulary, random.Random(seed)))
    assert answer["tool"] in {"on", "off"}
    assert 0 <= answer["level"] <= 100
    assert set(answer) == {"tool", "level"}


@given(options=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6), seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_choice_ends_in_one_of_its_options_whatever_letters_they_have(
    grammars: Grammars, vocabulary: Vocabulary, options: list[str], seed: int
) -> None:
    matcher = grammars.constraint(Constraint.choice(*options))
    assert walk(matcher, vocabulary, random.Random(seed)).decode() in options


def test_a_mask_and_the_question_for_one_token_agree_all_along_an_answer(
    grammars: Grammars, vocabulary: Vocabulary
) -> None:
    matcher = grammars.constraint(Constraint.lark('start: "a" /[a-z ]{0,8}/ ("." | "!")'))
    choices = random.Random(4)
    while not matcher.complete:
        tokens = allowed(matcher, vocabulary.size)
        assert tokens == {token for token in range(vocabulary.size) if matcher.allows(token)}
        matcher.accept(choices.choice(sorted(tokens)))


def test_forced_tokens_are_those_of_the_text_and_leave_the_matcher_where_it_is(
    grammars: Grammars, vocabulary: Vocabulary
) -> None:
    matcher = grammars.constraint(Constraint.lark('start: "light.turn_on" (" kitchen" | " bedroom")'))
    forced = matcher.forced()
    assert b"".join(map(vocabulary.raw, forced)) == b"light.turn_on"
    assert forced == matcher.forced()
    matcher.accept(*forced)
    assert matcher.forced() == []
    assert not matcher.may_end


def test_forced_tokens_have_no_space_before_them_that_the_grammar_has_not(spaced: Vocabulary) -> None:
    matcher = Grammars(spaced).constraint(Constraint.choice("light.turn_on", "light.turn_off", " on"))
    assert {spaced.raw(token)[:1] for token in allowed(matcher, spaced.size)} == {b" ", b"l"}
    matcher.accept(next(token for token in allowed(matcher, spaced.size) if spaced.raw(token) == b"light"))
    assert b"".join(map(spaced.raw, matcher.forced())) in {b".turn_", b".turn_o"}


def test_an_answer_may_end_where_it_may_also_go_on(grammars: Grammars, vocabulary: Vocabulary) -> None:
    matcher = grammars.constraint(Constraint.choice("light", "lights on"))
    matcher.accept(*vocabulary.whole("light"))
    assert matcher.may_end
    assert not matcher.complete
    assert matcher.allows(vocabulary.end)
    matcher.accept(vocabulary.end)
    assert matcher.complete


def test_a_fork_goes_its_own_way(grammars: Grammars, vocabulary: Vocabulary) -> None:
    first = grammars.constraint(Constraint.choice("on", "off"))
    second = first.fork()
    first.accept(*vocabulary.whole("on"))
    second.accept(*vocabulary.whole("off"))
    assert first.complete
    assert second.complete


def test_a_special_token_is_not_what_its_letters_are(grammars: Grammars, vocabulary: Vocabulary) -> None:
    matcher = grammars.constraint(Constraint.choice("<|eos|> done"))
    assert not matcher.allows(vocabulary.end)
    assert b"".join(map(vocabulary.raw, matcher.forced())).startswith(b"<|eos|>")


@pytest.mark.parametrize(
    "constraint",
    [
        Constraint.lark('start: "a'),
        Constraint.lark("start: nowhere"),
        Constraint.lark('start: "\ud800"'),
        Constraint.regex("(a"),
        Constraint.json_schema({"type": "objec"}),
        Constraint.json_schema({"$ref": "http://localhost/schema"}),
        Constraint(kind=Constraint.json_schema({}).kind, text="{"),
        Constraint(kind=Constraint.json_schema({}).kind, text="[]"),
        Constraint.choice(),
    ],
)
def test_what_is_no_grammar_is_refused_in_words(grammars: Grammars, constraint: Constraint) -> None:
    with pytest.raises(Unanswerable, match="Expected"):
        grammars.constraint(constraint)


@pytest.mark.parametrize("token", [5, 10**6, -1])
def test_a_forbidden_token_is_an_error_and_not_the_end_of_the_process(grammars: Grammars, token: int) -> None:
    matcher = grammars.constraint(Constraint.choice("on", "off"))
    with pytest.raises(InferenceError, match="grammar"):
        matcher.accept(token)


def test_a_grammar_that_grows_without_end_fails_the_answer_and_is_not_kept(vocabulary: Vocabulary) -> None:
    grammars = Grammars(vocabulary)
    matcher = grammars.constraint(Constraint.regex("(((a{1,900}){1,900}){1,900})"))

    def go_on() -> None:
        for _ in range(900):
            matcher.accept(max(allowed(matcher, vocabulary.size)))

    with pytest.raises(InferenceError, match="llguidance says"):
        go_on()
    assert not grammars._compiled
    assert grammars.constraint(Constraint.choice("on")).forced()


def test_no_more_grammars_are_kept_than_may_be(vocabulary: Vocabulary) -> None:
    grammars = Grammars(vocabulary)
    for number in range(COMPILED + 8):
        grammars.constraint(Constraint.choice(f"light {number}"))
    assert len(grammars._compiled) == COMPILED
    assert Constraint.choice("light 0") not in grammars._compiled


def test_a_vocabulary_is_read_at_the_first_constraint_only(vocabulary: Vocabulary) -> None:
    grammars = Grammars(vocabulary)
    assert "_tokenizer" not in vars(grammars)
    grammars.constraint(Constraint.choice("on"))
    assert "_tokenizer" in vars(grammars)
