"""Timers: which of a home's are meant, and what is left of them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import voluptuous as vol

from hub.agent.calls import Call
from hub.agent.home import Home, Place, Thing
from hub.agent.kinds import SPOKEN
from hub.agent.normalise import contains
from hub.agent.phrases import Phrases
from hub.agent.targets import Problem, Targets
from hub.core.fields import duration
from hub.core.state import State

_RUNNING = frozenset({"active", "paused"})
_FITTING = {  # the states in which a timer can be meant
    "timer": frozenset({"idle"}),
    "pause": frozenset({"active"}),
    "resume": frozenset({"paused"}),
    "extend": frozenset({"active"}),
    "shorten": frozenset({"active"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """The timers of a home, for somebody who is in the area ``here`` (None: anywhere)."""

    home: Home
    here: Place | None
    state: Callable[[str], State | None]

    def find(self, call: Call) -> tuple[Targets, str | None]:
        """Return the timers that a call means, and the key of a phrase where there are none.

        A new timer without a name is one that is named after nothing: others may have something depend on them.
        """
        timers = [thing for thing in self.home.things if thing.domain == "timer"]
        if not timers:
            return Targets(problem=Problem.UNKNOWN), "timer.none"
        meant = self._spoken_of(call, timers)
        if not meant:
            return Targets(problem=Problem.UNKNOWN), "timer.unknown"
        fitting = [thing for thing in meant if self._is(thing, _FITTING.get(call.tool, _RUNNING))]
        if call.tool == "timer":
            return self._free(call, fitting, meant)
        if not fitting:
            return Targets(problem=Problem.UNFIT, candidates=tuple(meant)), "timer.not_running"
        if call.all or call.tool == "left":
            return Targets(things=tuple(fitting), whole=True), None
        return self._one(fitting), None

    def _free(self, call: Call, idle: list[Thing], meant: list[Thing]) -> tuple[Targets, str | None]:
        if call.text and meant:
            return self._one(idle or meant), None
        free = [thing for thing in idle if self._is_plain(thing)]
        near = [thing for thing in free if self.here and thing.area_id in self.here.ids]
        if not free:
            return Targets(problem=Problem.UNKNOWN), "timer.not_free"
        return Targets(things=((near or free)[0],)), None

    def _spoken_of(self, call: Call, timers: list[Thing]) -> list[Thing]:
        areas = {id_ for place in self.home.areas if call.area in place.names for id_ in place.ids}
        chosen = [thing for thing in timers if not call.area or thing.area_id in areas or _named(thing, call.area)]
        if call.text:
            chosen = [thing for thing in chosen if _named(thing, call.text)]
        if call.of:
            chosen = [thing for thing in chosen if length(self.state(thing.entity_id)) == call.of]
        return chosen

    def _one(self, things: list[Thing]) -> Targets:
        near = [thing for thing in things if self.here and thing.area_id in self.here.ids]
        for some in (things, near):
            if len(some) == 1:
                return Targets(things=tuple(some))
        return Targets(problem=Problem.WHICH, candidates=tuple(things))

    def _is(self, thing: Thing, states: frozenset[str]) -> bool:
        state = self.state(thing.entity_id)
        return state is not None and state.state in states

    def _is_plain(self, thing: Thing) -> bool:
        """Say whether a name is a timer's and a place's and a number's alone: ``Kitchen Timer 2``."""
        plain = {*SPOKEN["timer"], *(name for place in self.home.areas for name in place.names)}
        rests = (_without(name, plain).replace(" ", "") for name in thing.names)
        return any(not rest or rest.isdecimal() for rest in rests)


def _named(thing: Thing, words: str) -> bool:
    return any(contains(name, words) or contains(words, name) for name in thing.names)


def _without(name: str, phrases: set[str]) -> str:
    padded = f" {name} "
    for phrase in sorted(phrases, key=len, reverse=True):
        padded = padded.replace(f" {phrase} ", " ")
    return padded.strip()


def length(state: State | None) -> int | None:
    """Return for how many seconds a timer runs in all."""
    return _seconds(state, "duration")


def left(state: State | None, now: float) -> int | None:
    """Return how many seconds a timer has left at a time, or None if that cannot be known."""
    if state is None or state.state not in _RUNNING:
        return None
    if state.state == "paused":
        return _seconds(state, "remaining")
    try:
        return max(0, round(datetime.fromisoformat(str(state.attributes.get("finishes_at"))).timestamp() - now))
    except ValueError:
        return None


def _seconds(state: State | None, attribute: str) -> int | None:
    value = state.attributes.get(attribute) if state else None
    try:
        return None if value is None else round(duration(value).total_seconds())
    except vol.Invalid:
        return None


def spell(seconds: int, phrases: Phrases) -> str:
    """Return a duration in words: ``1 hour and 5 minutes``."""
    amounts = {"hour": seconds // 3600, "minute": seconds // 60 % 60, "second": seconds % 60}
    parts = [
        phrases.say(f"duration.{unit}" if amount == 1 else f"duration.{unit}s", count=amount)
        for unit, amount in amounts.items()
        if amount or (unit == "second" and not seconds)
    ]
    return phrases.join(parts, separator="duration.separator", last="duration.last")


def tell(things: tuple[Thing, ...], state: Callable[[str], State | None], now: float, phrases: Phrases) -> str:
    """Return what is left of some timers, in words."""
    return phrases.sentences([_told(thing, state(thing.entity_id), now, phrases) for thing in things])


def _told(thing: Thing, state: State | None, now: float, phrases: Phrases) -> str:
    seconds = left(state, now)
    if state is None or seconds is None:
        return phrases.say("timer.unknown_rest", name=phrases.name(thing))
    key = "timer.paused" if state.state == "paused" else "timer.left"
    return phrases.say(key, name=phrases.name(thing), left=spell(seconds, phrases))
