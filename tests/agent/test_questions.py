from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from hub.agent.calls import Call
from hub.agent.home import Thing
from hub.agent.normalise import normalise
from hub.agent.phrases import LANGUAGES, Phrases, catalogue, language_of
from hub.agent.questions import answer, describe, now, satisfies
from hub.agent.tools import TIMER_TOOLS
from hub.agent.tools import TOOLS as ACTING
from hub.core.context import Context
from hub.core.state import State
from tests.agent.homes import thing

LAMP, BULB = thing("light.lamp", "Lamp", None, "台灯"), thing("light.bulb", "Bulb")
DOOR = thing("binary_sensor.door", "Door", device_class="door")
LOCK = thing("lock.front", "Front Door")
HEAT = thing("sensor.heat", "Attic", device_class="temperature")
PHONE = thing("sensor.phone", "Phone", device_class="battery")
CLIMATE = thing("climate.hall", "Hall")
TV = thing("media_player.tv", "TV")

STATES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "light.lamp": ("on", {"brightness": 128}),
    "light.bulb": ("off", {}),
    "binary_sensor.door": ("on", {}),
    "lock.front": ("locked", {}),
    "sensor.heat": ("21.5", {"unit_of_measurement": "°C"}),
    "sensor.phone": ("12", {"unit_of_measurement": "%"}),
    "climate.hall": ("heat", {"current_temperature": 19, "temperature": 21}),
    "media_player.tv": ("unavailable", {}),
}


def state(entity_id: str) -> State | None:
    if entity_id not in STATES:
        return None
    return State(entity_id, STATES[entity_id][0], STATES[entity_id][1], 0.0, 0.0, Context("test"))


LIGHTS = (LAMP, BULB)
ON, OFF = Call(tool="state", wanted="on"), Call(tool="state", wanted="off")

ANSWERS: list[tuple[str, Call, tuple[Thing, ...], str, str]] = [
    ("is the lamp on", ON, (LAMP,), "en", "Yes, Lamp is on at 50%."),
    ("is the bulb on", ON, (BULB,), "en", "No, Bulb is off."),
    ("台灯开着吗", ON, (LAMP,), "zh-Hans", "是的，台灯开着，亮度50%。"),
    ("is the front door open", Call(tool="state", wanted="unlocked"), (LOCK,), "en", "No, Front Door is locked."),
    ("are any lights on", ON, LIGHTS, "en", "Yes: Lamp."),
    ("are all lights on", ON, LIGHTS, "en", "No, not Bulb."),
    ("are all lights on", ON, (LAMP,), "en", "Yes, Lamp is on at 50%."),
    ("which lights are off", OFF, LIGHTS, "en", "Bulb."),
    ("how many lights are on", ON, LIGHTS, "en", "1: Lamp."),
    ("how many lights are on", ON, (BULB,), "en", "None."),
    ("有几个灯开着", ON, LIGHTS, "zh-Hans", "1个：台灯。"),
    ("哪些灯开着", ON, LIGHTS, "zh-Hans", "台灯。"),
    ("are any doors open", Call(tool="state", wanted="open"), (DOOR, LAMP), "en", "Yes: Door and Lamp."),
    ("what is the temperature", Call(tool="state"), (HEAT,), "en", "Attic is 21.5 °C."),
    ("how warm is it", Call(tool="state"), (CLIMATE,), "en", "Hall is heating, at 19°, set to 21°."),
    ("how is the tv", Call(tool="state"), (TV,), "en", "TV is not reachable."),
    ("what is it", Call(tool="state"), (), "en", "I found nothing like that."),
]


@pytest.mark.parametrize(("text", "call", "things", "language", "expected"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_a_question_is_answered_from_the_states(
    text: str, call: Call, things: tuple[Thing, ...], language: str, expected: str
) -> None:
    assert answer(call, things, normalise(text), state, Phrases(language)) == expected


def test_a_question_that_is_not_understood_surely_gets_no_yes_or_no() -> None:
    assert answer(ON, (BULB,), "is the bulb", state, Phrases("en"), sure=False) == "Bulb is off."


def test_open_means_on_for_a_sensor_and_low_means_little_charge() -> None:
    assert satisfies(DOOR, state("binary_sensor.door"), "open")
    assert not satisfies(DOOR, state("binary_sensor.door"), "closed")
    assert satisfies(LOCK, state("lock.front"), "locked")
    assert not satisfies(LOCK, state("lock.front"), "unlocked")
    assert satisfies(PHONE, state("sensor.phone"), "on")
    assert not satisfies(HEAT, state("sensor.heat"), "on")
    assert not satisfies(TV, state("media_player.tv"), "off")
    assert not satisfies(thing("light.gone", "Gone"), None, "on")


def test_a_sensor_is_described_by_what_it_senses() -> None:
    assert describe(DOOR, state("binary_sensor.door"), Phrases("en")) == "open"
    assert describe(PHONE, state("sensor.phone"), Phrases("en")) == "12%"
    assert describe(thing("light.gone", "Gone"), None, Phrases("zh-Hans")) == "状态未知"


def test_time_and_date_are_told_in_words() -> None:
    moment = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)

    assert now("time", moment, Phrases("en")) == "It is 9:05."
    assert now("date", moment, Phrases("en")) == "It is Sunday, 22 November 2026."
    assert now("date", moment, Phrases("zh-Hans")) == "今天是2026年11月22日，星期日。"


def test_the_catalogues_say_the_same_things_with_the_same_placeholders() -> None:
    def placeholders(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, *others = [catalogue(language) for language in LANGUAGES]
    for other in others:
        assert other.keys() == english.keys()
        assert {key: placeholders(text) for key, text in other.items()} == {
            key: placeholders(text) for key, text in english.items()
        }


def test_every_tool_that_acts_has_words_for_it() -> None:
    told = {"items"}  # what is on a list, in words of its own
    assert {f"done.{tool}" for tool in {*ACTING, *TIMER_TOOLS} - told} <= catalogue("en").keys()


@pytest.mark.parametrize(
    ("text", "preferred", "language"),
    [
        ("turn it on", None, "en"),
        ("turn it on", "en-GB", "en-GB"),
        ("turn it on", "zh-Hans", "en"),
        ("licht an", "de", "de"),
        ("打开灯", None, "zh-Hans"),
        ("打开灯", "en", "zh-Hans"),
        ("打开灯", "zh-Hant", "zh-Hant"),
    ],
)
def test_the_answer_is_in_the_language_of_the_sentence(text: str, preferred: str | None, language: str) -> None:
    assert language_of(text, preferred) == language
