from __future__ import annotations

from typing import Any

import pytest

from hub.errors import NotFound
from hub.virtual import TodoList
from tests.virtual.conftest import House, Houses


def todo(house: House) -> TodoList:
    found = house.virtual.todo.find("todo.test")
    assert isinstance(found, TodoList)
    return found


def summaries(house: House) -> list[str]:
    return [task.summary for task in todo(house).tasks]


async def items(house: House, *status: str) -> list[dict[str, Any]]:
    result = await house.call("todo.get_items", "todo.test", status=list(status))
    assert result.response is not None
    rows: list[dict[str, Any]] = result.response["todo.test"]["items"]
    return rows


async def test_items_are_added_changed_done_and_removed(house: House) -> None:
    house.define("todo")
    await house.act("todo.add_item", "todo.test", item=" Milk ", description="2 l", due_date="2024-01-02")
    await house.act("todo.add_item", "todo.test", item="Bread", due_datetime="2024-01-02 10:00:00")
    assert house.shown("todo.test") == "2"
    milk, bread = await items(house, "needs_action")
    assert (milk["summary"], milk["description"], milk["due"]) == ("Milk", "2 l", "2024-01-02")
    assert bread["due"] == "2024-01-02T10:00:00+01:00"
    await house.act("todo.update_item", "todo.test", item="Milk", rename="Oat milk", status="completed")
    await house.act("todo.update_item", "todo.test", item=bread["uid"], description="rye")
    assert house.shown("todo.test") == "1"
    [done] = await items(house, "completed")
    assert (done["summary"], done["uid"], done["completed"][:10]) == ("Oat milk", milk["uid"], "2024-01-01")
    await house.act("todo.remove_completed_items", "todo.test")
    assert [row["description"] for row in await items(house, "needs_action", "completed")] == ["rye"]
    await house.act("todo.remove_item", "todo.test", item="Bread")
    assert house.shown("todo.test") == "0"


async def test_an_item_that_is_not_there_is_an_error(house: House) -> None:
    house.define("todo")
    for action, data in (("update_item", {"rename": "x"}), ("remove_item", {})):
        assert "Unable to find" in await house.error(f"todo.{action}", "todo.test", item="Milk", **data)


async def test_lists_outlast_a_restart(houses: Houses) -> None:
    house = await houses()
    house.define("todo")
    for item in ("a", "b"):
        await house.act("todo.add_item", "todo.test", item=item)
    before = await items(house, "needs_action")
    again = await houses()
    assert await items(again, "needs_action") == before


async def test_items_are_moved_behind_others(house: House) -> None:
    house.define("todo")
    for item in "abc":
        await house.act("todo.add_item", "todo.test", item=item)
    uids = {task.summary: task.uid for task in todo(house).tasks}
    for moved, behind, expected in [("c", None, "cab"), ("a", "b", "cba"), ("c", "a", "bac"), ("a", "a", "bac")]:
        todo(house).move(uids[moved], uids[behind] if behind else None)
        assert "".join(summaries(house)) == expected
    with pytest.raises(NotFound):
        todo(house).move("nothing", None)


async def test_whoever_listens_hears_of_changes_that_leave_the_number_as_it_is(house: House) -> None:
    house.define("todo")
    await house.act("todo.add_item", "todo.test", item="a")
    heard: list[list[str]] = []
    unlisten = todo(house).listen(lambda: heard.append(summaries(house)))
    await house.act("todo.update_item", "todo.test", item="a", rename="b")
    unlisten()
    await house.act("todo.add_item", "todo.test", item="c")
    assert heard == [["b"]]
