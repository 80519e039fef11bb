from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.security.chain import AUDIT, START, ChainCheck, Link, Row, Verification, account, decode, digest, encode

Stored = tuple[Row, bytes]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
fields = st.tuples(
    st.floats(0, 4e9), st.none() | st.integers(1, 50), texts, texts, texts, st.none() | texts, st.none() | texts
)


def chained(contents: Sequence[tuple[object, ...]], after: Link = START) -> list[Stored]:
    rows: list[Stored] = []
    for time, of, kind, subject, caller, user_id, context_id in contents:
        row = Row(after.number + 1, time, of, kind, subject, caller, user_id, context_id, "{}", None)  # type: ignore[arg-type]
        after = Link(row.number, digest(after.hash, row))
        rows.append((row, after.hash))
    return rows


def check(rows: Sequence[Stored], anchor: Link | None = None) -> Verification:
    checking = ChainCheck(anchor)
    for row, stored in rows:
        checking.feed(row, stored)
    return checking.finish()


def anchor_of(rows: Sequence[Stored]) -> Link:
    return Link(rows[-1][0].number, rows[-1][1])


chains = st.lists(fields, min_size=1, max_size=12).map(chained)


@given(chains)
def test_an_untouched_chain_is_sound(rows: list[Stored]) -> None:
    found = check(rows, anchor_of(rows))
    assert found.ok
    assert (found.rows, found.head) == (len(rows), anchor_of(rows))


@given(chains, st.data())
def test_any_change_of_any_field_is_found_at_its_row(rows: list[Stored], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    row, stored = rows[index]
    name = data.draw(st.sampled_from([name for name in Row._fields if name != "number"]))
    kinds: dict[str, st.SearchStrategy[Any]] = {"time": st.floats(0, 4e9), "of": st.none() | st.integers(1, 50)}
    changed = row._replace(**{name: data.draw(kinds.get(name, texts))})
    assume(encode(changed) != encode(row))
    rows[index] = (changed, stored)
    assert check(rows).number == row.number


@given(chains, st.data())
def test_a_row_changed_with_its_hash_made_to_fit_is_found(rows: list[Stored], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    row = rows[index][0]._replace(subject="somebody else")
    before = rows[index - 1][1] if index else START.hash
    anchor = anchor_of(rows)
    rows[index] = (row, digest(before, row))
    assert not check(rows, anchor).ok


@given(chains, st.data())
def test_a_missing_row_is_found(rows: list[Stored], data: st.DataObject) -> None:
    anchor = anchor_of(rows)
    del rows[data.draw(st.integers(0, len(rows) - 1))]
    assert not check(rows, anchor).ok


@given(chains, st.data())
def test_rows_that_changed_places_are_found(rows: list[Stored], data: st.DataObject) -> None:
    places = st.integers(0, len(rows) - 1)
    one, other = data.draw(st.tuples(places, places).filter(lambda pair: rows[pair[0]][0][1:] != rows[pair[1]][0][1:]))
    first, second = rows[one], rows[other]
    rows[one] = (second[0]._replace(number=first[0].number), second[1])
    rows[other] = (first[0]._replace(number=second[0].number), first[1])
    assert not check(rows).ok


@given(chains, fields, st.data())
def test_a_row_put_in_between_is_found(rows: list[Stored], content: tuple[object, ...], data: st.DataObject) -> None:
    anchor = anchor_of(rows)
    index = data.draw(st.integers(0, len(rows) - 1))
    before = Link(index, rows[index - 1][1] if index else START.hash)
    moved = [(row._replace(number=row.number + 1), stored) for row, stored in rows[index:]]
    assert not check([*rows[:index], *chained([content], before), *moved], anchor).ok


@given(chains, st.data())
def test_a_cut_off_end_is_found_with_the_anchor(rows: list[Stored], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(rows) - 1))
    found = check(rows[:kept], anchor_of(rows))
    assert found.number == kept + 1


@given(st.lists(fields, min_size=4, max_size=12).map(chained), st.data())
def test_old_rows_may_be_missing_if_a_row_accounts_for_them(rows: list[Stored], data: st.DataObject) -> None:
    through = data.draw(st.integers(1, len(rows) - 1))
    last = Link(through, rows[through - 1][1])
    end = anchor_of(rows)
    row = Row(end.number + 1, 0.0, None, AUDIT, "retention", "system", None, None, encode_detail(last), "accepted")
    rows.append((row, digest(end.hash, row)))
    assert check(rows).ok
    assert check(rows[through:], anchor_of(rows)).ok
    assert not check(rows[through - 1 :]).ok or through == 1
    assert not check(rows[through + 1 :]).ok
    assert not check(rows[through:-1]).ok


def encode_detail(link: Link) -> str:
    return orjson.dumps(account(link)).decode()


@given(chains)
def test_rows_survive_their_encoding(rows: list[Stored]) -> None:
    assert [decode(encode(row)) for row, _ in rows] == [row for row, _ in rows]


@pytest.mark.parametrize("line", [b"", b"[1, 2", b"{}", b"[1,2,3]", b"\xff\xfe"])
def test_half_a_line_is_no_row(line: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(line)


def test_values_that_no_row_can_hold_are_a_problem_and_no_crash() -> None:
    rows = chained([(1.0, None, "a", "b", "c", None, None)])
    row, stored = rows[0]
    assert check([(row._replace(subject=b"bytes"), stored)]).number == 1  # type: ignore[arg-type]
    assert dataclasses.is_dataclass(check([]))
