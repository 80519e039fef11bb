from __future__ import annotations

import pytest

from hub.agent.calls import Call
from hub.agent.home import Home, Place
from hub.agent.intents import call_of
from hub.agent.matcher import Matcher
from tests.agent.homes import HOME, LIVING, thing

KNOWN: list[tuple[str, str, Place | None, Call]] = [
    ("turn on the sofa lamp", "en", None, Call(tool="on", name="sofa lamp")),
    ("please turn off all the lights", "en", None, Call(tool="off", type="light", all=True)),
    ("turn off the lights upstairs", "en", None, Call(tool="off", type="light", floor="upstairs")),
    ("turn off the lights", "en", LIVING, Call(tool="off", type="light", area="living room")),
    ("set kitchen light to 50%", "en", None, Call(tool="brightness", name="kitchen light", value=50)),
    ("make the sofa lamp red", "en", None, Call(tool="color", name="sofa lamp", color="red")),
    ("lock the back door", "en", None, Call(tool="lock", name="back door")),
    ("unlock the front door", "en", None, Call(tool="unlock", name="front door")),
    ("open the bedroom curtain", "en", None, Call(tool="open", name="bedroom curtain")),
    ("is the front door locked?", "en", None, Call(tool="state", name="front door", wanted="locked")),
    (
        "set the temperature to 21 degrees",
        "en",
        LIVING,
        Call(tool="temperature", type="climate", area="living room", value=21),
    ),
    ("turn up the volume", "en", LIVING, Call(tool="louder", type="media", area="living room")),
    ("what time is it", "en", None, Call(tool="time")),
    ("set a timer for 5 minutes", "en", None, Call(tool="timer", seconds=300)),
    ("打开厨房灯", "zh-Hans", None, Call(tool="on", name="厨 房 灯")),
    ("关闭所有灯", "zh", None, Call(tool="off", type="light", all=True)),
    ("Schalte TV ein", "de", None, Call(tool="on", name="tv")),
]


@pytest.mark.parametrize(("text", "language", "here", "call"), KNOWN, ids=[row[0] for row in KNOWN])
async def test_known_sentences_become_calls(text: str, language: str, here: Place | None, call: Call) -> None:
    assert await Matcher().match(text, HOME, here, language) == call


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("would you be so kind as to illuminate my sofa", "en"),
        ("turn on the garden lamp", "en"),
        ("turn on the tv", "tlh"),
    ],
    ids=["an unknown sentence", "an unknown name", "an unknown language"],
)
async def test_other_sentences_are_left_to_the_model(text: str, language: str) -> None:
    assert await Matcher().match(text, HOME, None, language) is None


async def test_a_name_is_no_template() -> None:
    home = Home(things=(thing("light.odd", "lamp (one|two) [x] {area} <all>"),))
    matcher = Matcher()

    assert await matcher.match("turn on lamp one", home, None, "en") is None
    assert await matcher.match("turn on lamp x", home, None, "en") is None


def test_an_intent_without_a_tool_is_no_call() -> None:
    assert call_of("HassBroadcast", {"message": "dinner"}) is None
    assert call_of("HassLightSet", {"name": "lamp"}) is None


def test_turning_on_means_what_the_thing_can_do() -> None:
    assert call_of("HassTurnOn", {"name": "x"}, "cover") == Call(tool="open", name="x")
    assert call_of("HassTurnOff", {"name": "x"}, "lock") == Call(tool="unlock", name="x")
    assert call_of("HassTurnOn", {"name": "x"}, "script") == Call(tool="run", name="x")
