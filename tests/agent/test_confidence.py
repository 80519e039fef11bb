from __future__ import annotations

import math

import pytest

from hub.agent.confidence import EXACT, Confidence, confidences
from hub.agent.phrases import Phrases
from hub.core.inference import Completion, Token
from hub.core.records import Option

Piece = tuple[str, float, tuple[tuple[str, float], ...]]


def completion(*pieces: Piece | str) -> Completion:
    """Return an answer of pieces (text, probability, candidates); a bare text is forced."""
    rows = [(piece, 1.0, ((piece, 1.0),)) if isinstance(piece, str) else piece for piece in pieces]
    return Completion(
        text="".join(text for text, _, _ in rows),
        tokens=tuple(
            Token(text=text, log_probability=math.log(probability), candidates=candidates)
            for text, probability, candidates in rows
        ),
    )


def test_the_tool_and_the_rest_count_apart() -> None:
    (sure,) = confidences(
        completion(
            '[{"',
            "tool",
            '":"',
            ("on", 0.9, (("on", 0.92), ("off", 0.08))),
            ('","', 0.99, (('","', 1.0),)),
            "name",
            '":"',
            (" sofa", 0.2, ((" sofa", 0.8), (" bed", 0.2))),
            '"}]',
        )
    )

    assert sure.tool == pytest.approx(0.9)  # as the model sees it, what the grammar forbids included
    assert sure.rest == pytest.approx(
        0.8
    )  # among what the grammar allows: a name that it would misspell is none the less meant
    assert sure.whole == pytest.approx(0.72)
    assert [option.name for option in sure.options] == ["on", "off"]


def test_a_tool_of_several_pieces_is_one_word() -> None:
    (sure,) = confidences(
        completion(
            '[{"tool":"',
            ("bright", 0.5, (("bright", 0.6), ("lo", 0.3), ("tem", 0.1))),
            ("ness", 0.5, (("ness", 0.5), ("er", 0.5))),
            '"}]',
        )
    )

    assert sure.tool == pytest.approx(0.25)
    assert sure.options == (
        Option(name="bright…", probability=0.6),
        Option(name="lo…", probability=0.3),
        Option(name="temperature", probability=0.1),
    )


def test_each_call_has_its_own() -> None:
    first, second = confidences(
        completion('[{"tool":"', ("on", 0.9, (("on", 1.0),)), '"},{"tool":"', ("lock", 0.6, (("lock", 1.0),)), '"}]')
    )

    assert first.tool == pytest.approx(0.9)
    assert second.tool == pytest.approx(0.6)


def test_names_in_pieces_of_characters_do_not_shift_the_calls() -> None:
    (sure,) = confidences(
        completion('[{"tool":"', ("on", 0.9, (("on", 1.0),)), '","name":" ', "\ufffd", "\ufffd", '"}]')
    )

    assert sure.tool == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (EXACT, "the sentence is a known one"),
        (Confidence(tool=0.98, rest=0.97), "very sure: 98% for what to do, 97% for the rest"),
        (Confidence(tool=0.7), "fairly sure: 70% for what to do, 100% for the rest"),
        (Confidence(tool=0.5), "unsure: 50% for what to do, 100% for the rest"),
        (
            Confidence(tool=0.3, options=(Option(name="on", probability=0.3), Option(name="off", probability=0.25))),
            "guessing: 30% for what to do, 100% for the rest; next best: off (25%)",
        ),
    ],
)
def test_is_told_in_words(confidence: Confidence, words: str) -> None:
    assert confidence.reason(Phrases("en")) == words


def test_an_answer_without_calls_has_none() -> None:
    assert confidences(Completion(text="")) == ()
