"""What the sensors measure: weather, the rooms' air, and the people who walk about. It moves only when told to."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

OUTSIDE = "outside"
_LONGEST_STEP = 60.0
_HOUR = 3600.0
_HYSTERESIS = 0.2
_RADIATOR_LAG = 0.15  # hours
_HEATING_POWER = 4.0  # degrees an hour
_INSULATION = 10.0  # hours until two thirds of a difference to outdoors are gone
_WINDOW_OPEN = 2.5


@dataclass(slots=True)
class Room:
    """The air of one room, its radiator and its window. ``target`` None turns the heating off."""

    temperature: float
    humidity: float
    target: float | None = 20.5
    wants_heat: bool = False
    heating: float = 0.0
    window_open: bool = False
    steam: float = 0.0
    lamps: list[Callable[[], float]] = field(default_factory=list)

    def step(self, hours: float, outdoors: float, noise: float) -> None:
        """Let ``hours`` pass."""
        if self.target is None or self.temperature > self.target + _HYSTERESIS:
            self.wants_heat = False
        elif self.temperature < self.target - _HYSTERESIS:
            self.wants_heat = True
        self.heating += (self.wants_heat - self.heating) * min(1.0, hours / _RADIATOR_LAG)
        leak = (outdoors - self.temperature) / (_WINDOW_OPEN if self.window_open else _INSULATION)
        self.temperature += (leak + _HEATING_POWER * self.heating) * hours
        self.steam *= math.exp(-hours / (0.2 if self.window_open else 0.8))
        usual = 45.0 + 1.5 * (21.0 - self.temperature) + self.steam
        self.humidity += (usual - self.humidity) * min(1.0, hours / 0.3) + noise * math.sqrt(hours)
        self.humidity = min(98.0, max(15.0, self.humidity))

    def lamplight(self) -> float:
        """Return the light of the lamps that are on, in lux."""
        return sum(180.0 * lamp() for lamp in self.lamps)


class World:
    """The home's surroundings.

    ``happened`` counts what sensors notice: somebody passed the hallway, the front door or the garage door moved.
    """

    def __init__(self, rooms: Iterable[str], source: random.Random, *, hour: float = 17.5, people: int = 2) -> None:
        self._random = source
        self.hour = hour
        self.elapsed = 0.0
        self.happened: Counter[str] = Counter()
        self.rooms = {key: self._room(key) for key in rooms}
        self._cloud = 0.0
        self._people = [self._random.choice(list(self.rooms)) for _ in range(people)]

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        while seconds > 0:
            part = min(seconds, _LONGEST_STEP)
            self._step(part / _HOUR)
            seconds -= part

    def outdoors(self) -> float:
        """Return the temperature outdoors."""
        return 9.0 + 4.0 * math.cos(math.tau * (self.hour - 15.0) / 24.0) + self._cloud

    def daylight(self) -> float:
        """Return how bright the day is, 0 to 1."""
        return max(0.0, math.sin(math.pi * (self.hour - 6.0) / 12.0))

    def light(self, room: str) -> float:
        """Return how bright a room is, in lux."""
        return 2.0 + 240.0 * self.daylight() + self.rooms[room].lamplight()

    def _room(self, key: str) -> Room:
        target = {"garage": 8.0, "bathroom": 22.5, "bedroom": 19.0}.get(key, 20.5)
        temperature = target + self._random.uniform(-0.6, 0.6)
        return Room(temperature=temperature, humidity=self._random.uniform(42, 50), target=target)

    def _step(self, hours: float) -> None:
        self.hour = (self.hour + hours) % 24.0
        self.elapsed += hours * _HOUR
        self._cloud += -self._cloud * hours / 3.0 + self._random.gauss(0.0, 1.0) * math.sqrt(hours)
        for room in self.rooms.values():
            room.step(hours, self.outdoors(), self._random.gauss(0.0, 1.5))
            self._use_window(room, hours)
        for number in range(len(self._people)):
            if self._chance(hours, every=0.2):
                self._walk(number)

    def _use_window(self, room: Room, hours: float) -> None:
        if self._chance(hours, every=0.25 if room.window_open else 4.0):
            room.window_open = not room.window_open

    def _walk(self, number: int) -> None:
        here = self._people[number]
        there = self._random.choice([place for place in (*self.rooms, OUTSIDE) if place != here])
        self._people[number] = there
        self.happened["hallway"] += 1
        if OUTSIDE in (here, there):
            self.happened[self._random.choice(["front_door", "front_door", "garage_door"])] += 1
        if there == "bathroom" and self._random.random() < 0.4:
            self.rooms[there].steam = 30.0

    def _chance(self, hours: float, every: float) -> bool:
        return self._random.random() < -math.expm1(-hours / every)
