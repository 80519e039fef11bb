from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import voluptuous as vol
from hypothesis import given
from hypothesis import strategies as st

from hub.core.actions import ActionDescription, ActionTable, ResponseMode
from hub.core.clock import SimulatedClock
from hub.core.fields import Field, duration, selector_validator
from hub.core.ids import is_entity_id, slugify
from hub.errors import InvalidInput, UnknownAction

DIM = ActionDescription(
    domain="light",
    name="dim",
    fields=(
        Field(name="level", selector={"number": {"min": 0, "max": 100}}, required=True),
        Field(
            name="mode", selector={"select": {"options": ["soft", {"value": "hard", "label": "Hard"}]}}, default="soft"
        ),
    ),
    features=4,
    response=ResponseMode.OPTIONAL,
)


def test_data_is_validated_and_defaults_are_filled_in() -> None:
    assert DIM.validate({"level": "30"}) == {"level": 30, "mode": "soft"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "required key not provided"),
        ({"level": 101}, "expected a number from 0 to 100, got 101"),
        ({"level": True}, "expected a number, got True"),
        ({"level": "nan"}, "expected a number, got 'nan'"),
        ({"level": 1, "mode": "x"}, "expected one of soft, hard, got 'x'"),
        ({"level": 1, "extra": 1}, "extra keys not allowed"),
    ],
)
def test_wrong_data_is_refused_naming_the_field(data: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        DIM.validate(data)


def test_a_description_shows_itself_as_get_services_does() -> None:
    shown = DIM.as_dict()
    assert shown["fields"]["level"] == {"required": True, "selector": {"number": {"min": 0, "max": 100}}}
    assert shown["target"] == {"entity": [{"domain": ["light"], "supported_features": [4]}]}
    assert shown["response"] == {"optional": True}


def test_an_unknown_action_is_named() -> None:
    table = ActionTable([DIM])
    assert "light.dim" in table
    with pytest.raises(UnknownAction, match=r"light\.fly"):
        table.get("light.fly")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (5, 5), (1.5, 1.5), ("5", 5), ("00:05:00", 300), ("01:30", 5400), ("-00:01:00", -60), ("0:00:01.5", 1.5),
        ({"minutes": 2, "seconds": 1}, 121), ({"hours": "1"}, 3600), (dt.timedelta(days=1), 86_400),
    ],
)  # fmt: skip
def test_durations_are_read_in_every_form(value: Any, seconds: float) -> None:
    assert duration(value).total_seconds() == seconds


@pytest.mark.parametrize("value", ["soon", None, True, {"fortnights": 1}, [], "1:2:3:4", {"minutes": "x"}])
def test_what_is_no_duration_is_refused(value: Any) -> None:
    with pytest.raises(vol.Invalid, match="expected a duration"):
        duration(value)


@given(st.integers(0, 10**6))
def test_a_duration_in_text_means_its_seconds(seconds: int) -> None:
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    assert duration(text).total_seconds() == seconds


@pytest.mark.parametrize(
    ("selector", "value", "expected"),
    [
        ({"boolean": {}}, "off", False),
        ({"boolean": None}, True, True),
        ({"text": {}}, 5, "5"),
        ({"text": {"multiple": True}}, "a", ["a"]),
        ({"entity": {"domain": "light"}}, "light.a", "light.a"),
        ({"entity": {"multiple": True}}, ["light.a"], ["light.a"]),
        ({"time": {}}, "7:30", "07:30:00"),
        ({"time": {}}, 27_000, "07:30:00"),
        ({"duration": {}}, {"minutes": 1}, {"minutes": 1}),
        ({"color_rgb": {}}, (1, 2, 3), [1, 2, 3]),
        ({"what_comes_next_year": {}}, object, object),
        ({"number": {"min": 1}}, 2.0, 2.0),
    ],
)
def test_selectors_accept(selector: Any, value: Any, expected: Any) -> None:
    assert selector_validator(selector)(value) == expected


@pytest.mark.parametrize(
    ("selector", "value"),
    [
        ({"boolean": {}}, "maybe"), ({"text": {}}, ["a"]), ({"entity": {"domain": "light"}}, "switch.a"),
        ({"entity": {}}, "kitchen"), ({"time": {}}, "25:00"), ({"duration": {}}, "soon"), ({"color_rgb": {}}, [1, 2]),
        ({"color_rgb": {}}, [1, 2, 300]), ({"number": {}}, float("inf")), ({"select": {"options": ["a"]}}, "b"),
    ],
)  # fmt: skip
def test_selectors_refuse(selector: Any, value: Any) -> None:
    with pytest.raises(vol.Invalid):
        selector_validator(selector)(value)


@given(st.text())
def test_a_slug_makes_an_entity_id(text: str) -> None:
    slug = slugify(text)
    assert is_entity_id(f"light.{slug}"), slug


async def test_the_simulated_clock_runs_timers_in_order_and_forgets_cancelled_ones() -> None:
    clock, heard = SimulatedClock(), []
    clock.call_later(2, lambda: heard.append((2, clock.monotonic())))
    clock.call_later(1, lambda: heard.append((1, clock.monotonic())))
    clock.call_later(1.5, lambda: heard.append((0, 0.0)))()
    await clock.advance(3)
    assert heard == [(1, 1.0), (2, 2.0)]
    assert clock.monotonic() == 3
