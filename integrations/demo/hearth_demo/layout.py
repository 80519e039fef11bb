"""The demo home's floors and areas, as data for whoever sets up the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hearth_demo.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A room, in one language; ``key`` is the same in all, ``aliases`` are its other names, also in the other language."""

    key: str
    name: str
    icon: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A storey, in one language; ``level`` 0 is the ground floor."""

    name: str
    level: int
    icon: str
    aliases: tuple[str, ...]
    areas: tuple[Area, ...]


AREAS: Mapping[str, Words] = {
    "living_room": Words("Living room", "客厅"),
    "kitchen": Words("Kitchen", "厨房"),
    "hallway": Words("Hallway", "门厅"),
    "garage": Words("Garage", "车库"),
    "bedroom": Words("Bedroom", "卧室"),
    "kids_room": Words("Kids' room", "儿童房"),
    "bathroom": Words("Bathroom", "浴室"),
    "study": Words("Study", "书房"),
}
_ICONS = {
    "living_room": "mdi:sofa",
    "kitchen": "mdi:countertop",
    "hallway": "mdi:coat-rack",
    "garage": "mdi:garage",
    "bedroom": "mdi:bed",
    "kids_room": "mdi:teddy-bear",
    "bathroom": "mdi:shower",
    "study": "mdi:desk",
}
_OTHER_NAMES = {
    "living_room": ("lounge", "起居室"),
    "hallway": ("hall", "玄关"),
    "bedroom": ("主卧",),
    "kids_room": ("children's room", "nursery", "孩子房间"),
    "bathroom": ("卫生间", "洗手间"),
    "study": ("office", "办公室"),
}
_GROUND = ("living_room", "kitchen", "hallway", "garage")
_UPSTAIRS = ("bedroom", "kids_room", "bathroom", "study")


def layout(language: str = "en") -> tuple[Floor, ...]:
    """Return the floors with their areas, named in ``language`` and, by aliases, in the other one."""
    return (
        _floor(Words("Ground floor", "一楼"), 0, ("downstairs", "楼下", "一层"), _GROUND, language),
        _floor(Words("Upstairs", "楼上"), 1, ("upper floor", "二楼", "二层"), _UPSTAIRS, language),
    )


def _floor(name: Words, level: int, aliases: tuple[str, ...], areas: tuple[str, ...], language: str) -> Floor:
    return Floor(
        name=name.spoken(language),
        level=level,
        icon=f"mdi:home-floor-{level}",
        aliases=(name.foreign(language), *aliases),
        areas=tuple(_area(key, language) for key in areas),
    )


def _area(key: str, language: str) -> Area:
    aliases = (AREAS[key].foreign(language), *_OTHER_NAMES.get(key, ()))
    return Area(key=key, name=AREAS[key].spoken(language), icon=_ICONS[key], aliases=aliases)
