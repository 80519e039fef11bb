"""The guards between what a model proposes and what is done. Code, not prompt: nothing said to the model changes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.agent.calls import Call
from hub.agent.confidence import Confidence
from hub.agent.home import Home, Thing
from hub.agent.kinds import SPOKEN
from hub.agent.lexicon import DISARMING, LATER, NEGATION, OPENING, UNITS, UNLOCKING, says
from hub.agent.normalise import contains
from hub.agent.retrieval import mentioned, units
from hub.agent.targets import Problem, Targets
from hub.agent.tools import Step, Tool
from hub.core.actions import ActionTable

LEAST_SURE_OF_TOOL = 0.6
LEAST_SURE = 0.35
"""Below these, measured on published sentences, a call is right less than half the time."""

_SURE_OF_TOOL = 0.9
_SURE = 0.7
_UNSETTLING = frozenset({"restart", "update"})
_MOMENT = re.compile(
    rf"(?:^| )(?:(?:in|after|within|过) (?:[\w.]+ ){{1,4}}(?:{'|'.join(sorted(UNITS))})|\d+ (?:am|pm|o'clock|点)) "
)
_DELAY = re.compile(rf"(?:^| )(?:in|after|within) (?:[\w.]+ ){{1,3}}(?:{'|'.join(sorted(UNITS))}) |(?:钟|时|秒) 后 ")
"""A time after which something else is to happen: "in 5 minutes", not "in the kitchen for 5 minutes"."""
_HOUR = re.compile(r"(?:^| )(?:at \d+|[二三四五六七八九十] 点) ")
_WORDS_FOR = {"lock": UNLOCKING, "alarm_control_panel": DISARMING}
_DIGITS = re.compile(r"\d+(?:\.\d+)?")


class Stance(StrEnum):
    """What the guards say of a call."""

    ACT = "act"
    ASK = "ask"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The stance, and the key of the phrase that says why; ``things`` are what a question is about."""

    stance: Stance
    key: str = ""
    things: tuple[Thing, ...] = ()
    placeholders: dict[str, Any] = field(default_factory=dict)


