"""``schedule``: on during blocks of the week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.core.alarm import Alarm
from hub.virtual.definition import NAMED, Definition
from hub.virtual.helper import Helper

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT = "24:00:00"
"""The end of a day, as a block's ``to``."""


def _time(value: Any) -> str:
    try:
        return dt.time.fromisoformat(str(value).strip().zfill(5)).isoformat()
    except ValueError:
        raise vol.Invalid(f"expected a time such as 07:30:00, got {value!r}") from None


def _end(value: Any) -> str:
    return MIDNIGHT if str(value).strip() in ("24:00", MIDNIGHT) else _time(value)


_BLOCK = vol.Schema(
    {
        vol.Required("from"): _time,
        vol.Required("to"): _end,
        vol.Optional("data"): {str: vol.Any(bool, str, int, float)},
    }
)


def blocks(value: Any) -> list[dict[str, Any]]:
    """Return the blocks of a day as they were given: ``{"from": "07:00:00", "to": "24:00:00", "data": {..}}``.

    Raises vol.Invalid if one ends before it begins, or two overlap.
    """
    found: list[dict[str, Any]] = [_BLOCK(block) for block in (value if isinstance(value, list) else [value])]
    before = "00:00:00"
    for block in sorted(found, key=lambda block: str(block["from"])):
        if block["from"] >= block["to"]:
            raise vol.Invalid(f"expected a block that ends after it begins, got {block['from']} to {block['to']}")
        if block["from"] < before:
            raise vol.Invalid(f"expected blocks that do not overlap, got one from {block['from']} before {before}")
        before = block["to"]
    return found


DEFINITION = Definition(
    domain="schedule", fields={**NAMED, **{vol.Optional(day, default=list): blocks for day in DAYS}}
)


class Schedule(Helper):
    """On within a block of today; the block's ``data`` are attributes meanwhile."""

    domain: ClassVar[str] = "schedule"
    _block: Mapping[str, Any] | None = None
    _next: dt.datetime | None = None
    _alarm: Alarm | None = None

    def begin(self, kept: Any) -> None:
        self._look()

    def state(self) -> str:
        return "off" if self._block is None else "on"

    def attributes(self) -> Mapping[str, Any]:
        data = self._block.get("data", {}) if self._block else {}
        return {**data, "next_event": self._next}

    def act(self, action: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return {day: self.item[day] for day in DAYS}

    def configure(self, item: Mapping[str, Any]) -> None:
        super().configure(item)
        self._look()

    def end(self) -> None:
        super().end()
        if self._alarm is not None:
            self._alarm.cancel()

    def _look(self) -> None:
        """See whether it is on, and set the alarm for when that may change."""
        self.end()
        now = self.around.home.now()
        time = now.time().isoformat()
        self._block = next((b for b in self.item[DAYS[now.weekday()]] if b["from"] <= time < b["to"]), None)
        coming = (moment for moment in self._moments(now) if moment.timestamp() > now.timestamp())
        self._next = min(coming, key=dt.datetime.timestamp, default=None)
        if self._next is not None:
            self._alarm = Alarm(self.clock, self._next.timestamp(), self._turn)

    def _turn(self) -> None:
        self.because("time")
        self._look()
        self.changed()

    def _moments(self, now: dt.datetime) -> Iterator[dt.datetime]:
        """Yield when blocks begin and end, from today until this weekday comes again."""
        for ahead in range(8):
            day = now.date() + dt.timedelta(days=ahead)
            for block in self.item[DAYS[day.weekday()]]:
                for time in (block["from"], block["to"]):
                    yield _moment(day, time, now.tzinfo)


def _moment(day: dt.date, time: str, zone: dt.tzinfo | None) -> dt.datetime:
    if time == MIDNIGHT:
        return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    return dt.datetime.combine(day, dt.time.fromisoformat(time), zone)
