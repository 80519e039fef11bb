"""The home as the agent sees it: only what the caller may touch, under every name that people may use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hub.agent.kinds import kind_of
from hub.agent.normalise import normalise
from hub.core.registry import Entity, Floor, Registries

_AT_ONCE = 250
LONGEST_NAME = 80
"""A longer name, normalised, is nobody's spoken name: the thing is left to the dashboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An area, or a floor, or a way to speak of floors (``upstairs``).

    ``names`` are normalised, the own name first, and ``written`` the same as somebody wrote them; ``ids`` are the areas or
    floors that are meant.
    """

    names: tuple[str, ...]
    written: tuple[str, ...]
    ids: frozenset[str]

    @property
    def name(self) -> str:
        """Its own name."""
        return self.written[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An entity under its names, its own first: normalised, and as ``written``; ``kind`` is the model's word for it."""

    entity_id: str
    kind: str
    names: tuple[str, ...]
    written: tuple[str, ...]
    device_class: str | None = None
    area_id: str | None = None
    floor_id: str | None = None

    @property
    def name(self) -> str:
        """Its own name."""
        return self.written[0]

    @property
    def domain(self) -> str:
        """The part of the entity id before the dot."""
        return self.entity_id.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What there is, and where."""

    things: tuple[Thing, ...]
    areas: tuple[Place, ...] = ()
    floors: tuple[Place, ...] = ()

    def area(self, area_id: str | None) -> Place | None:
        """Return the area of that id, or None."""
        return next((place for place in self.areas if area_id in place.ids), None)

    def thing(self, entity_id: str) -> Thing | None:
        """Return the thing of that entity id, or None."""
        return next((thing for thing in self.things if thing.entity_id == entity_id), None)

    def named(self, name: str) -> list[Thing]:
        """Return the things that have this normalised name."""
        return [thing for thing in self.things if name in thing.names]


async def survey(registries: Registries, allowed: Callable[[Entity], bool]) -> Home:
    """Return the home with the entities that ``allowed`` lets through.

    Hidden, disabled, configuration and diagnostic entities, and zones and the like, are never part of it. A large home
    takes some time: others get their turn in between.
    """
    things = []
    for number, entity in enumerate(list(registries.entities)):
        if number % _AT_ONCE == _AT_ONCE - 1:
            await asyncio.sleep(0)
        if _ordinary(entity) and allowed(entity) and (thing := _thing(registries, entity)) is not None:
            things.append(thing)
    areas = (_place({area.area_id}, area.name, *area.aliases) for area in registries.areas)
    return Home(
        things=tuple(things),
        areas=tuple(area for area in areas if area),
        floors=tuple(_floors(list(registries.floors))),
    )


_UNSPOKEN = frozenset({"event", "image", "notify", "zone"})
"""Domains that nobody speaks of by name: a zone is called as the home is."""


def _ordinary(entity: Entity) -> bool:
    shown = entity.hidden_by is None and entity.disabled_by is None and entity.entity_category is None
    return shown and entity.domain not in _UNSPOKEN


def _thing(registries: Registries, entity: Entity) -> Thing | None:
    names = _names((registries.name_of(entity), *entity.aliases))
    area = registries.area_of(entity)
    if names is None:
        return None
    return Thing(
        entity_id=entity.entity_id,
        kind=kind_of(entity.domain, entity.device_class),
        names=tuple(names),
        written=tuple(names.values()),
        device_class=entity.device_class,
        area_id=area.area_id if area else None,
        floor_id=area.floor_id if area else None,
    )


def _place(ids: Iterable[str], *written: str) -> Place | None:
    names = _names(written)
    if names is None:
        return None
    return Place(names=tuple(names), written=tuple(names.values()), ids=frozenset(ids))


def _names(written: Iterable[str]) -> dict[str, str] | None:
    """Return the names by their normalised form, or None if there is none that could be spoken."""
    names: dict[str, str] = {}
    for name in written:
        if 0 < len(spoken := normalise(name)) <= LONGEST_NAME:
            names.setdefault(spoken, name)
    return names or None


def _floors(floors: list[Floor]) -> Iterator[Place]:
    real = [place for floor in floors if (place := _place({floor.floor_id}, floor.name, *floor.aliases))]
    yield from real
    taken = {name for place in real for name in place.names}
    heights = _heights(floors)
    for written, fits in _IMPLIED:
        free = [name for name in written if normalise(name) not in taken]
        ids = {floor_id for floor_id, height in heights.items() if fits(height)}
        if ids and (place := _place(ids, *free)):
            yield place


def _heights(floors: list[Floor]) -> dict[str, int]:
    """Return each floor's height above the ground floor, which some count as 0 and some as 1."""
    levels = {floor.floor_id: floor.level for floor in floors if floor.level is not None}
    ground = min((level for level in levels.values() if level >= 0), default=0)
    return {floor_id: level - ground if level >= 0 else level for floor_id, level in levels.items()}


_IMPLIED: tuple[tuple[tuple[str, ...], Callable[[int], bool]], ...] = (
    (("upstairs",), lambda height: height > 0),
    (("楼上",), lambda height: height > 0),
    (("downstairs",), lambda height: height == 0),
    (("楼下",), lambda height: height == 0),
    (("ground floor",), lambda height: height == 0),
    (("basement",), lambda height: height < 0),
    (("一楼", "一层", "1楼", "1层"), lambda height: height == 0),
    (("二楼", "二层", "2楼", "2层"), lambda height: height == 1),
    (("三楼", "三层", "3楼", "3层"), lambda height: height == 2),
    (("地下室", "负一楼", "负一层"), lambda height: height < 0),
)
"""What people call floors by their height, unless a floor has that name itself."""