ACT = Verdict(stance=Stance.ACT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that the guards look at: what was said, what is proposed for what, and how sure that is.

    ``settled``: the speaker was asked whether or which things are meant, and has said so.
    """

    utterance: str
    call: Call
    tool: Tool
    targets: Targets
    confidence: Confidence
    home: Home
    threshold: float | None = None
    settled: bool = False


def judge_targets(case: Case) -> Verdict:
    """Return whether the call's targets may be acted on; the first guard that objects speaks."""
    return next((verdict for guard in _GUARDS if (verdict := guard(case)) is not None), ACT)


def judge_steps(case: Case, steps: tuple[Step, ...], table: ActionTable) -> Verdict:
    """Return whether the steps may be taken: what may let somebody in must be said exactly, surely, and one at a time."""
    sensitive = [thing for step in steps for thing in step.things if is_sensitive(step, thing, case.tool, table)]
    if not sensitive:
        return ACT
    if len(sensitive) > 1:
        return _ask("ask.one_at_a_time", *sensitive)
    if case.settled:
        return ACT
    sure = case.confidence.tool >= _SURE_OF_TOOL and case.confidence.whole >= _SURE
    return ACT if sure and _named_outright(case, sensitive[0]) else _ask("ask.sensitive", *sensitive)


def is_sensitive(step: Step, thing: Thing, tool: Tool, table: ActionTable) -> bool:
    """Say whether a step may let somebody in or break something off."""
    if step.action in table and table.get(step.action).is_sensitive(thing.device_class):
        return True
    if tool.opens and thing.domain == "valve":
        return thing.device_class != "water"
    return thing.domain == "button" and thing.device_class in _UNSETTLING


def is_delayed(utterance: str) -> bool:
    """Say whether what sounds like a timer is a command for later: "turn off the lamp in 5 minutes"."""
    return _DELAY.search(f"{utterance} ") is not None


def _resolved(case: Case) -> Verdict | None:
    match case.targets.problem:
        case Problem.UNKNOWN:
            return Verdict(stance=Stance.DECLINE, key="decline.unknown")
        case Problem.UNFIT:
            return Verdict(stance=Stance.DECLINE, key="decline.unfit", things=case.targets.candidates)
        case Problem.WHICH:
            return _ask("ask.which", *case.targets.candidates)
    return None


def _negated(case: Case) -> Verdict | None:
    return _ask("ask.negated", *case.targets.things) if says(_without_names(case), NEGATION) else None


def _postponed(case: Case) -> Verdict | None:
    """A command for later, or for some case, must not be carried out now; times are what timers are about."""
    if case.call.about_timer:
        return None
    said = _without_names(case)
    later = says(said, LATER) or _MOMENT.search(f"{said} ") or (case.call.value is None and _HOUR.search(f"{said} "))
    return Verdict(stance=Stance.DECLINE, key="decline.later") if later else None


def _rivalled(case: Case) -> Verdict | None:
    """The chosen thing shares no word with what was said, and another is literally named or is of its kind too."""
    if case.settled or case.call.name is None or any(_spoken_of(thing, case) for thing in case.targets.things):
        return None
    chosen = {thing.kind for thing in case.targets.things}
    fitting = [thing for thing in case.home.things if case.tool.fits(thing)]
    rivals = [thing for thing in fitting if any(contains(case.utterance, name) for name in thing.names)]
    alike = [thing for thing in fitting if thing.kind in chosen and thing not in case.targets.things]
    return _ask("ask.which", *(rivals or alike), *case.targets.things) if rivals or alike else None


def _spoken_of(thing: Thing, case: Case) -> bool:
    """Say whether a word of the thing's names, or of its place's, was said."""
    places = (place for place in (*case.home.areas, *case.home.floors) if place.ids & {thing.area_id, thing.floor_id})
    names = (*thing.names, *(name for place in places for name in place.names))
    said = set(units(case.utterance.split()))
    return any(said & set(units(name.split())) for name in names)


def _misplaced(case: Case) -> Verdict | None:
    """A place is named, and the chosen thing is neither there nor named after it."""
    named = case.call.name is not None and not case.settled
    places = mentioned(case.utterance, (*case.home.areas, *case.home.floors)) if named else []
    if not places:
        return None
    there = {id_ for _, place in places for id_ in place.ids}
    after = {name for _, place in places for name in place.names}
    elsewhere = [
        thing
        for thing in case.targets.things
        if there.isdisjoint({thing.area_id, thing.floor_id})
        and not any(contains(name, place) for name in thing.names for place in after)
    ]
    return _ask("ask.elsewhere", *elsewhere) if elsewhere else None


def _miscounted(case: Case) -> Verdict | None:
    """A number is said, and the value is another one."""
    numbers = {float(number) for number in _DIGITS.findall(_without_names(case))}
    if case.call.value is None or not numbers or abs(case.call.value) in numbers:
        return None
    return _ask("ask.value", value=f"{case.call.value:g}")


def _uncertain(case: Case) -> Verdict | None:
    sure = case.settled or (case.confidence.tool >= LEAST_SURE_OF_TOOL and case.confidence.whole >= LEAST_SURE)
    if sure and case.confidence.whole >= (case.threshold or 0.0):
        return None
    return _ask("ask.unsure", *case.targets.things)


_GUARDS: tuple[Callable[[Case], Verdict | None], ...] = (
    _negated,
    _postponed,
    _resolved,
    _misplaced,
    _miscounted,
    _rivalled,
    _uncertain,
)


def _ask(key: str, *things: Thing, **placeholders: Any) -> Verdict:
    unique = tuple(dict.fromkeys(things))
    return Verdict(stance=Stance.ASK, key=key, things=unique, placeholders=placeholders)


def _named_outright(case: Case, thing: Thing) -> bool:
    """Say whether the words for opening, and for this thing and no other, were spoken."""
    if not says(case.utterance, _WORDS_FOR.get(thing.domain, OPENING)):
        return False
    fitting = [other for other in case.home.things if case.tool.fits(other)]
    if any(contains(case.utterance, name) for name in thing.names):
        return True
    bare = {name for name in map(_bare(thing.kind), thing.names) if name and contains(case.utterance, name)}
    if any([other for other in fitting if name in map(_bare(other.kind), other.names)] == [thing] for name in bare):
        return True
    same = [other for other in fitting if other.kind == thing.kind]
    return same == [thing] and says(case.utterance, SPOKEN.get(thing.kind, ()))


def _bare(kind: str) -> Callable[[str], str]:
    """Return what takes a kind's own word off the end of a name: "front door lock" is "front door" to whoever locks it."""
    ends = sorted((f" {phrase}" for phrase in SPOKEN.get(kind, ())), key=len, reverse=True)
    return lambda name: next((name.removesuffix(end) for end in ends if name.endswith(end)), "")


def _without_names(case: Case) -> str:
    """Return the utterance without the names of the things that are meant: "Sunset Lamp 7" is no time."""
    padded = f" {case.utterance} "
    for name in sorted((name for thing in case.targets.things for name in thing.names), key=len, reverse=True):
        padded = padded.replace(f" {name} ", " ")
    return padded.strip()
