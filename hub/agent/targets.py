"""Which things a call means: its names and places looked up in the home."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from hub.agent.calls import Call
from hub.agent.home import Home, Place, Thing
from hub.agent.kinds import is_a
from hub.agent.normalise import contains


class Problem(StrEnum):
    """Why a call means nothing that can be acted on."""

    UNKNOWN = "unknown"
    UNFIT = "unfit"
    WHICH = "which"


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The things that a call means, or the problem; ``candidates`` are what ``WHICH`` asks about.

    ``whole`` says that a group was meant (all of a kind, or those of a place), not one thing by its name.
    """

    things: tuple[Thing, ...] = ()
    problem: Problem | None = None
    candidates: tuple[Thing, ...] = ()
    whole: bool = False
    place: str | None = field(default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Looks up targets in a home, for somebody who is in the area ``here`` (None: anywhere).

    ``active`` tells what is playing or moving: where several things could be meant, those go first.
    """

    home: Home
    here: Place | None = None
    active: Callable[[Thing], bool] = lambda _: False

    def find(self, call: Call, fits: Callable[[Thing], bool], *, every: bool = False) -> Targets:
        """Return what the call means among the things that ``fits`` lets through.

        ``every``: with nothing to choose by, all of them are meant instead of asking which (a question about states).
        """
        if call.name is not None and call.name != "all":
            return self._named(call, fits)
        things = [t for t in self.home.things if fits(t) and (call.type is None or is_a(t.kind, call.type))]
        things = _without(things, call.without, self.home)
        if call.all or call.name == "all":
            return self._placed(call, things) if call.area or call.floor else _group(things)
        if call.area or call.floor:
            return self._placed(call, things)
        return self._nearest(things, every=every)

    def _named(self, call: Call, fits: Callable[[Thing], bool]) -> Targets:
        name = call.name or ""
        known = self.home.named(name)
        fitting = [thing for thing in known if fits(thing)] or self._longer(name, fits)
        if not known:
            return Targets(problem=Problem.UNKNOWN)
        if not fitting:
            return Targets(problem=Problem.UNFIT, candidates=tuple(known))
        if call.area:
            ids = _ids(self.home.areas, call.area)
            fitting = [thing for thing in fitting if thing.area_id in ids] or fitting
        return self._one(fitting)

    def _longer(self, name: str, fits: Callable[[Thing], bool]) -> list[Thing]:
        """Return the things with this name within theirs: whoever locks "the front door" means the front door's lock."""
        return [thing for thing in self.home.things if fits(thing) and any(contains(own, name) for own in thing.names)]

    def _placed(self, call: Call, things: list[Thing]) -> Targets:
        areas, floors = _ids(self.home.areas, call.area), _ids(self.home.floors, call.floor)
        placed = [t for t in things if t.area_id in areas or t.floor_id in floors]
        return _group(placed, place=call.area or call.floor)

    def _nearest(self, things: list[Thing], *, every: bool) -> Targets:
        """Return what is here, or the only one; several elsewhere are a question."""
        local = [thing for thing in things if self.here and thing.area_id in self.here.ids]
        if local:
            return _group(local, place=self.here.names[0] if self.here else None)
        if every:
            return _group(things)
        return self._one(things)

    def _one(self, things: list[Thing]) -> Targets:
        if not things:
            return Targets(problem=Problem.UNKNOWN)
        for choose in (lambda _: True, self._is_here, self.active):
            left = [thing for thing in things if choose(thing)]
            if len(left) == 1:
                return Targets(things=tuple(left))
        return Targets(problem=Problem.WHICH, candidates=tuple(things))

    def _is_here(self, thing: Thing) -> bool:
        return self.here is not None and thing.area_id in self.here.ids


def _group(things: Iterable[Thing], place: str | None = None) -> Targets:
    things = tuple(things)
    return Targets(things=things, problem=None if things else Problem.UNKNOWN, whole=True, place=place)


def _ids(places: Iterable[Place], name: str | None) -> set[str]:
    return {id_ for place in places if name in place.names for id_ in place.ids}


def _without(things: list[Thing], without: str | None, home: Home) -> list[Thing]:
    if without is None:
        return things
    areas = _ids(home.areas, without)
    return [thing for thing in things if without not in thing.names and thing.area_id not in areas]
