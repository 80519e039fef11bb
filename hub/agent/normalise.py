"""How text is brought into the form that the command model was trained on: names, listings and utterances alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IDEOGRAPH = re.compile(f"([{_CJK}])")
_BETWEEN = re.compile(f"(?<=[{_CJK}]) (?=[{_CJK}])")
_NOT_SPOKEN = re.compile(r"[^\w%'. -]|_")
_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
_DASH = re.compile(r"-(?!\d)|(?<=\w)-")
_QUOTE = re.compile(r"(?<!\w)'|'(?!\w)")
_DIGITS = re.compile(r"(?<=[\d%])(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=%)")


@lru_cache(maxsize=16384)
def normalise(text: str) -> str:
    """Return ``text`` in lower case, its words and its Chinese characters apart by one space, without punctuation.

    Digits stand apart from letters; decimal points, percent signs, apostrophes within a word and a minus before a number
    stay. Control and other invisible characters are gone, so one text is always one line.

    >>> normalise("Set the Kitchen-Light to 50%!"), normalise("把客厅灯调到20.5度。")
    ('set the kitchen light to 50 %', '把 客 厅 灯 调 到 20.5 度')
    """
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    text = "".join(" " if character.isspace() else character for character in text if _visible(character))
    text = _IDEOGRAPH.sub(r" \1 ", text)
    for pattern in (_NOT_SPOKEN, _DOT, _DASH, _QUOTE):
        text = pattern.sub(" ", text)
    return " ".join(_DIGITS.sub(" ", text).split())


def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text``, normalised; a Chinese character is one."""
    return tuple(normalise(text).split())


def written(text: str) -> str:
    """Return normalised text as people write it: Chinese characters without spaces between them."""
    return _BETWEEN.sub("", text)


def has_chinese(text: str) -> bool:
    """Say whether there is a Chinese character in it."""
    return _IDEOGRAPH.search(text) is not None


def contains(utterance: str, phrase: str) -> bool:
    """Say whether a normalised phrase occurs in a normalised utterance, whole words only."""
    return bool(phrase) and f" {phrase} " in f" {utterance} "


def _visible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] != "C"
