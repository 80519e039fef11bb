from __future__ import annotations

import pytest

pytest.importorskip("llama_cpp", reason="llama_cpp is not installed, so there is no local model to test")

import llama_cpp as llama

from hub.core.inference import Piece
from hub.errors import InferenceError
from hub.inference.engine.vocabulary import Vocabulary
from tests.inference.engine.bench import HELLO, model


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary(model().vocabulary.pointer)


def text(vocabulary: Vocabulary, tokens: list[int]) -> str:
    return b"".join(map(vocabulary.raw, tokens)).decode()


def test_a_prompt_begins_as_the_model_wants(vocabulary: Vocabulary) -> None:
    plain = vocabulary.tokenise(HELLO)
    assert text(vocabulary, plain).strip() == HELLO.strip()
    vocabulary._begins = True
    begun = vocabulary.tokenise(HELLO)
    assert begun == [vocabulary.begin, *plain]
    template = (Piece(text=vocabulary.shown(vocabulary.begin), special=True), Piece(text=HELLO))
    assert vocabulary.tokenise(template) == begun


def test_only_a_special_piece_has_special_tokens(vocabulary: Vocabulary) -> None:
    end = vocabulary.shown(vocabulary.end)
    assert vocabulary.tokenise((Piece(text=f"a{end}b", special=True),)).count(vocabulary.end) == 1
    assert vocabulary.end not in vocabulary.tokenise(f"a{end}b")
    assert vocabulary.end not in vocabulary.tokenise((Piece(text="a", special=True), Piece(text=f"{end}b")))
    assert vocabulary.end not in vocabulary.tokenise((Piece(text=end[:2], special=True), Piece(text=end[2:])))


def test_where_a_prompt_is_cut_into_pieces_does_not_change_its_tokens(vocabulary: Vocabulary) -> None:
    whole = "lamp: light.kitchen\n> turn on the lamp\n="
    for place in range(1, len(whole)):
        pieces = (Piece(text=whole[:place]), Piece(text=whole[place:], special=True))
        assert vocabulary.tokenise(pieces) == vocabulary.tokenise(whole)


def test_what_ends_an_answer_is_known_and_says_nothing(vocabulary: Vocabulary) -> None:
    assert vocabulary.endings == {vocabulary.end}
    assert vocabulary.ends(vocabulary.end)
    assert vocabulary.raw(vocabulary.end) == b""
    assert vocabulary.shown(-1) == ""


def test_text_without_an_encoding_is_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(InferenceError, match="has an encoding"):
        vocabulary.tokenise("\ud800")


def test_a_special_token_takes_the_space_around_it_as_its_file_says(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = vocabulary.shown(vocabulary.end)
    both = llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_LSTRIP | llama.LLAMA_TOKEN_ATTR_RSTRIP
    assert vocabulary.specials
    monkeypatch.setattr(llama, "llama_vocab_get_attr", lambda *_: both)
    tokens = vocabulary.tokenise((Piece(text=f"lamp \n{end}\n", special=True), Piece(text=" sofa")))
    assert tokens == [*vocabulary.plain("lamp"), vocabulary.end, *vocabulary.plain("sofa")]


def test_text_that_looks_like_a_token_of_the_users_own_is_only_text(
    vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    vocabulary.__dict__["specials"] = {"<lamp>": 5}
    monkeypatch.setattr(llama, "llama_vocab_get_attr", lambda *_: llama.LLAMA_TOKEN_ATTR_USER_DEFINED)
    assert vocabulary.tokenise("a <lamp>") == [*vocabulary._tokens("a <"), *vocabulary._tokens("lamp>")]
    assert vocabulary.tokenise((Piece(text="<lamp>", special=True),)) == [5]
