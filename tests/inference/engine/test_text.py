from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.inference.engine.text import Text

ALPHABET = st.sampled_from(["a", "b", "ab", "大", "é", "🏠", "end"])
CUTS = st.lists(st.integers(1, 3), min_size=1, max_size=40)


def parts(raw: bytes, cuts: list[int]) -> list[bytes]:
    places = [sum(cuts[:count]) for count in range(len(cuts) + 1)]
    return [raw[a:b] for a, b in zip(places, [*places[1:], len(raw)], strict=True)]


@given(st.lists(ALPHABET, max_size=20).map("".join), CUTS, st.lists(ALPHABET.map(str), max_size=2).map(tuple))
def test_it_is_what_stands_before_the_first_stop_however_it_comes(
    whole: str, cuts: list[int], stops: tuple[str, ...]
) -> None:
    text, given_out = Text(stops), ""
    for part in parts(whole.encode(), cuts):
        if not text.stopped:
            given_out += text.add(part)
            assert "\ufffd" not in given_out
            assert text.given == len(given_out)
    given_out += text.end()
    assert not any(stop in given_out for stop in stops)
    assert whole.startswith(given_out)
    if text.stopped:
        assert any(whole[len(given_out) :].startswith(stop) for stop in stops)
    else:
        assert given_out == whole


def test_half_a_character_at_the_end_is_shown_as_such() -> None:
    text = Text()
    assert text.add("大".encode()[:2]) == ""
    assert text.end() == "\ufffd"


@pytest.mark.parametrize(("stop", "said"), [("", "abc"), ("bc", "a"), ("x", "abc"), ("abcd", "abc")])
def test_an_empty_stop_is_none_and_a_begun_one_is_given_out_at_the_end(stop: str, said: str) -> None:
    text = Text((stop,))
    assert text.add(b"abc") + text.end() == said
