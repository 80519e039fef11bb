"""Every register is in exactly one request, whole, and no request is longer than allowed."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hearth_modbus.planner import MOST_BITS, plan, split
from hearth_modbus.registers import REGISTER, Kind, Register


def register(kind: str, address: int, of: str) -> Register:
    options: dict[str, Any] = {} if Kind(kind).is_bits else {"type": of}
    return Register.parse(REGISTER({"name": f"{kind} {address}", "kind": kind, "address": address, **options}))


registers = st.builds(
    register,
    st.sampled_from([kind.value for kind in Kind]),
    st.integers(0, 400) | st.integers(0, 65_000),
    st.sampled_from(["int16", "float32", "int64"]),
)
maps = st.lists(registers, max_size=60, unique_by=lambda each: each.key)


@given(maps, st.integers(0, 20), st.integers(4, 125))
def test_every_register_is_read_once_and_whole(found: list[Register], gap: int, most: int) -> None:
    spans = plan(found, gap=gap, most=most)
    assert sorted(each.key for span in spans for each in span.registers) == sorted(each.key for each in found)
    for span in spans:
        assert 0 < span.count <= (MOST_BITS if span.kind.is_bits else most)
        for each in span.registers:
            assert span.start <= each.address < each.end <= span.end
            assert each.kind is span.kind


@given(maps, st.integers(0, 20))
def test_nothing_is_read_along_beyond_the_gap(found: list[Register], gap: int) -> None:
    for span in plan(found, gap=gap):
        wanted = {address for each in span.registers for address in range(each.address, each.end)}
        holes = "".join("x" if address in wanted else "." for address in range(span.start, span.end)).split("x")
        assert max(map(len, holes)) <= gap


@given(maps)
def test_each_register_gets_its_own_part_of_the_answer(found: list[Register]) -> None:
    for span in plan(found):
        for each, words in span.cut(range(span.start, span.end)):
            assert list(words) == list(range(each.address, each.end))


@given(maps)
def test_split_requests_read_each_value_alone(found: list[Register]) -> None:
    for span in plan(found, gap=20):
        parts = split(span)
        assert {each.key for part in parts for each in part.registers} == {each.key for each in span.registers}
        assert all((part.start, part.end) == (each.address, each.end) for part in parts for each in part.registers)


def test_neighbours_come_in_one_request() -> None:
    found = [register("holding", 0, "int16"), register("holding", 1, "float32"), register("holding", 4, "int16")]
    assert [(span.start, span.count) for span in plan(found)] == [(0, 3), (4, 1)]
    assert [(span.start, span.count) for span in plan(found, gap=1)] == [(0, 5)]
