"""Values, states and what is written: each type keeps what it can hold."""

from __future__ import annotations

import datetime as dt
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_opcua.codec import Value, same, state_of, wanted
from hearth_opcua.items import Item, Type
from hub import InvalidInput

WHOLE = [kind for kind in Type if kind.range is not None]


def item(kind: Type | str, domain: str = "sensor", **options: Any) -> Item:
    return Item(node="ns=1;s=It", name="It", type=Type(kind), domain=domain, **options)


@given(st.sampled_from(WHOLE), st.data())
def test_whole_numbers_that_fit_are_written_as_they_are_shown(kind: Type, data: st.DataObject) -> None:
    assert kind.range is not None
    value = data.draw(st.integers(*kind.range))
    one = item(kind, "number")
    assert wanted(one, "number.set_value", {"value": str(value)}, None) == value
    assert state_of(one, value) == str(value)


@given(st.sampled_from(WHOLE), st.integers())
def test_whole_numbers_that_do_not_fit_are_refused(kind: Type, value: int) -> None:
    assert kind.range is not None
    low, high = kind.range
    if low <= value <= high:
        assert wanted(item(kind, "number"), "number.set_value", {"value": value}, None) == value
    else:
        with pytest.raises(InvalidInput, match="that fits"):
            wanted(item(kind, "number"), "number.set_value", {"value": value}, None)


@given(
    st.sampled_from(["Float", "Double", "Int32"]),
    st.sampled_from([1.0, 0.1, 0.5, 10.0, -0.01]),
    st.integers(-50, 50),
    st.integers(-2000, 2000),
)
def test_a_number_that_is_set_is_the_number_that_is_shown(kind: str, scale: float, offset: int, steps: int) -> None:
    one = item(kind, "number", scale=scale, offset=float(offset))
    number = steps * scale + offset
    shown = state_of(one, wanted(one, "number.set_value", {"value": number}, None))
    assert shown is not None
    assert float(shown) == pytest.approx(number, rel=1e-6, abs=1e-6)


@given(st.floats(width=32), st.floats(-1e300, 1e300))
def test_floating_point_numbers_are_shown_with_their_own_digits(single: float, double: float) -> None:
    shown = state_of(item("Float"), single)
    assert (shown is None) == (not math.isfinite(single))
    assert shown is None or float(shown) == pytest.approx(single, rel=1e-6)
    assert float(str(state_of(item("Double"), double))) == pytest.approx(double, rel=1e-12)
    assert len(str(state_of(item("Double"), double))) < 60


@given(st.floats(allow_nan=False, width=32))
def test_a_float_that_comes_back_is_the_one_that_was_written(value: float) -> None:
    assert same(item("Float"), value, struct.unpack("f", struct.pack("f", value))[0])


@given(st.text())
def test_texts_hold_nothing_that_cannot_be_shown(text: str) -> None:
    shown = state_of(item("String"), text)
    assert shown is not None
    assert shown.isprintable()
    assert text != shown or text.isprintable()


SHOWN: list[tuple[Item, Value | None, str | None]] = [
    (item("Boolean", "binary_sensor"), True, "on"),
    (item("Boolean"), False, "off"),
    (item("Int32", "binary_sensor"), 3, "on"),
    (item("Double", precision=1), 20.56, "20.6"),
    (item("Double", scale=0.1), 215.0, "21.5"),
    (item("Double"), math.nan, None),
    (item("UInt32", options={0: "off", 2: "high"}), 2, "high"),
    (item("UInt32", options={0: "off", 2: "high"}), 1, None),
    (item("DateTime"), dt.datetime(2026, 1, 31, 7, 30), "2026-01-31T07:30:00+00:00"),  # noqa: DTZ001 - as they come
    (item("String"), "客厅\n", "客厅"),
    (item("Double"), None, None),
]


@pytest.mark.parametrize(("one", "value", "state"), SHOWN)
def test_what_is_shown(one: Item, value: Value | None, state: str | None) -> None:
    assert state_of(one, value) == state


SELECT = item("UInt32", "select", options={0: "off", 1: "eco", 5: "comfort"})
CHOSEN: list[tuple[Item, str, dict[str, Any], str | None, Value]] = [
    (SELECT, "select.select_option", {"option": "comfort"}, None, 5),
    (SELECT, "select.select_next", {"cycle": True}, "comfort", 0),
    (SELECT, "select.select_next", {"cycle": False}, "comfort", 5),
    (SELECT, "select.select_previous", {}, "eco", 0),
    (SELECT, "select.select_last", {}, "off", 5),
    (item("Boolean", "switch"), "switch.toggle", {}, "on", False),
    (item("Int32", "switch"), "switch.turn_on", {}, None, 1),
    (item("String", "text"), "text.set_value", {"value": "Attic"}, None, "Attic"),
    (item("Boolean", "button"), "button.press", {}, None, True),
]


@pytest.mark.parametrize(("one", "action", "data", "now", "value"), CHOSEN)
def test_what_is_written(one: Item, action: str, data: dict[str, Any], now: str | None, value: Value) -> None:
    assert wanted(one, action, data, now) == value
    assert type(wanted(one, action, data, now)) is type(value)


def test_what_lies_outside_the_limits_is_refused() -> None:
    one = item("Double", "number", min=5.0, max=90.0)
    with pytest.raises(InvalidInput, match="Expected It from 5 to 90, got 95"):
        wanted(one, "number.set_value", {"value": 95}, None)
    with pytest.raises(InvalidInput, match="Expected one of off, eco, comfort, got 'warm'"):
        wanted(SELECT, "select.select_option", {"option": "warm"}, None)
    with pytest.raises(InvalidInput, match="fits Float"):
        wanted(item("Float", "number"), "number.set_value", {"value": 1e300}, None)
