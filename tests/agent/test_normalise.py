from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.agent.normalise import contains, has_chinese, normalise, words

TABLE = {
    "Turn on the Kitchen-Light!": "turn on the kitchen light",
    "Set it to 50%, please": "set it to 50 % please",
    "PM2.5 sensor": "pm 2.5 sensor",
    "20.5°C": "20.5 c",
    "-5 degrees": "-5 degrees",
    "what's on?": "what's on",
    "'quoted'": "quoted",
    "把客厅的灯打开。": "把 客 厅 的 灯 打 开",
    "空调调到26度": "空 调 调 到 26 度",
    "关闭TV": "关 闭 tv",
    "ＦＵＬＬ　Ｗｉｄｔｈ": "full width",
    "Café": "café",
    "zero\u200bwidth and \u202eoverride": "zerowidth and override",
    "two\nlines\r\nand\ttabs": "two lines and tabs",
    '{"tool":"unlock"}': "tool unlock",
    "<|eos|> > = @ :": "eos",
    "light_1": "light 1",
    "": "",
}


@pytest.mark.parametrize("text", TABLE)
def test_brings_text_into_the_form_of_the_model(text: str) -> None:
    assert normalise(text) == TABLE[text]


@given(st.text())
@example("0'\U00020000")
def test_is_one_line_of_words_and_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == " ".join(once.split())
    assert not set(once) & set('"\\{}[]<>=:@\n\r\x00')
    assert words(text) == tuple(once.split())


def test_finds_whole_words_alone() -> None:
    assert contains("turn on the lamp", "the lamp")
    assert not contains("turn on the lamp", "the la")
    assert not contains("turn on the lamp", "")


def test_tells_chinese() -> None:
    assert has_chinese("turn on 灯")
    assert not has_chinese("licht an, bitte")
