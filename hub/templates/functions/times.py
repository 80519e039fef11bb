"""Times: now, conversions between timestamps, datetimes and text, durations in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hub.templates.functions.function import MISSING, Function, Use, defaulted
from hub.templates.home import Home
from hub.templates.rendering import active

_FORMAT = "%Y-%m-%d %H:%M:%S"
_CANNOT = (ValueError, TypeError, OverflowError, OSError)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOCK_DURATION = re.compile(
    r"(?P<sign>[-+]?)(?:(?P<days>\d+) (?:days?, )?)?(?:(?:(?P<hours>\d+):)(?=\d+:\d+))?"
    r"(?:(?P<minutes>\d+):)?(?P<seconds>\d+(?:[.,]\d{1,6})?)\Z"
)
_ISO_DURATION = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?\Z"
)
_UNITS = (("year", 31_536_000), ("month", 2_592_000), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def functions(home: Home) -> Iterable[Function]:
    """Return the functions for times where the home is."""
    times = _Times(home)
    for name in ("now", "utcnow"):
        yield Function(name=name, call=getattr(times, name), uses=Use.GLOBAL)
    for name in ("today_at", "as_timestamp", "as_datetime", "as_local", "relative_time", "time_since", "time_until"):
        yield Function(name=name, call=getattr(times, name))
    for name in ("timestamp_custom", "timestamp_local", "timestamp_utc"):
        yield Function(name=name, call=getattr(times, name), uses=Use.FILTER)
    yield Function(name="as_timedelta", call=as_timedelta)
    yield Function(name="timedelta", call=timedelta, uses=Use.GLOBAL)
    yield Function(name="strptime", call=strptime, uses=Use.GLOBAL)
    yield Function(name="datetime", call=lambda value: isinstance(value, datetime), uses=Use.TEST)


class _Times:
    """The functions that need the home's clock or time zone."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def now(self) -> datetime:
        active().time = True
        return self._home.now()

    def utcnow(self) -> datetime:
        active().time = True
        return self._home.utcnow()

    def today_at(self, at: str = "") -> datetime:
        clock = time.fromisoformat(at.zfill(5)) if at else time()
        return datetime.combine(self.now().date(), clock, self._home.time_zone)

    def as_timestamp(self, value: Any, default: Any = MISSING) -> Any:
        parsed = value if isinstance(value, datetime) else parse_datetime(str(value))
        return self._home.local(parsed).timestamp() if parsed else defaulted("as_timestamp", value, default)

    def as_datetime(self, value: Any, default: Any = MISSING) -> Any:
        if isinstance(value, datetime):
            return value
        if isinstance(value, date):
            return datetime.combine(value, time())
        try:
            return datetime.fromtimestamp(float(value), UTC)
        except _CANNOT:
            parsed = parse_datetime(str(value)) if isinstance(value, str) else None
        if parsed is None and default is MISSING and isinstance(value, str):
            return None
        return parsed or defaulted("as_datetime", value, default)

    def as_local(self, value: datetime) -> datetime:
        return self._home.local(value)

    def timestamp_custom(self, value: Any, format: str = _FORMAT, local: bool = True, default: Any = MISSING) -> Any:  # noqa: A002
        try:
            return datetime.fromtimestamp(value, self._home.time_zone if local else UTC).strftime(format)
        except _CANNOT:
            return defaulted("timestamp_custom", value, default)

    def timestamp_local(self, value: Any, default: Any = MISSING) -> Any:
        try:
            return datetime.fromtimestamp(value, self._home.time_zone).isoformat()
        except _CANNOT:
            return defaulted("timestamp_local", value, default)

    def timestamp_utc(self, value: Any, default: Any = MISSING) -> Any:
        try:
            return datetime.fromtimestamp(value, UTC).isoformat()
        except _CANNOT:
            return defaulted("timestamp_utc", value, default)

    def relative_time(self, value: Any) -> Any:
        return self.time_since(value)

    def time_since(self, value: Any, precision: int = 1) -> Any:
        if not isinstance(value, datetime):
            return value
        age = self.utcnow() - self._home.local(value)
        return value if age < timedelta() else in_words(age, precision)

    def time_until(self, value: Any, precision: int = 1) -> Any:
        if not isinstance(value, datetime):
            return value
        left = self._home.local(value) - self.utcnow()
        return value if left < timedelta() else in_words(left, precision)


def parse_datetime(text: str) -> datetime | None:
    """Return the datetime written as ISO 8601, with a space or T, or None."""
    try:
        return datetime.fromisoformat(text.strip()) if _DATE.match(text.strip()) else None
    except ValueError:
        return None


def as_timedelta(text: str) -> timedelta | None:
    """Return the duration written as ``PT10M``, ``1 02:03:04`` or seconds, or None."""
    match = _CLOCK_DURATION.match(str(text)) or _ISO_DURATION.match(str(text))
    if match is None:
        return None
    parts = match.groupdict()
    negative = parts.pop("sign") == "-"
    value = timedelta(**{unit: float(amount.replace(",", ".")) for unit, amount in parts.items() if amount})
    return -value if negative else value


def strptime(text: str, format: str, default: Any = MISSING) -> Any:  # noqa: A002
    """Return the datetime written in ``format``."""
    try:
        return datetime.strptime(text, format)  # noqa: DTZ007 - the author's format may have a zone or not
    except (ValueError, TypeError):
        return defaulted("strptime", text, default)


def in_words(duration: timedelta, precision: int = 1) -> str:
    """Return a duration as ``2 hours 5 minutes``: its ``precision`` largest units, the last one rounded."""
    seconds = duration.total_seconds()
    sizes = [size for _, size in _UNITS if seconds >= size] or [1]
    last = sizes[min(precision, len(sizes)) - 1] if precision > 0 else 1
    left = round(seconds / last) * last
    words = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{int(count)} {unit}{'s' if count != 1 else ''}")
    return " ".join(words[: precision or None]) or "0 seconds"
