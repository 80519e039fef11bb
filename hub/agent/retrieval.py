"""Which few of a home's things an utterance may be about: the model is shown those alone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from hub.agent.home import Home, Place, Thing
from hub.agent.kinds import SPOKEN, is_a
from hub.agent.normalise import contains, has_chinese

MOST = 10
_MOST_PLACES = 4
_ROOM = 600
"""Bytes of all that is listed: a byte is a token at worst, and on average half of one."""

_LITERAL, _AREA, _FLOOR, _KIND, _HERE = 12.0, 3.0, 2.0, 3.0, 1.5
_SHARED = 6.0
_COMMON = 0.3
_SPOKEN = frozenset(phrase.replace(" ", "") for phrases in SPOKEN.values() for phrase in phrases)
_CLOSE = 0.4
"""What scores less than this share of the best is not shown: it would only distract a small model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A thing under the name by which the utterance speaks of it."""

    thing: Thing
    name: str
    area: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """What goes into the prompt. Places are given under the name by which the utterance speaks of them."""

    listed: tuple[Listed, ...] = ()
    areas: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    here: str | None = None


def retrieve(utterance: str, home: Home, here: Place | None = None) -> Retrieved:
    """Return what a normalised utterance may be about, the likeliest first."""
    areas = mentioned(utterance, home.areas)
    floors = mentioned(utterance, home.floors)
    ranking = _Ranking(utterance, home, _ids(areas), _ids(floors), here)
    return Retrieved(
        listed=_fitting([_listed(thing, utterance, home) for thing in ranking.best()]),
        areas=tuple(name for name, _ in areas)[:_MOST_PLACES],
        floors=tuple(name for name, _ in floors)[:_MOST_PLACES],
        here=here.names[0] if here and here.names else None,
    )


def mentioned(utterance: str, places: Iterable[Place]) -> list[tuple[str, Place]]:
    """Return the places that the utterance names, with that name: the longest names first, and none within another."""
    found = [(name, place) for place in places for name in place.names if contains(utterance, name)]
    found.sort(key=lambda pair: -len(pair[0]))
    kept: list[tuple[str, Place]] = []
    for name, place in found:
        if not any(contains(longer, name) or other is place for longer, other in kept):
            kept.append((name, place))
    return kept


def kinds_mentioned(utterance: str) -> set[str]:
    """Return the kinds that the utterance speaks of."""
    return {kind for kind, phrases in SPOKEN.items() if any(contains(utterance, phrase) for phrase in phrases)}


class _Ranking:
    """Scores the things of a home against one utterance."""

    def __init__(self, utterance: str, home: Home, areas: set[str], floors: set[str], here: Place | None) -> None:
        self._utterance = utterance
        self._home = home
        self._areas = areas
        self._floors = floors
        self._kinds = kinds_mentioned(utterance)
        self._here = here.ids if here else frozenset()
        self._said = set(units(utterance.split()))
        self._weights = _weights(home)

    def best(self) -> list[Thing]:
        scores = [(self._score(thing), -place, thing) for place, thing in enumerate(self._home.things)]
        scores.sort(key=lambda row: row[:2], reverse=True)
        least = max(_CLOSE * scores[0][0], _HERE) if scores else 0.0
        return [thing for score, _, thing in scores[:MOST] if score >= least and score > _HERE]

    def _score(self, thing: Thing) -> float:
        score = max(self._name_score(name) for name in thing.names)
        score += _AREA if thing.area_id in self._areas else 0.0
        score += _FLOOR if thing.floor_id in self._floors else 0.0
        score += _KIND if any(is_a(thing.kind, kind) for kind in self._kinds) else 0.0
        return score + (_HERE if thing.area_id in self._here else 0.0)

    def _name_score(self, name: str) -> float:
        if contains(self._utterance, name):
            return _LITERAL + len(name.split())
        parts = units(name.split())
        whole = sum(self._weights[part] for part in parts)
        shared = sum(self._weights[part] for part in parts if part in self._said)
        return _SHARED * shared / whole if whole else 0.0


def units(words: Sequence[str]) -> list[str]:
    """Return what is compared: words, and pairs of neighbouring Chinese characters, as one alone says little."""
    found: list[str] = []
    for index, word in enumerate(words):
        if not has_chinese(word):
            found.append(word)
        elif index + 1 < len(words) and has_chinese(words[index + 1]):
            found.append(word + words[index + 1])
        elif index == 0 or not has_chinese(words[index - 1]):
            found.append(word)
    return found


def _weights(home: Home) -> dict[str, float]:
    """Return how much each part of a name tells: rare ones more, and what is said of a whole kind less."""
    seen = Counter(part for thing in home.things for name in thing.names for part in set(units(name.split())))
    count = len(home.things)
    return {part: math.log1p(count / often) * (_COMMON if part in _SPOKEN else 1.0) for part, often in seen.items()}


def _fitting(listed: list[Listed]) -> tuple[Listed, ...]:
    """Return as many of the first as the model's context has room for, in any script."""
    sizes = accumulate(len(f"{one.thing.kind}{one.name}{one.area or ''}".encode()) for one in listed)
    return tuple(one for one, size in zip(listed, sizes, strict=True) if size <= _ROOM)


def _listed(thing: Thing, utterance: str, home: Home) -> Listed:
    area = home.area(thing.area_id)
    return Listed(
        thing=thing, name=_best_name(thing.names, utterance), area=_best_name(area.names, utterance) if area else None
    )


def _best_name(names: tuple[str, ...], utterance: str) -> str:
    said = set(units(utterance.split()))
    return max(names, key=lambda name: (contains(utterance, name), len(said & set(units(name.split())))), default="")


def _ids(places: Iterable[tuple[str, Place]]) -> set[str]:
    return {id_ for _, place in places for id_ in place.ids}
