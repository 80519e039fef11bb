"""``timer``: runs for a duration, and says so when it is over. Events and attributes are Home Assistant's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.core.alarm import Alarm
from hub.core.fields import duration
from hub.errors import InvalidInput
from hub.virtual.definition import NAMED, Definition, boolean
from hub.virtual.helper import Helper

IDLE, ACTIVE, PAUSED = "idle", "active", "paused"


def clock_text(seconds: float) -> str:
    """Return seconds as ``H:MM:SS``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _length(value: Any) -> str:
    seconds = duration(value).total_seconds()
    if seconds < 0:
        raise vol.Invalid(f"expected a duration of 0 or more, got {value!r}")
    return clock_text(seconds)


DEFINITION = Definition(
    domain="timer",
    fields={
        **NAMED,
        vol.Optional("duration", default="0:00:00"): _length,
        vol.Optional("restore", default=False): boolean,
    },
)


class Timer(Helper):
    """Idle, active until ``end``, or paused with ``remaining`` seconds left; with ``restore`` it outlasts a restart.

    A timer that ended while the hub was down finishes when the hub is up; the event says when it should have.
    """

    domain: ClassVar[str] = "timer"
    phase: str = IDLE
    length: float
    """Seconds that it runs in all."""
    end_at: float | None = None
    """When it is over, in UTC epoch seconds, while it is active."""
    remaining: float | None = None
    """Seconds that were left when it was last started or paused."""
    _alarm: Alarm | None = None

    def begin(self, kept: Any) -> None:
        self.length = self._configured()
        if self.item["restore"] and isinstance(kept, Mapping) and kept["phase"] != IDLE:
            self.phase, self.length = kept["phase"], kept["length"]
            self.remaining, self.end_at = kept["remaining"], kept["end_at"]
            self.around.when_started(self._go_on)

    def state(self) -> str:
        return self.phase

    def attributes(self) -> Mapping[str, Any]:
        shown: dict[str, Any] = {"duration": clock_text(self.length)}
        if self.end_at is not None:
            shown["finishes_at"] = _moment(self.end_at)
        if self.remaining is not None:
            shown["remaining"] = clock_text(self.remaining)
        return {**shown, "restore": True} if self.item["restore"] else shown

    def kept(self) -> Mapping[str, Any]:
        return {"phase": self.phase, "length": self.length, "remaining": self.remaining, "end_at": self.end_at}

    def configure(self, item: Mapping[str, Any]) -> None:
        super().configure(item)
        if self.phase == IDLE:
            self.length = self._configured()

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        match action:
            case "start":
                self._start(duration(data.get("duration", 0)).total_seconds())
            case "pause":
                self._pause()
            case "cancel":
                self._rest("timer.cancelled")
            case "finish":
                self._rest("timer.finished", finished_at=_moment(self.end_at or self.clock.time()))
            case "change":
                self._change(duration(data["duration"]).total_seconds())

    def end(self) -> None:
        super().end()
        self._stop()
        self.end_at = None

    def _go_on(self) -> None:
        if self.end_at is not None and self._alarm is None:
            self._wait(self.end_at)

    def _start(self, length: float) -> None:
        if length < 0:
            raise InvalidInput(f"Expected a duration of 0 or more for {self.entity_id}, got {length:g} s")
        event = "timer.started" if self.phase == IDLE else "timer.restarted"
        if length:
            self.length = self.remaining = length
        elif not self.remaining:
            self.remaining = self.length
        self._run(self.clock.time() + self.remaining, event)

    def _change(self, by: float) -> None:
        if self.end_at is None:
            raise InvalidInput(
                f"Expected {self.entity_id} to be active, it is {self.phase}: only then it can be changed"
            )
        left = self.end_at + by - self.clock.time()
        if not 0 <= left <= self.length:
            raise InvalidInput(
                f"Expected {self.entity_id} to have from 0 to {clock_text(self.length)} left, got {left:.0f} s"
            )
        self.remaining = left
        self._run(self.end_at + by, "timer.changed")

    def _run(self, end_at: float, event: str) -> None:
        self._stop()
        self.phase, self.end_at = ACTIVE, end_at
        self.changed()
        self.fire(event)
        if self.end_at == end_at:  # nobody who heard of it has stopped or changed it already
            self._wait(end_at)

    def _wait(self, end_at: float) -> None:
        # Not at once, even if it is over already: who started it is told first.
        self._alarm = Alarm(self.clock, max(end_at, self.clock.time() + _SOON), self._over)

    def _pause(self) -> None:
        if self.end_at is None:
            return
        self._stop()
        self.phase, self.remaining, self.end_at = PAUSED, max(0.0, self.end_at - self.clock.time()), None
        self.changed()
        self.fire("timer.paused")

    def _over(self) -> None:
        if self.length >= 1:  # else what started it stays the cause, or a loop of timers of no length would never end
            self.because("time")
        self._rest("timer.finished", finished_at=_moment(self.end_at or self.clock.time()))

    def _rest(self, event: str, **data: Any) -> None:
        if self.phase == IDLE:
            return
        self._stop()
        self.phase, self.end_at, self.remaining, self.length = IDLE, None, None, self._configured()
        self.changed()
        self.fire(event, **data)

    def _stop(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None

    def _configured(self) -> float:
        return float(duration(self.item["duration"]).total_seconds())


_SOON = 0.001


def _moment(timestamp: float) -> str:
    return dt.datetime.fromtimestamp(int(timestamp), dt.UTC).isoformat()
