"""What the speaker is: its player, its lamp and its radio signal. No network; it moves only when told to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SOURCES = ("Music", "Radio", "Line in")


class BadCommand(Exception):
    """The speaker does not know this command, or its value is not one that it takes."""


@dataclass(frozen=True, slots=True)
class Track:
    """A piece of music; ``length`` in seconds."""

    title: str
    artist: str
    length: float


TRACKS = (
    Track("Morning Dew on the Porch", "The Hearthstones", 214.0),
    Track("Slow Kettle", "Ember & Ash", 187.0),
    Track("雨后书房", "灯下", 241.0),
    Track("Four Rooms Upstairs", "The Hearthstones", 199.0),
)


@dataclass(slots=True)
class Player:
    """Plays its tracks round and round. ``clock`` tells the time of day.

    What it shows of its position is where it was when that was last noted, and when: playing on is no change.
    """

    clock: Callable[[], float] = time.time
    power: bool = True
    mode: str = "idle"
    volume: float = 0.35
    muted: bool = False
    source: str = SOURCES[0]
    track: int = 0
    position: float = 0.0
    _noted: tuple[float, float] = (0.0, 0.0)

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        if self.mode != "playing":
            return
        self.position += seconds
        while self.position >= TRACKS[self.track].length:
            self._go(1, self.position - TRACKS[self.track].length)

    def command(self, name: str, value: Any = None) -> None:
        """Do as told.

        Raises BadCommand.
        """
        simple: dict[str, Callable[[], None]] = {
            "on": self._turn_on,
            "off": self._turn_off,
            "play": lambda: self._play("playing"),
            "pause": lambda: self._play("paused"),
            "stop": self._stop,
            "next": lambda: self._go(1),
            "previous": lambda: self._go(-1),
        }
        valued: dict[str, Callable[[Any], None]] = {
            "volume": self._set_volume,
            "mute": self._set_mute,
            "source": self._set_source,
            "seek": self._seek,
        }
        if name in simple:
            simple[name]()
        elif name in valued:
            valued[name](value)
        else:
            raise BadCommand(f"Expected a command such as play or volume, got {name!r}")

    def state(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        shown: dict[str, Any] = {
            "state": self.mode if self.power else "off",
            "volume": self.volume,
            "muted": self.muted,
            "source": self.source,
            "sources": list(SOURCES),
        }
        if self.mode == "idle":
            return shown
        track = TRACKS[self.track]
        return {
            **shown,
            "title": track.title,
            "artist": track.artist,
            "length": track.length,
            "position": round(self._noted[0], 1),
            "position_updated_at": self._noted[1],
        }

    def _turn_on(self) -> None:
        self.power = True

    def _turn_off(self) -> None:
        self._stop()
        self.power = False

    def _play(self, mode: str) -> None:
        self.power, self.mode = True, mode
        self._note()

    def _stop(self) -> None:
        self.mode = "idle"
        self._seek(0)

    def _go(self, by: int, position: float = 0.0) -> None:
        self.track = (self.track + by) % len(TRACKS)
        self.position = position
        self._note()

    def _set_volume(self, value: Any) -> None:
        self.volume = round(_number(value, 0.0, 1.0), 2)

    def _seek(self, value: Any) -> None:
        self.position = _number(value, 0.0, TRACKS[self.track].length)
        self._note()

    def _note(self) -> None:
        self._noted = self.position, self.clock()

    def _set_mute(self, value: Any) -> None:
        self.muted = _flag(value)

    def _set_source(self, value: Any) -> None:
        if value not in SOURCES:
            raise BadCommand(f"Expected one of {', '.join(SOURCES)}, got {value!r}")
        self.source = value


@dataclass(slots=True)
class Lamp:
    """The ring of light at the speaker's foot."""

    on: bool = False
    brightness: int = 128

    def set(self, wanted: Mapping[str, Any]) -> None:
        """Switch and dim it.

        Raises BadCommand.
        """
        if "brightness" in wanted:
            self.brightness = int(_number(wanted["brightness"], 1, 255))
        self.on = _flag(wanted.get("on", True))


class Signal:
    """The strength of its radio signal, in dBm."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._strength = -54.0

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        pull = min(1.0, seconds / 120.0)
        self._strength += (-54.0 - self._strength) * pull + self._random.gauss(0.0, 3.0) * pull**0.5

    @property
    def strength(self) -> int:
        """The strength as it is measured now."""
        return round(self._strength)


def _number(value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise BadCommand(f"Expected a number from {low:g} to {high:g}, got {value!r}")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadCommand(f"Expected true or false, got {value!r}")
    return value
