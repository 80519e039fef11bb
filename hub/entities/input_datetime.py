"""Dates and times of the hub's own: a date, a time of day, or both."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field
from hub.entities.domain import Attribute, Domain
from hub.entities.selectors import DATE, DATETIME, TIME, number

INPUT_DATETIME = Domain(
    name="input_datetime",
    attributes=(
        Attribute(name="has_date", description="whether it has a date", capability=True),
        Attribute(name="has_time", description="whether it has a time of day", capability=True),
        *(
            Attribute(name=name, description=f"its {name}")
            for name in ("year", "month", "day", "hour", "minute", "second")
        ),
        Attribute(name="timestamp", description="the same in seconds: since 1970, or since midnight"),
        Attribute(name="editable", description="whether it was made in the dashboard"),
    ),
    actions=(
        ActionDescription(
            domain="input_datetime",
            name="set_datetime",
            description="Sets a date, a time of day, or both.",
            at_least_one=("date", "time", "datetime", "timestamp"),
            exclusive=(
                ("date", "datetime", "timestamp"),
                ("time", "datetime", "timestamp"),
            ),
            fields=(
                Field(name="date", selector=DATE, example="2019-04-20"),
                Field(name="time", selector=TIME, example="05:04:20"),
                Field(name="datetime", selector=DATETIME, example="2019-04-20 05:04:20"),
                Field(name="timestamp", selector=number(0, mode="box"), description="Seconds since 1970."),
            ),
        ),
    ),
)
