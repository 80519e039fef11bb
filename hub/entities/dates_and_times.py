"""Settings of a device that are a date, a time of day, or a moment."""

from __future__ import annotations

from hub.core.actions import ActionDescription
from hub.core.fields import Field, Selector
from hub.entities import selectors
from hub.entities.domain import Domain


def _domain(name: str, selector: Selector, example: str, said: str) -> Domain:
    return Domain(
        name=name,
        actions=(
            ActionDescription(
                domain=name,
                name="set_value",
                description=f"Sets {said}.",
                fields=(Field(name=name, selector=selector, required=True, example=example),),
            ),
        ),
    )


DATE = _domain("date", selectors.DATE, "2022-11-01", "a date")
TIME = _domain("time", selectors.TIME, "22:15", "a time of day")
DATETIME = _domain("datetime", selectors.DATETIME, "2023-10-07T21:35:22", "a moment")
