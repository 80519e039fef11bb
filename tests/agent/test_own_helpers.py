"""Timers and lists of the hub's own, spoken of in a whole hub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.core.callers import Caller
from hub.core.context import Context
from hub.testing import RunningHub, running_hub


class Talk:
    """A conversation with the hub's owner."""

    def __init__(self, running: RunningHub) -> None:
        self.running = running
        owner = running.hub.auth.users.owner()
        assert owner is not None
        self._owner = Caller.user(owner.user_id)

    async def say(self, text: str) -> str:
        """Return what is answered."""
        answer = await self.running.hub.conversation.process(
            text, user=self._owner, context=Context("test"), conversation_id="talk"
        )
        return str(answer["response"]["speech"]["plain"]["speech"])

    def state(self, entity_id: str) -> str:
        """Return an entity's state."""
        state = self.running.hub.states.get(entity_id)
        assert state is not None
        return state.state

    def make(self, domain: str, name: str, **values: str) -> None:
        """Define a helper."""
        self.running.hub.virtual.collections[domain].create({"name": name, **values})


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with running_hub(tmp_path / "home") as running:
        yield Talk(running)


async def test_a_timer_is_started_asked_about_changed_and_cancelled(talk: Talk) -> None:
    talk.make("timer", "Pizza Timer")
    talk.make("timer", "Watering", duration="0:30:00")

    assert await talk.say("set pizza timer for 10 minutes") == "Pizza Timer: 10 minutes, starting now."
    assert talk.state("timer.pizza_timer") == "active"
    left = await talk.say("pizza timer status")
    assert re.fullmatch(r"Pizza Timer has (10 minutes|9 minutes and 5\d seconds) left\.", left)
    assert await talk.say("add 5 minutes to pizza timer") == "Added 5 minutes to Pizza Timer."
    assert re.match(r"Pizza Timer has 1[45] minutes", await talk.say("pizza timer status"))
    assert await talk.say("pause the pizza timer") == "Paused Pizza Timer."
    assert talk.state("timer.pizza_timer") == "paused"
    assert await talk.say("resume pizza timer") == "Pizza Timer goes on."
    assert await talk.say("cancel all timers") == "Cancelled Pizza Timer."
    assert talk.state("timer.pizza_timer") == "idle"
    assert await talk.say("cancel the timer") == "No timer like that is running."


async def test_a_timer_without_a_name_is_one_that_nothing_depends_on(talk: Talk) -> None:
    assert await talk.say("设置10分钟计时器") == "还没有计时器，可以在面板中创建。"
    talk.make("timer", "Watering", duration="0:30:00")
    assert (await talk.say("set a timer for 5 minutes")).startswith("I found no free timer.")
    assert talk.state("timer.watering") == "idle"

    talk.make("timer", "计时器")
    assert await talk.say("设置10分钟计时器") == "计时器：10分钟，现在开始。"
    assert talk.state("timer.watering") == "idle"
    assert re.fullmatch("计时器还剩(10分钟|9分钟5\\d秒)。", await talk.say("计时器还剩多少时间"))


async def test_items_are_put_on_lists_read_ticked_and_taken_off(talk: Talk) -> None:
    talk.make("todo", "Shopping List")
    talk.make("todo", "Chores")

    assert await talk.say("what's on my shopping list") == "There is nothing on Shopping List."
    assert await talk.say("add oat milk to my shopping list") == "Put oat milk on Shopping List."
    assert await talk.say("把面包加到购物清单") == "已将面包加到Shopping List。"
    assert await talk.say("add laundry to my chores list") == "Put laundry on Chores."
    assert await talk.say("what's on my shopping list") == "On Shopping List: oat milk and 面包."
    assert await talk.say("what's on the chores list") == "On Chores: laundry."
    assert await talk.say("check off oat milk from my shopping list") == "Ticked oat milk off Shopping List."
    assert await talk.say("购物清单里有什么") == "Shopping List上有：面包。"
    assert await talk.say("remove laundry from my chores list") == "Took laundry off Chores."
    assert talk.state("todo.chores") == "0"


async def test_an_item_is_found_however_it_is_written(talk: Talk) -> None:
    talk.make("todo", "Shopping List")
    talk.running.hub.virtual.todo.find("todo.shopping_list").act("add_item", {"item": "Oat-Milk"})

    assert await talk.say("check off oat milk from my shopping list") == "Ticked Oat-Milk off Shopping List."
    assert talk.state("todo.shopping_list") == "0"
    assert (await talk.say("check off beer from my shopping list")).startswith("That did not work for Shopping List: ")
