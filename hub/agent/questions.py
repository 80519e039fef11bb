"""Questions about the home, answered from its states by code: the model only says what is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from hub.agent.calls import Call
from hub.agent.home import Thing
from hub.agent.lexicon import EVERY, HOW_MANY, WHICH, says
from hub.agent.phrases import Phrases
from hub.core.state import UNAVAILABLE, UNKNOWN, State

_YES = frozenset({"on", "open", "unlocked", "playing", "home", "cleaning"})
_OPPOSITE = {"off": "on", "closed": "open", "locked": "unlocked", "away": "home", "clear": "on"}
_RESTING = frozenset(
    [
        "off",
        "closed",
        "locked",
        "idle",
        "standby",
        "paused",
        "not_home",
        "docked",
        "error",
        "disarmed",
        UNAVAILABLE,
        UNKNOWN,
    ]
)
_LOW_BATTERY = 20.0

StateOf = Callable[[str], State | None]


def answer(
    call: Call, things: Sequence[Thing], utterance: str, state: StateOf, phrases: Phrases, *, sure: bool = True
) -> str:
    """Return the answer to a question about some things' states.

    Where it is not ``sure`` what was asked of one thing, its state is told without a yes or no.
    """
    if not things:
        return phrases.say("question.nothing")
    if call.wanted is None or (len(things) == 1 and not sure):
        told = [
            phrases.say("question.state", name=phrases.name(t), state=describe(t, state(t.entity_id), phrases))
            for t in things
        ]
        return phrases.sentences(told[:10])
    matching = [thing for thing in things if satisfies(thing, state(thing.entity_id), call.wanted)]
    if len(things) == 1 and not says(utterance, HOW_MANY):
        key = "question.yes" if matching else "question.no"
        return phrases.say(
            key, name=phrases.name(things[0]), state=describe(things[0], state(things[0].entity_id), phrases)
        )
    return _about_several(things, matching, utterance, phrases)


def _about_several(things: Sequence[Thing], matching: list[Thing], utterance: str, phrases: Phrases) -> str:
    names = phrases.join([phrases.name(thing) for thing in matching])
    if says(utterance, HOW_MANY):
        return phrases.say("question.count" if matching else "question.count_none", count=len(matching), names=names)
    if says(utterance, WHICH):
        return phrases.say("question.which" if matching else "question.which_none", names=names)
    if not says(utterance, EVERY):
        return phrases.say("question.any" if matching else "question.none", names=names)
    others = [phrases.name(thing) for thing in things if thing not in matching]
    if others:
        return phrases.say("question.not_every", names=phrases.join(others))
    return phrases.say("question.every", count=len(things))


def satisfies(thing: Thing, state: State | None, wanted: str) -> bool:
    """Say whether a thing is as asked: ``open`` is ``on`` for the sensor of a door."""
    if state is None or state.state in (UNAVAILABLE, UNKNOWN):
        return False
    if state.state == wanted:
        return True
    if wanted in _OPPOSITE:
        return not satisfies(thing, state, _OPPOSITE[wanted])
    if thing.domain in ("person", "device_tracker"):
        return False
    if thing.domain == "sensor":
        return thing.kind == "battery" and _number(state.state, 100.0) < _LOW_BATTERY
    if thing.domain == "binary_sensor":
        return wanted in _YES and state.state == "on"
    return wanted in _YES and wanted != "playing" and state.state not in _RESTING


def describe(thing: Thing, state: State | None, phrases: Phrases) -> str:
    """Return a thing's state in words, with its unit."""
    if state is None or state.state in (UNAVAILABLE, UNKNOWN):
        return phrases.say(f"state.{state.state if state else UNKNOWN}")
    if thing.domain == "sensor":
        unit = state.attributes.get("unit_of_measurement")
        return f"{state.state} {unit}" if unit and unit != "%" else f"{state.state}{unit or ''}"
    word = _word(thing, state.state, phrases)
    if thing.domain == "weather":
        return _weather(word, state.attributes, phrases)
    if thing.domain == "climate":
        return _climate(word, state.attributes, phrases)
    brightness = state.attributes.get("brightness")
    if thing.domain == "light" and state.state == "on" and isinstance(brightness, (int, float)):
        return phrases.say("state.lit", percent=round(brightness / 2.55))
    return word


def now(tool: str, moment: datetime, phrases: Phrases) -> str:
    """Return the time or the date in words."""
    weekdays, months = phrases.say("time.weekdays").split(), phrases.say("time.months").split()
    return phrases.say(
        "time.now" if tool == "time" else "time.date",
        hour=moment.hour,
        minute=f"{moment.minute:02}",
        weekday=weekdays[moment.weekday()],
        day=moment.day,
        month=months[moment.month - 1],
        year=moment.year,
    )


def _climate(word: str, attributes: Any, phrases: Phrases) -> str:
    current, target = attributes.get("current_temperature"), attributes.get("temperature")
    if current is None or target is None:
        return f"{current}°" if current is not None else word
    return phrases.say("state.climate", state=word, current=current, target=target)


def _weather(word: str, attributes: Any, phrases: Phrases) -> str:
    temperature = attributes.get("temperature")
    unit = attributes.get("temperature_unit") or "°"
    return word if temperature is None else phrases.say("state.weather", state=word, temperature=temperature, unit=unit)


def _word(thing: Thing, state: str, phrases: Phrases) -> str:
    for key in (f"state.{thing.kind}.{state}", f"state.{state}"):
        if key in phrases:
            return phrases.say(key)
    if thing.domain in ("person", "device_tracker"):
        return phrases.say("state.at", place=state)
    return state.replace("_", " ")


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text)
    except ValueError:
        return otherwise
