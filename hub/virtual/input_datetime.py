"""``input_datetime``: a date, a time of day, or both; local, without a zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, ClassVar

import voluptuous as vol

from hub.errors import InvalidInput
from hub.virtual.definition import NAMED, Definition, Item, boolean, text
from hub.virtual.helper import Helper


def _check(data: dict[str, Any]) -> dict[str, Any]:
    if not (data["has_date"] or data["has_time"]):
        raise InvalidInput(
            "Expected an input_datetime with a date, a time, or both, got neither: set has_date or has_time"
        )
    if data.get("initial"):
        _parts(data["initial"], data)
    return data


DEFINITION = Definition(
    domain="input_datetime",
    fields={
        **NAMED,
        vol.Optional("has_date", default=False): boolean,
        vol.Optional("has_time", default=False): boolean,
        vol.Optional("initial"): text,
    },
    check=_check,
)


class InputDatetime(Helper):
    """A date and time of which only the parts that it has are shown; at first today, at midnight."""

    domain: ClassVar[str] = "input_datetime"

    def begin(self, kept: Any) -> None:
        now = self.around.home.now()
        self.value = dt.datetime.combine(now.date(), dt.time(), now.tzinfo)
        told = self.item.get("initial") or kept
        if isinstance(told, str):
            try:
                self._set(*_parts(told, self.item))
            except InvalidInput:  # it had other parts when it was kept
                return

    def state(self) -> str:
        return self.value.strftime(_FORMATS[self.item["has_date"], self.item["has_time"]])

    def fixed(self) -> Mapping[str, Any]:
        return {"has_date": self.item["has_date"], "has_time": self.item["has_time"]}

    def attributes(self) -> Mapping[str, Any]:
        value = self.value
        shown: dict[str, Any] = {}
        if self.item["has_date"]:
            shown |= {"year": value.year, "month": value.month, "day": value.day}
        if self.item["has_time"]:
            shown |= {"hour": value.hour, "minute": value.minute, "second": value.second}
        return {**shown, "timestamp": self._timestamp()}

    def kept(self) -> str:
        return self.state()

    def act(self, action: str, data: Mapping[str, Any]) -> None:
        date, time = self._asked(data)
        date, time = date if self.item["has_date"] else None, time if self.item["has_time"] else None
        if date is None and time is None:
            parts = " or ".join(part for part in ("date", "time") if self.item[f"has_{part}"])
            raise InvalidInput(f"Expected a {parts} for {self.entity_id}, got none")
        self._set(date, time)
        self.changed()

    def _asked(self, data: Mapping[str, Any]) -> tuple[dt.date | None, dt.time | None]:
        home = self.around.home
        if "timestamp" in data:
            moment = dt.datetime.fromtimestamp(float(data["timestamp"]), home.time_zone)
            return moment.date(), moment.time()
        if "datetime" in data:
            moment = home.local(_parsed(dt.datetime.fromisoformat, data["datetime"], "a date and time"))
            return moment.date(), moment.time()
        date = _parsed(dt.date.fromisoformat, data["date"], "a date") if "date" in data else None
        time = _parsed(dt.time.fromisoformat, data["time"], "a time of day") if "time" in data else None
        return date, time

    def _set(self, date: dt.date | None, time: dt.time | None) -> None:
        zone = self.around.home.time_zone
        whole = (time or self.value.time()).replace(microsecond=0, tzinfo=None)
        self.value = dt.datetime.combine(date or self.value.date(), whole, zone)

    def _timestamp(self) -> float:
        value = self.value
        if not self.item["has_date"]:
            return value.hour * 3600 + value.minute * 60 + value.second
        if not self.item["has_time"]:
            value = dt.datetime.combine(value.date(), dt.time(), value.tzinfo)
        return value.timestamp()


_FORMATS = {(True, True): "%Y-%m-%d %H:%M:%S", (True, False): "%Y-%m-%d", (False, True): "%H:%M:%S"}


def _parts(written: str, item: Item) -> tuple[dt.date | None, dt.time | None]:
    """Return the date and time that an item of these parts is written as."""
    if item["has_date"] and item["has_time"]:
        moment = _parsed(dt.datetime.fromisoformat, written, "a date and time")
        return moment.date(), moment.time()
    if item["has_date"]:
        return _parsed(dt.date.fromisoformat, written, "a date"), None
    return None, _parsed(dt.time.fromisoformat, written, "a time of day")


def _parsed(parse: Any, value: Any, what: str) -> Any:
    try:
        return parse(str(value).strip())
    except ValueError:
        raise InvalidInput(f"Expected {what} in ISO form, got {value!r}") from None
