"""date, time and datetime: settings that are a day, a time of day, or a moment."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hearth_mqtt.discovery.common_schema import COMMANDED, TEMPLATE, entity_schema, keyed, string
from hearth_mqtt.discovery.components.reading import reading
from hearth_mqtt.discovery.declaration import Declaration
from hearth_mqtt.discovery.effect import Effect, Facts
from hearth_mqtt.discovery.model import Component, Model, listen

_log = logging.getLogger(__name__)

_FORMS = ("%d %B %Y", "%B %d %Y", "%B %d, %Y", "%d.%m.%Y", "%Y/%m/%d", "%I:%M %p", "%I:%M:%S %p")
_IN_THE_ZONE_OF_THE_HOME = "{{ as_local(as_datetime(value)).isoformat() }}"

Moment = dt.date | dt.time
"""A date, a time or, as it is a date as well, a datetime."""
Narrow = Callable[[dt.datetime], Moment | None]
"""Returns what an entity keeps of a moment that was read, or None if it lacks something."""

_KEYS = keyed({"command_template": TEMPLATE, "value_template": TEMPLATE})
_SCHEMA = entity_schema(COMMANDED, _KEYS)
_ZONED_SCHEMA = entity_schema(COMMANDED, _KEYS, keyed({"timezone": string}))


def _build_date(declaration: Declaration) -> Model:
    return _model(declaration, "date", dt.datetime.date, dt.date.fromisoformat)


def _build_time(declaration: Declaration) -> Model:
    return _model(declaration, "time", dt.datetime.timetz, dt.time.fromisoformat)


def _build_datetime(declaration: Declaration) -> Model:
    def wanted(text: str) -> Moment:
        return dt.datetime.fromisoformat(str(declaration.render(_IN_THE_ZONE_OF_THE_HOME, {"value": text})))

    return _model(declaration, "datetime", _zoned(declaration.config.get("timezone")), wanted)


def _model(declaration: Declaration, field: str, narrow: Narrow, wanted: Callable[[str], Moment]) -> Model:
    optimistic, has_template = declaration.optimistic(), declaration.has("command_template")
    write = declaration.writer("command_template")

    def parse(text: str) -> Facts | None:
        if text == "None":
            return {"value": None}
        moment = read_moment(text, dt.datetime.fromtimestamp(declaration.now(), dt.UTC).date())
        kept = narrow(moment) if moment else None
        return {"value": _state(kept)} if kept is not None else None

    def set_value(data: Mapping[str, Any], _: Facts) -> Effect:
        value = wanted(str(data[field]))
        payload = write(value) if has_template else value.isoformat()
        return declaration.publish("command_topic", payload, {"value": _state(value)} if optimistic else None)

    decode = reading(declaration.reader("value_template"), parse, f"a {field}")
    return Model(
        show=lambda facts: (facts["value"], {}),
        listens=listen(declaration, ("state_topic", decode)),
        actions={"set_value": set_value},
        initial={"value": None},
        assumed_state=optimistic,
    )


def read_moment(text: str, today: dt.date) -> dt.datetime | None:
    """Return the moment that a text names, in ISO 8601 or one of the other usual forms; a time of day alone is ``today``'s."""
    for read in (dt.datetime.fromisoformat, _time_of(today), *(_form(form, today) for form in _FORMS)):
        try:
            return read(text.strip())
        except ValueError:
            continue
    return None


def _time_of(day: dt.date) -> Callable[[str], dt.datetime]:
    return lambda text: dt.datetime.combine(day, dt.time.fromisoformat(text))


def _form(form: str, today: dt.date) -> Callable[[str], dt.datetime]:
    def read(text: str) -> dt.datetime:
        found = dt.datetime.strptime(text, form)  # noqa: DTZ007 - a date or a time of day has no zone
        return found if "%Y" in form else dt.datetime.combine(today, found.time())

    return read


def _zoned(name: str | None) -> Narrow:
    """Return what asks for a moment with a zone or, if the zone is given here, for one without."""
    zone = _zone(name) if name else None

    def narrow(moment: dt.datetime) -> dt.datetime | None:
        if (moment.tzinfo is None) != (zone is not None):
            return None
        return moment.replace(tzinfo=zone) if zone else moment

    return narrow


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        _log.warning("Expected a time zone such as Europe/Berlin, got %r: it is ignored", name)
        return None


def _state(value: Moment) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    return value.replace(tzinfo=None).isoformat() if isinstance(value, dt.time) else value.isoformat()


DATE = Component(domain="date", schema=_SCHEMA, build=_build_date, default_name="MQTT Date")
TIME = Component(domain="time", schema=_SCHEMA, build=_build_time, default_name="MQTT Time")
DATETIME = Component(domain="datetime", schema=_ZONED_SCHEMA, build=_build_datetime, default_name="MQTT Date/Time")
