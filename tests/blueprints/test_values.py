from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest
import voluptuous as vol
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.blueprints.clock_times import Daily
from hub.blueprints.values import boolean, entity_ids, number_or_entity, seconds, state_texts, time_of_day, weekdays
from hub.core.plain import MAX_ITEMS, MAX_TEXT, plain
from tests.blueprints.conftest import ZONE

PARTS = st.fixed_dictionaries({}, optional={unit: st.integers(0, 500) for unit in ("hours", "minutes", "seconds")})


@settings(deadline=None)
@given(PARTS)
def test_a_duration_in_parts_is_their_sum(parts: dict[str, int]) -> None:
    assert seconds(parts) == dt.timedelta(**parts).total_seconds()


@settings(deadline=None)
@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_as_on_a_clock_is_its_seconds(hours: int, minutes: int, secs: int) -> None:
    assert seconds(f"{hours:02}:{minutes:02}:{secs:02}") == hours * 3600 + minutes * 60 + secs
    assert seconds(str(secs)) == seconds(secs) == secs


@settings(deadline=None)
@given(
    st.one_of(
        st.text(max_size=20), st.none(), st.booleans(), st.lists(st.integers(), max_size=3), st.floats(max_value=-0.01)
    )
)
def test_anything_else_is_no_duration(value: Any) -> None:
    try:
        found, reason = seconds(value), ""
    except vol.Invalid as error:
        found, reason = -1.0, str(error)
    assert found >= 0 or "expected a duration" in reason


@settings(deadline=None)
@given(st.times())
def test_a_time_of_day_is_read_as_it_is_written(time: dt.time) -> None:
    assert time_of_day(time.isoformat()) == time
    whole = time.replace(microsecond=0)
    if whole.second or whole.minute or whole.hour:
        assert time_of_day(whole.hour * 3600 + whole.minute * 60 + whole.second) == whole


@pytest.mark.parametrize("text", ["7:30", "07:30", "07:30:00"])
def test_a_time_may_be_short(text: str) -> None:
    assert time_of_day(text) == dt.time(7, 30)


@pytest.mark.parametrize("value", ["", "24:00", "12", None, True, 86_400, -1, "noon"])
def test_anything_else_is_no_time(value: Any) -> None:
    with pytest.raises(vol.Invalid, match="expected a time such as 07:30:00"):
        time_of_day(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("light.a", ["light.a"]), ("light.a, Light.B", ["light.a", "light.b"]), (["light.a", ""], ["light.a"]),
     ("", []), ([], []), (None, []), ({}, [])],
)  # fmt: skip
def test_entity_ids_are_written_in_many_ways(value: Any, expected: list[str]) -> None:
    assert entity_ids(value) == expected


def test_other_values_are_read_as_people_write_them() -> None:
    assert state_texts([True, False, 5, "x"]) == ["on", "off", "5", "x"]
    assert state_texts(None) is None
    assert (boolean("Yes"), boolean("off"), boolean(False)) == (True, False, False)
    assert (number_or_entity("5.5"), number_or_entity(-3), number_or_entity("sensor.x")) == (5.5, -3.0, "sensor.x")
    assert weekdays("Mon") == ["mon"]
    for check, wrong in ((boolean, "maybe"), (number_or_entity, "x"), (weekdays, ["monday"]), (state_texts, [{}])):
        with pytest.raises(vol.Invalid):
            check(wrong)


@settings(deadline=None)
@given(st.integers(1_577_836_800, 1_893_456_000), st.times())
def test_the_next_time_of_day_comes_within_a_day_or_so(moment: int, at: dt.time) -> None:
    now = dt.datetime.fromtimestamp(moment, ZONE)
    following = Daily(at).next(now)
    ahead = following.timestamp() - now.timestamp()
    assert 0 < ahead <= 26 * 3600
    assert following.time() == at


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
        lambda inner: st.lists(inner) | st.sets(st.integers()),
    )
)
def test_any_value_becomes_plain(value: Any) -> None:
    orjson.dumps(plain(value))


def test_plain_values_are_cut_to_a_readable_length() -> None:
    deep: list[Any] = []
    for _ in range(50):
        deep = [deep]
    assert len(plain("x" * 10_000)) == MAX_TEXT + 1
    assert len(plain(list(range(1000)))) == len(plain(dict.fromkeys(range(1000)))) == MAX_ITEMS
    assert str(plain(deep)).count("[") < 20
    assert plain({1: dt.timedelta(seconds=5), "t": dt.time(1), "s": {2}, "f": float("inf")}) == {
        "1": 5.0, "t": "01:00:00", "s": [2], "f": "inf",
    }  # fmt: skip
