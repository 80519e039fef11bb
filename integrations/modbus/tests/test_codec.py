"""Words, values and states: what is written is what is read, for every type and order."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hearth_modbus.codec import Value, decode, encode, state_of, wanted
from hearth_modbus.registers import REGISTER, Register, Type
from hub import InvalidInput

WHOLE = [kind for kind in Type if kind.is_integer]
ORDERS = st.fixed_dictionaries(
    {"word_order": st.sampled_from(["big", "little"]), "byte_order": st.sampled_from(["big", "little"])}
)


def register(**options: Any) -> Register:
    return Register.parse(REGISTER({"name": "It", "address": 0, **options}))


def limits(kind: Type) -> tuple[int, int]:
    bits = 16 * kind.words
    return (0, 2**bits - 1) if kind.value.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


@given(st.sampled_from(WHOLE), ORDERS, st.data())
def test_whole_numbers_come_back_in_every_order(kind: Type, orders: dict[str, str], data: st.DataObject) -> None:
    value = data.draw(st.integers(*limits(kind)))
    one = register(type=kind.value, **orders)
    words = encode(one, value)
    assert len(words) == one.length == kind.words
    assert all(0 <= word <= 0xFFFF for word in words)
    assert decode(one, words) == value
    assert state_of(one, value) == str(value)


@given(st.sampled_from(WHOLE), st.integers())
def test_a_number_that_does_not_fit_is_refused(kind: Type, value: int) -> None:
    low, high = limits(kind)
    assume(not low <= value <= high)
    with pytest.raises(InvalidInput, match="that fits"):
        encode(register(type=kind.value), value)


@given(ORDERS, st.floats(width=32), st.floats(-1e300, 1e300) | st.just(math.nan))
def test_floating_point_numbers_come_back(orders: dict[str, str], single: float, double: float) -> None:
    for kind, value in (("float32", single), ("float64", double)):
        one = register(type=kind, **orders)
        back = decode(one, encode(one, value))
        assert back == value or (isinstance(back, float) and math.isnan(back) and math.isnan(value))
        shown = state_of(one, value)
        assert (shown is None) == (not math.isfinite(value))
        assert shown is None or len(shown) < 60
        assert shown is None or float(shown) == pytest.approx(value, rel=1e-6)


@given(ORDERS, st.text(max_size=8))
def test_texts_come_back(orders: dict[str, str], text: str) -> None:
    one = register(type="string", length=16, **orders)
    assume("\0" not in text and text == text.rstrip() and text.isprintable())
    assert decode(one, encode(one, text)) == text
    assert state_of(one, text) == text


@given(ORDERS, st.integers(0, 15), st.booleans(), st.integers(0, 0xFFFF))
def test_a_bit_changes_alone(orders: dict[str, str], bit: int, on: bool, now: int) -> None:
    one = register(bit=bit, **orders)
    (word,) = encode(one, on, [now])
    assert decode(one, [word]) is on
    others = [register(bit=other, **orders) for other in range(16) if other != bit]
    assert all(decode(other, [word]) == decode(other, [now]) for other in others)


@given(
    st.sampled_from(["int16", "int32", "float32", "float64"]),
    st.sampled_from(["1", "0.1", "0.5", "10", "-0.01"]),
    st.integers(-50, 50),
    st.integers(-2000, 2000),
)
def test_a_number_that_is_set_is_the_number_that_is_shown(kind: str, scale: str, offset: int, steps: int) -> None:
    one = register(type=kind, scale=float(scale), offset=offset, writable=True, min=-1e6, max=1e6)
    number = steps * float(scale) + offset
    raw = wanted(one, "number.set_value", {"value": number}, None)
    shown = state_of(one, decode(one, encode(one, raw)))
    assert shown is not None
    assert float(shown) == pytest.approx(number, rel=1e-6, abs=1e-6)


SHOWN: list[tuple[dict[str, Any], Value, str | None]] = [
    ({"scale": 0.1}, 215, "21.5"),
    ({"scale": 0.1}, 3, "0.3"),
    ({"scale": 0.1, "precision": 2}, 3, "0.30"),
    ({"scale": 0.001, "offset": -40}, 65_000, "25"),
    ({"type": "float32"}, struct.unpack("f", struct.pack("f", 0.1))[0], "0.1"),
    ({"type": "float32", "precision": 1}, 20.55, "20.6"),
    ({"type": "float32"}, 1e10, "10000000000"),
    ({"type": "float32"}, math.nan, None),
    ({"unknown": [0x8000]}, 0x8000, None),
    ({"options": {0: "off", 1: "eco"}}, 1, "eco"),
    ({"options": {0: False, 1: True}}, 1, "on"),
    ({"options": {0: "off", 1: "eco"}}, 2, None),
    ({"on_value": 5}, 5, "on"),
    ({"on_value": 5}, 6, "off"),
    ({"on_value": 5, "off_value": 7}, 6, None),
    ({"on_value": 5, "inverted": True}, 5, "off"),
    ({"kind": "coil", "inverted": True}, True, "off"),
]


@pytest.mark.parametrize(("options", "value", "state"), SHOWN)
def test_what_is_shown(options: dict[str, Any], value: Value, state: str | None) -> None:
    assert state_of(register(**options), value) == state


OPTIONS = {0: "off", 1: "eco", 5: "comfort"}
CHOSEN: list[tuple[str, dict[str, Any], str | None, int]] = [
    ("select_option", {"option": "comfort"}, None, 5),
    ("select_first", {}, "eco", 0),
    ("select_last", {}, "eco", 5),
    ("select_next", {"cycle": True}, "eco", 5),
    ("select_next", {"cycle": True}, "comfort", 0),
    ("select_next", {"cycle": False}, "comfort", 5),
    ("select_previous", {"cycle": True}, "off", 5),
    ("select_previous", {"cycle": False}, "off", 0),
    ("select_next", {}, None, 0),
]


@pytest.mark.parametrize(("action", "data", "now", "raw"), CHOSEN)
def test_what_is_chosen(action: str, data: dict[str, Any], now: str | None, raw: int) -> None:
    assert wanted(register(options=OPTIONS, writable=True), f"select.{action}", data, now) == raw


def test_a_switch_of_numbers_writes_them() -> None:
    one = register(on_value=5, off_value=7, writable=True)
    assert [wanted(one, f"switch.{each}", {}, "on") for each in ("turn_on", "turn_off", "toggle")] == [5, 7, 7]


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 4 bytes"):
        encode(register(type="string", length=2), "客厅")
